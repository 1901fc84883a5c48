"""Job templates under a policy: what a request that names one may turn into at AWS. Pure.

AWS does not say which wins where template and request both have a member, so both readings must be allowed, and a
policy gives defaults only where neither has anything. A parameter's value is judged in its place: it may carry a role,
an option or a path. That a parameter inside of the role lets a caller choose any role is AWS's own warning (User Guide,
"Using job templates").
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.defaults import Json, with_defaults
from emrjobs.core.job_policy.members import judge_members
from emrjobs.core.job_policy.problems import Problem, Rule

_PLACE: Final = re.compile(r"\$\{([^{}]*)\}")
_FIELD: Final = "spec.jobTemplateParameters"
_OF_THE_REQUEST: Final = ("jobTemplateId", "jobTemplateParameters")


@dataclass(frozen=True, slots=True)
class Template:
    """What DescribeJobTemplate says of a template. Templates cannot be changed."""

    id: str
    data: Mapping[str, Any]
    """``jobTemplateData``."""


FindTemplate = Callable[[CompiledPolicy, str], Template | None]
"""The template of that id in the account of a policy's runs. None if it was not read yet."""


def no_template(_: CompiledPolicy, __: str) -> Template | None:
    """None was read."""
    return None


class TemplateProblem(ValueError):
    """Why an answer cannot be used as a template."""


def read_template(answer: object) -> Template:
    """The template of a DescribeJobTemplate answer. Raises TemplateProblem, also where AWS could not decrypt it."""
    found = answer.get("jobTemplate") if isinstance(answer, Mapping) else None
    if not isinstance(found, Mapping) or not isinstance(found.get("id"), str):
        raise TemplateProblem("is not the answer of DescribeJobTemplate")
    data = found.get("jobTemplateData")
    if found.get("decryptionError") or not isinstance(data, Mapping):
        raise TemplateProblem("AWS could not decrypt the template")
    return Template(found["id"], data)


def with_template_defaults(policy: CompiledPolicy, spec: Mapping[str, Any], template: Template) -> Json:
    """The request with what the policy enforces, and gives where neither request nor template has the member."""
    there, tags = _members(template.data), template.data.get("jobTags") or {}
    limit = policy.spec.limits.max_active_deadline_seconds
    merged = with_defaults(spec, {"tags": policy.enforced_tags} if policy.enforced_tags else {})
    given = {member: value for member, value in policy.defaults.items() if member not in there}
    default_tags = {key: value for key, value in policy.defaults.get("tags", {}).items() if key not in tags}
    merged = with_defaults(merged, {**given, **({"tags": default_tags} if default_tags else {})})
    return with_defaults(merged, {} if limit is None else {"activeDeadlineSeconds": limit})


def judge_template(policy: CompiledPolicy, spec: Mapping[str, Any], template: Template) -> Iterator[Problem]:
    """What is wrong with either reading of a request whose template the policy lists."""
    values = _values(template.data, spec.get("jobTemplateParameters") or {})
    missing: set[str] = set()
    filled = _members(_filled(template.data, values, missing))
    for name in sorted(missing):
        yield Problem(_FIELD, Rule.REQUIRED, f"must have {name}, for which the template has no default")
    own = {member: value for member, value in spec.items() if member not in _OF_THE_REQUEST}
    if not missing:
        readings = (_overlaid(filled, own), _overlaid(own, filled))
        for member in ("virtualClusterId", "executionRoleArn", "releaseLabel", "jobDriver"):
            if member not in readings[0]:
                yield Problem(f"spec.{member}", Rule.REQUIRED, "is required: neither request nor template has it")
        yield from dict.fromkeys(problem for reading in readings for problem in judge_members(policy, reading))


def _members(data: Mapping[str, Any]) -> Json:
    """The members of the request that a template gives."""
    known = {member: value for member, value in data.items() if member not in ("parameterConfiguration", "jobTags")}
    return {**known, **({"tags": data["jobTags"]} if data.get("jobTags") else {})}


def _overlaid(under: Mapping[str, Any], over: Mapping[str, Any]) -> Json:
    """Members of the one win, but for tags, of which each wins by itself."""
    tags = {**(under.get("tags") or {}), **(over.get("tags") or {})}
    return {**under, **over, **({"tags": tags} if tags else {})}


def _values(data: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    declared: Mapping[str, Mapping[str, Any]] = data.get("parameterConfiguration") or {}
    defaults = {name: each["defaultValue"] for name, each in declared.items() if each.get("defaultValue") is not None}
    return {**defaults, **given}


def _filled(value: Any, values: Mapping[str, str], missing: set[str]) -> Any:
    """With the parameters in their places, once: what a value holds is no place."""
    if isinstance(value, Mapping):
        return {name: _filled(inner, values, missing) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values, missing) for inner in value]
    if not isinstance(value, str):
        return value
    missing |= {name for name in _PLACE.findall(value) if name not in values}
    return _PLACE.sub(lambda found: values.get(found[1], ""), value)

"""Decides whether a request may run in its namespace, by which policy, and what that supplies. Pure.

Each policy for the namespace judges alone, in the order of names; the first that allows wins, so one policy more never
takes anything away. Whoever calls has all policies and, where a selector is used, the namespace's labels: nothing must
ever be decided by a list that is not complete yet.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from emrjobs.api import tags
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.defaults import Json, supplied, with_defaults
from emrjobs.core.job_policy.members import judge_members
from emrjobs.core.job_policy.problems import Problem, Rule
from emrjobs.core.job_policy.selector import Namespace
from emrjobs.core.job_policy.templates import (
    FindTemplate,
    Template,
    judge_template,
    no_template,
    with_template_defaults,
)

_REQUIRED: Final = ("virtualClusterId", "executionRoleArn", "releaseLabel", "jobDriver")


class PolicyMode(StrEnum):
    """What holds in a namespace that no policy is for."""

    REQUIRED = "required"
    """Nothing runs there."""
    OPTIONAL = "optional"
    """Everything runs there that the operator may."""


class RefusalReason(StrEnum):
    """Reasons of the Ready condition."""

    NOT_ALLOWED = "NotAllowed"
    NO_POLICY = "NoPolicy"
    POLICY_NOT_READY = "PolicyNotReady"
    CANNOT_BE_JUDGED = "CannotBeJudged"


@dataclass(frozen=True, slots=True)
class Allowed:
    """It may run, as the effective spec says."""

    effective: Json
    policy: CompiledPolicy | None = None
    """None where no policy is for the namespace and none is required."""
    supplied: Json | None = None
    """What the policy added, as a merge patch of the spec."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not run."""

    reason: RefusalReason
    problems: tuple[Problem, ...] = ()
    policy: CompiledPolicy | None = None
    template_needed: bool = False
    """Whether nothing is wrong but that the template was not given, which the policy lists."""

    @property
    def message(self) -> str:
        """What to do, in words for the author of the request."""
        if self.reason is RefusalReason.NO_POLICY:
            return "no EmrJobPolicy is for this namespace, so nothing may run here; ask whoever runs emrjobs"
        if self.reason is RefusalReason.POLICY_NOT_READY:
            return "the EmrJobPolicy for this namespace is not ready; ask whoever runs emrjobs"
        first, more = self.problems[0], len(self.problems) - 1
        return f"{first} (and {more} more)" if more else str(first)


Decision = Allowed | Refused


def decide(
    spec: Mapping[str, Any],
    namespace: Namespace,
    policies: Iterable[CompiledPolicy],
    mode: PolicyMode = PolicyMode.REQUIRED,
    *,
    object_name: str,
    templates: FindTemplate = no_template,
) -> Decision:
    """Judge a spec, as the models dump it: names on the wire, no nulls.

    ``templates`` finds the one that it names; without it such a request cannot be judged.
    """
    candidates = sorted((p for p in policies if p.namespaces.match(namespace)), key=lambda policy: policy.name)
    if not candidates:
        return Allowed(dict(spec)) if mode is PolicyMode.OPTIONAL else Refused(RefusalReason.NO_POLICY)
    refusals: list[Refused] = []
    for policy in candidates:
        marks = {tags.NAMESPACE: namespace.name, tags.NAME: object_name, tags.POLICY: policy.name}
        template = templates(policy, spec["jobTemplateId"]) if "jobTemplateId" in spec else None
        decision = _decide_by(policy, spec, marks if policy.spec.tag_runs else {}, template)
        if isinstance(decision, Allowed):
            return decision
        refusals.append(decision)
    return next((refused for refused in refusals if refused.template_needed), None) or _most_telling(refusals)


def effective_spec(policy: CompiledPolicy, spec: Mapping[str, Any]) -> Json:
    """The spec with all that the policy enforces and supplies."""
    limit = policy.spec.limits.max_active_deadline_seconds
    merged = with_defaults(spec, {"tags": policy.enforced_tags} if policy.enforced_tags else {})
    merged = with_defaults(merged, policy.defaults)
    return with_defaults(merged, {} if limit is None else {"activeDeadlineSeconds": limit})


def _decide_by(
    policy: CompiledPolicy, spec: Mapping[str, Any], marks: Mapping[str, str], template: Template | None
) -> Decision:
    if not policy.ready:
        return Refused(RefusalReason.POLICY_NOT_READY, policy=policy)
    problems: tuple[Problem, ...]
    if template is not None and spec.get("jobTemplateId") == template.id and policy.job_templates.match(template.id):
        effective = with_template_defaults(policy, spec, template)
        problems = tuple(judge_template(policy, effective, template))
    else:
        effective = effective_spec(policy, spec)
        problems = (*_incomplete(effective), *judge_members(policy, effective))
    problems += tuple(_too_many_tags(effective, template, tags.MOST - len(marks)))
    if not problems:
        marked = with_defaults(effective, {"tags": marks} if marks else {})
        return Allowed(marked, policy, supplied(spec, marked))
    unclear = all(problem.rule is Rule.CANNOT_BE_JUDGED for problem in problems)
    reason = RefusalReason.CANNOT_BE_JUDGED if unclear else RefusalReason.NOT_ALLOWED
    needed = template is None and [problem.field for problem in problems] == ["spec.jobTemplateId"] and unclear
    return Refused(reason, problems, policy, needed)


def _incomplete(effective: Mapping[str, Any]) -> Iterator[Problem]:
    for member in _REQUIRED:
        if member not in effective and "jobTemplateId" not in effective:
            yield Problem(f"spec.{member}", Rule.REQUIRED, "is required: neither the request nor the policy has it")


def _too_many_tags(effective: Mapping[str, Any], template: Template | None, most: int) -> Iterator[Problem]:
    keys = {*(effective.get("tags") or ()), *((template.data.get("jobTags") or ()) if template is not None else ())}
    if len(keys) > most:
        yield Problem("spec.tags", Rule.LIMIT, f"must be at most {most} with those of the policy")


def _most_telling(refusals: list[Refused]) -> Refused:
    """That of the first policy which allows the virtual cluster: most likely the one that was meant."""
    for refused in refusals:
        fields = {problem.field for problem in refused.problems}
        if refused.problems and "spec.virtualClusterId" not in fields:
            return refused
    return refusals[0]

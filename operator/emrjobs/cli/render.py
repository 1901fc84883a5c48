"""``emrjobs render``: the StartJobRun request that a manifest would send, without cluster or account.

Each request is one JSON object that ``aws emr-containers start-job-run --cli-input-json`` takes. It has no
``clientToken``: the operator sends the object's uid, which a manifest does not have yet.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from emrjobs.api.job_policy.kind import EMR_JOB_POLICY
from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.job_run.spec import EmrJobRunSpec
from emrjobs.api.manifest import Manifest, manifests
from emrjobs.api.yaml_documents import NotYaml
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.decision import Refused, decide
from emrjobs.core.job_policy.manifests import PolicyProblem, read_policies
from emrjobs.core.job_policy.selector import Namespace
from emrjobs.core.job_policy.templates import Template, TemplateProblem, read_template
from emrjobs.core.job_run.parsing import parse_partial_spec, parse_spec
from emrjobs.core.job_run.request import request
from emrjobs.core.parsing import SpecProblem

FINE: Final = 0
WRONG: Final = 1
"""At least one manifest breaks a rule, or may not run."""
UNREADABLE: Final = 2
"""A file cannot be read, is not YAML, or holds no object of the kind."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """What manifests are judged by."""

    policies: Sequence[CompiledPolicy]
    templates: Mapping[str, Template]
    """By their ids."""

    def template(self, _: CompiledPolicy, template_id: str) -> Template | None:
        """The template of that id, which stands for the account's."""
        return self.templates.get(template_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    files: Sequence[str]
    policies: Sequence[str] = ()
    """Files of EmrJobPolicies. None: no policy holds."""
    namespace: str | None = None
    """Where manifests go that name no namespace."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of that namespace."""
    templates: Sequence[str] = ()
    """Files with answers of DescribeJobTemplate, by which policies judge requests that name a template."""


def main(wanted: Wanted) -> int:
    """Render all files, ``-`` being the standard input. Problems go to stderr; the exit code is the worst."""
    policies: list[CompiledPolicy] = []
    for file in wanted.policies:
        code = _add_policies(file, policies)
        if code != FINE:
            return code
    templates: dict[str, Template] = {}
    if not all(_add_template(file, templates) for file in wanted.templates):
        return UNREADABLE
    rules = _Rules(policies, templates)
    return max([_render(file, wanted, rules) for file in wanted.files] or [UNREADABLE])


def _add_template(file: str, templates: dict[str, Template]) -> bool:
    try:
        template = read_template(json.loads(_text(file)))
    except (OSError, UnicodeDecodeError, TemplateProblem) as error:
        print(f"{file}: {error if isinstance(error, TemplateProblem) else _why(error)}", file=sys.stderr)
        return False
    except (ValueError, RecursionError):
        print(f"{file}: is not JSON", file=sys.stderr)
        return False
    templates[template.id] = template
    return True


def _add_policies(file: str, policies: list[CompiledPolicy]) -> int:
    try:
        policies += read_policies(_text(file))
    except PolicyProblem as error:
        for line in str(error).splitlines():
            print(f"{file}: {line}", file=sys.stderr)
        return WRONG
    except (OSError, UnicodeDecodeError, NotYaml) as error:
        print(f"{file}: {_why(error)}", file=sys.stderr)
        return UNREADABLE
    return FINE


def _render(file: str, wanted: Wanted, rules: _Rules) -> int:
    runs = _read(file)
    return max([_render_one(file, run, wanted, rules) for run in runs] or [UNREADABLE])


def _read(file: str) -> list[Manifest]:
    """The EmrJobRuns of a file; none if there is none, which is said."""
    kind = EMR_JOB_RUN
    try:
        found = list(manifests(_text(file), kind))
    except (OSError, UnicodeDecodeError, NotYaml) as error:
        print(f"{file}: {_why(error)}", file=sys.stderr)
        return []
    for other in found:
        if isinstance(other, str):
            print(f"{file}: {other!r} is not an {kind.kind}: passed over", file=sys.stderr)
    wanted = [each for each in found if isinstance(each, Manifest)]
    if not wanted:
        print(f"{file}: holds no {kind.kind}", file=sys.stderr)
    return wanted


def _text(file: str) -> str:
    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return raw.decode("utf-8-sig")


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or "cannot be read"
    return str(error) if isinstance(error, NotYaml) else "is not UTF-8"


def _render_one(file: str, run: Manifest, wanted: Wanted, rules: _Rules) -> int:
    spec = _under_policies(file, run, wanted, rules) if wanted.policies else parse_spec(run.spec)
    if spec is None or _explain(file, run, _problems(run, spec)) or isinstance(spec, SpecProblem):
        return WRONG
    print(json.dumps(request(spec, object_name=run.object_name), indent=2))
    return FINE


def _under_policies(file: str, run: Manifest, wanted: Wanted, rules: _Rules) -> EmrJobRunSpec | SpecProblem | None:
    """The spec with what a policy supplies; None if it may not run, which is said."""
    partial = parse_partial_spec(run.spec)
    name = run.namespace or wanted.namespace
    if isinstance(partial, SpecProblem) or not name:
        missing = () if name else ("metadata.namespace: is required under a policy; or give --namespace",)
        _explain(file, run, [*_problems(run, partial), *missing])
        return None
    given = partial.model_dump(by_alias=True, exclude_unset=True, exclude_none=True, mode="json")
    labels = wanted.labels if name == wanted.namespace else {}
    namespace = Namespace(name, labels)
    decision = decide(given, namespace, rules.policies, object_name=run.object_name, templates=rules.template)
    if isinstance(decision, Refused):
        _explain(file, run, [f"{decision.reason}: {decision.message}"])
        return None
    if decision.policy is not None:
        text = (
            f"allowed by {EMR_JOB_POLICY.kind} {decision.policy.name}, which supplied {json.dumps(decision.supplied)}"
        )
        print(_said(file, run, text), file=sys.stderr)
    return parse_spec(decision.effective)


def _problems(manifest: Manifest, spec: object) -> Iterator[str]:
    yield from manifest.problems
    if manifest.spec is None:
        yield "spec: is required"
    elif isinstance(spec, SpecProblem):
        yield from map(str, spec.problems)


def _explain(file: str, manifest: Manifest, problems: Iterator[str] | Sequence[str]) -> bool:
    """Say what is wrong; whether anything is."""
    said = [_said(file, manifest, problem) for problem in problems]
    for line in said:
        print(line, file=sys.stderr)
    return bool(said)


def _said(file: str, manifest: Manifest, text: str) -> str:
    return f"{file}: {EMR_JOB_RUN.kind} {manifest.object_name or '(without a name)'}: {text}"

"""EmrJobPolicies of a file. Pure."""

from collections.abc import Iterator

from emrjobs.api.job_policy.kind import EMR_JOB_POLICY
from emrjobs.api.manifest import Manifest, manifests
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.parsing import parse_policy
from emrjobs.core.parsing import SpecProblem


class PolicyProblem(ValueError):
    """Why the policies of a file cannot be used, all of it, a line each."""


def read_policies(text: str) -> list[CompiledPolicy]:
    """The policies of a file, which may hold other kinds too. Raises PolicyProblem, and NotYaml.

    One that is broken breaks the file: to leave it out would open what it closes, or close what it opens.
    """
    found = [each for each in manifests(text, EMR_JOB_POLICY) if isinstance(each, Manifest)]
    if not found:
        raise PolicyProblem(f"holds no {EMR_JOB_POLICY.kind}")
    problems = list(_repeated(found))
    policies = []
    for manifest in found:
        spec = parse_policy(manifest.spec)
        if manifest.problems or isinstance(spec, SpecProblem):
            problems += [_said(manifest, problem) for problem in manifest.problems]
            problems += [_said(manifest, str(problem)) for problem in getattr(spec, "problems", ())]
        else:
            policies.append(CompiledPolicy(manifest.object_name, spec))
    if problems:
        raise PolicyProblem("\n".join(problems))
    return policies


def _repeated(found: list[Manifest]) -> Iterator[str]:
    names = [manifest.object_name for manifest in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{EMR_JOB_POLICY.kind} {name}: is there more than once"


def _said(manifest: Manifest, problem: str) -> str:
    return f"{EMR_JOB_POLICY.kind} {manifest.object_name or '(without a name)'}: {problem}"

"""An EmrJobPolicy as the API server last showed it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from emrjobs.api.job_policy.kind import EMR_JOB_POLICY
from emrjobs.api.job_policy.namespaces import Namespaces
from emrjobs.api.job_policy.spec import Aws, EmrJobPolicySpec
from emrjobs.api.job_policy.status import EmrJobPolicyStatus, PolicyReason
from emrjobs.api.kind import Kind
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.parsing import parse_policy
from emrjobs.core.parsing import SpecProblem, read_spec


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of a spec."""

    policy: CompiledPolicy | None
    """What requests are judged by. None where it cannot even be read for which namespaces it is."""
    reason: PolicyReason = PolicyReason.ACCEPTED
    message: str = "Requests of its namespaces are judged by it"


@dataclass(frozen=True, slots=True)
class PolicyResource:
    """One object. ``resource_version`` guards every write."""

    kind: ClassVar[Kind] = EMR_JOB_POLICY
    namespace: ClassVar[str] = ""
    uid: str
    name: str
    resource_version: str
    generation: int
    reading: Reading
    status: EmrJobPolicyStatus
    finalizers: tuple[str, ...] = ()
    deleting: bool = False
    exists: bool = True

    @property
    def finished(self) -> bool:
        """A policy has no end."""
        return False

    @property
    def has_finalizer(self) -> bool:
        """Whether our finalizer is on the object."""
        return self.kind.finalizer in self.finalizers

    @property
    def names_aws(self) -> bool | None:
        """Whether it names an account or Region. None where it cannot be read."""
        policy = self.reading.policy
        if policy is None or self.reading.reason is PolicyReason.INVALID_SPEC:
            return None
        return policy.spec.aws != Aws()

    def gone(self) -> Self:
        """The same object, deleted."""
        return replace(self, exists=False)

    def log_fields(self) -> dict[str, str]:
        """Never anything that its spec holds."""
        return {"policy": self.name, "uid": self.uid}


def read_policy(name: str, generation: int, raw: object, *, selectors: bool, deleting: bool = False) -> Reading:
    """What a spec says. One that cannot be kept still is for its namespaces, and allows nothing there.

    So a mistake never opens a namespace where policies are optional. ``selectors``: whether labels of namespaces are
    known.
    """
    spec = parse_policy(raw)
    if isinstance(spec, SpecProblem):
        text = f"The spec cannot be read: {spec}"
        return Reading(_for_its_namespaces(name, generation, raw), PolicyReason.INVALID_SPEC, text)
    if spec.namespaces.selector is not None and not selectors:
        text = "spec.namespaces.selector: the operator does not read labels of namespaces (EMRJOBS_POLICY_SELECTORS)"
        policy = CompiledPolicy(name, spec, generation=generation, ready=False)
        return Reading(policy, PolicyReason.NAMESPACES_NOT_READABLE, text)
    if deleting:
        text = "It is being deleted: it allows nothing more, and the runs that it allowed are followed to their end"
        policy = CompiledPolicy(name, spec, generation=generation, ready=False)
        return Reading(policy, PolicyReason.TERMINATING, text)
    return Reading(CompiledPolicy(name, spec, generation=generation))


def _for_its_namespaces(name: str, generation: int, raw: object) -> CompiledPolicy | None:
    given: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
    namespaces = read_spec(Namespaces, given.get("namespaces"))
    if isinstance(namespaces, SpecProblem):
        return None
    return CompiledPolicy(name, EmrJobPolicySpec(namespaces=namespaces), generation=generation, ready=False)

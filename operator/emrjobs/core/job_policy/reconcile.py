"""What the status of an EmrJobPolicy says, and when it is written. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_policy.status import EmrJobPolicyStatus, PolicyReason
from emrjobs.core.conditions import set_conditions
from emrjobs.core.effects import AddFinalizer, Forget, ObjectEffect, PatchStatus, RemoveFinalizer, Wait
from emrjobs.core.job_policy.neighbours import Neighbours
from emrjobs.core.job_policy.problems import listed
from emrjobs.core.job_policy.resource import PolicyResource

_Told = tuple[dict[ConditionType, str], PolicyReason, str]
_OF_OTHERS: Final = (ConditionType.OVERLAPS, ConditionType.SHARED)
_ACCEPTED: Final = {ConditionType.READY: "True"}
_IN_PROGRESS: Final = {ConditionType.READY: "False", ConditionType.RECONCILING: "True"}
_NOT_READY: Final = {ConditionType.READY: "False", ConditionType.STALLED: "True"}
_UNREACHABLE: Final = (
    "Requests of its namespaces are judged by it, and wait: the role of its account cannot be assumed, "
    "or AWS cannot be reached in its Region"
)


@dataclass(frozen=True, slots=True)
class Reach:
    """The account and Region that it names, or the operator's own."""

    account: str | None = None
    region: str | None = None
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Who uses a policy."""

    active_runs: int = 0
    queued_runs: int = 0
    namespaces: int = 0
    reach: Reach = field(default_factory=Reach)
    neighbours: Neighbours = field(default_factory=Neighbours)

    def members(self) -> dict[str, Any]:
        """As the status has them."""
        return {
            "account": self.reach.account,
            "region": self.reach.region,
            "active_runs": self.active_runs,
            "queued_runs": self.queued_runs,
            "namespaces": self.namespaces,
        }


def decide(policy: PolicyResource, usage: Usage | None, now: datetime) -> tuple[str, ObjectEffect | Wait | Forget]:
    """The effect to carry out, and the name of the rule that asks for it. ``usage``: None while it is not known."""
    if not policy.exists:
        return "policy_gone", Forget()
    if policy.names_aws and not policy.deleting and not policy.has_finalizer:
        return "policy_unprotected", AddFinalizer()
    needed = policy.names_aws is not False and not policy.deleting
    if policy.has_finalizer and not needed and usage is not None and usage.active_runs == 0:
        return "policy_not_in_use", RemoveFinalizer()
    status = _status(policy, usage, now)
    if status == policy.status:
        return "policy_told", Wait()
    return "policy_untold", PatchStatus(status)


def _status(policy: PolicyResource, usage: Usage | None, now: datetime) -> EmrJobPolicyStatus:
    before, generation = policy.status, policy.generation
    told = [_ready(policy, usage), *(_neighbours(usage.neighbours) if usage is not None else ())]
    conditions = tuple(
        condition
        for statuses, reason, message in told
        for condition in set_conditions(statuses, before.conditions, reason, message, generation, now)
    )
    # What was told of others stays until it is counted again.
    kept = tuple(known for known in before.conditions if known.type in _OF_OTHERS) if usage is None else ()
    return before.model_copy(
        update={
            "observed_generation": generation,
            "conditions": conditions + kept,
            **(usage.members() if usage is not None else {}),
        }
    )


def _neighbours(found: Neighbours) -> Iterator[_Told]:
    if others := found.overlapping:
        text = f"Namespaces of its are also those of {listed(others)}: any of them may allow a request there"
        yield {ConditionType.OVERLAPS: "True"}, PolicyReason.SAME_NAMESPACES, text
    if others := found.sharing:
        text = (
            f"Virtual clusters are shared with {listed(others)}: whoever runs code in one reaches all roles used there"
        )
        yield {ConditionType.SHARED: "True"}, PolicyReason.SAME_VIRTUAL_CLUSTERS, text


def _ready(policy: PolicyResource, usage: Usage | None) -> _Told:
    reading = policy.reading
    if reading.reason is PolicyReason.TERMINATING:
        return _IN_PROGRESS, reading.reason, reading.message
    if reading.reason is not PolicyReason.ACCEPTED:
        return _NOT_READY, reading.reason, reading.message
    if usage is not None and usage.reach.unreachable:
        return _IN_PROGRESS, PolicyReason.ACCOUNT_UNREACHABLE, _UNREACHABLE
    return _ACCEPTED, reading.reason, reading.message

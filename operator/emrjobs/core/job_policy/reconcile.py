"""What the status of an EmrJobPolicy says, and when it is written. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_policy.status import EmrJobPolicyStatus, PolicyReason
from emrjobs.core.conditions import set_conditions
from emrjobs.core.effects import AddFinalizer, Forget, ObjectEffect, PatchStatus, RemoveFinalizer, Wait
from emrjobs.core.job_policy.resource import PolicyResource

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
    before = policy.status
    statuses, reason, message = _ready(policy, usage)
    return before.model_copy(
        update={
            "observed_generation": policy.generation,
            "conditions": set_conditions(statuses, before.conditions, reason, message, policy.generation, now),
            **(usage.members() if usage is not None else {}),
        }
    )


def _ready(policy: PolicyResource, usage: Usage | None) -> tuple[dict[ConditionType, str], PolicyReason, str]:
    reading = policy.reading
    if reading.reason is PolicyReason.TERMINATING:
        return _IN_PROGRESS, reading.reason, reading.message
    if reading.reason is not PolicyReason.ACCEPTED:
        return _NOT_READY, reading.reason, reading.message
    if usage is not None and usage.reach.unreachable:
        return _IN_PROGRESS, PolicyReason.ACCOUNT_UNREACHABLE, _UNREACHABLE
    return _ACCEPTED, reading.reason, reading.message

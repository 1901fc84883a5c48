"""What the status of an EmrJobPolicy says, and when it is written. Pure."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_policy.status import EmrJobPolicyStatus, PolicyReason
from emrjobs.core.conditions import set_conditions
from emrjobs.core.effects import Forget, ObjectEffect, PatchStatus, Wait
from emrjobs.core.job_policy.resource import PolicyResource

_ACCEPTED: Final = {ConditionType.READY: "True"}
_NOT_READY: Final = {ConditionType.READY: "False", ConditionType.STALLED: "True"}


@dataclass(frozen=True, slots=True)
class Usage:
    """Who uses a policy."""

    active_runs: int = 0
    queued_runs: int = 0
    namespaces: int = 0


def decide(policy: PolicyResource, usage: Usage | None, now: datetime) -> tuple[str, ObjectEffect | Wait | Forget]:
    """The effect to carry out, and the name of the rule that asks for it. ``usage``: None while it is not known."""
    if not policy.exists:
        return "policy_gone", Forget()
    status = _status(policy, usage, now)
    if status == policy.status:
        return "policy_told", Wait()
    return "policy_untold", PatchStatus(status)


def _status(policy: PolicyResource, usage: Usage | None, now: datetime) -> EmrJobPolicyStatus:
    reading, before = policy.reading, policy.status
    statuses = _ACCEPTED if reading.reason is PolicyReason.ACCEPTED else _NOT_READY
    counts = {} if usage is None else asdict(usage)
    return before.model_copy(
        update={
            "observed_generation": policy.generation,
            "conditions": set_conditions(
                statuses, before.conditions, reading.reason, reading.message, policy.generation, now
            ),
            **counts,
        }
    )

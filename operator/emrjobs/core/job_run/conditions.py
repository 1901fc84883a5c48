"""Situation -> the whole set of conditions. Pure: one table.

A type that the table does not name for a situation is absent, as kstatus expects of
Reconciling and Stalled.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Final

from emrjobs.api.conditions import Condition, ConditionType
from emrjobs.api.job_run.reasons import Reason
from emrjobs.core.conditions import set_conditions

T: Final = "True"
F: Final = "False"


class Situation(Enum):
    """Where the object stands, as far as conditions go."""

    ACTIVE = "queued, running, cancelling, backing off"
    COMPLETE = "the run completed"
    FAILED = "the run failed, was cancelled, ran out of time, or is lost"
    REFUSED = "AWS or policy refused the request"
    SUSPENDED = "held, or cancelled to be resumed"


_TABLE: Final[Mapping[Situation, Mapping[ConditionType, str]]] = {
    Situation.ACTIVE: {ConditionType.READY: F, ConditionType.RECONCILING: T},
    Situation.COMPLETE: {ConditionType.READY: T, ConditionType.COMPLETE: T, ConditionType.FINISHED: T},
    Situation.FAILED: {
        ConditionType.READY: F,
        ConditionType.STALLED: T,
        ConditionType.FAILED: T,
        ConditionType.FINISHED: T,
    },
    Situation.REFUSED: {ConditionType.READY: F, ConditionType.STALLED: T},
    Situation.SUSPENDED: {ConditionType.READY: T, ConditionType.SUSPENDED: T},
}


def conditions(
    situation: Situation,
    previous: Sequence[Condition],
    reason: Reason,
    message: str,
    generation: int,
    now: datetime,
) -> tuple[Condition, ...]:
    """The conditions of a situation."""
    return set_conditions(_TABLE[situation], previous, reason, message, generation, now)

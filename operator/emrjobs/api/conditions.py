"""Conditions in the form of the Kubernetes API conventions, and the types that our kinds use. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from emrjobs.api.interning import Instant, Word
from emrjobs.api.model import StatusModel


class ConditionType(StrEnum):
    """``Reconciling`` and ``Stalled`` are absent when they do not apply, as kstatus expects."""

    READY = "Ready"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    COMPLETE = "Complete"
    FAILED = "Failed"
    SUSPENDED = "Suspended"
    FINISHED = "Finished"
    OVERLAPS = "Overlaps"
    SHARED = "Shared"


class Condition(StatusModel):
    """A condition in the form of the Kubernetes API conventions."""

    type: Word = Field(description="Type of the condition, in CamelCase.")
    status: Word = Field(description="True, False or Unknown.")
    observed_generation: int | None = Field(
        default=None, description="Generation of the object that the condition was set for."
    )
    last_transition_time: Instant | None = Field(
        default=None, description="When the condition last changed from one status to another."
    )
    reason: Word = Field(default="", description="One CamelCase word that says why.")
    message: Word = Field(default="", description="The same for people.")


def find_condition(conditions: Iterable[Condition], type_: str) -> Condition | None:
    """The condition of that type, if it is set."""
    return next((condition for condition in conditions if condition.type == type_), None)

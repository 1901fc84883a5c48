"""The status of an EmrJobPolicy: whether it counts, and what it is for. Pure."""

from enum import StrEnum

from pydantic import Field

from emrjobs.api.conditions import Condition
from emrjobs.api.model import StatusModel


class PolicyReason(StrEnum):
    """Reasons of the Ready condition."""

    ACCEPTED = "Accepted"
    INVALID_SPEC = "InvalidSpec"
    NAMESPACES_NOT_READABLE = "NamespacesNotReadable"
    """It selects by labels, and the operator does not read namespaces."""


class EmrJobPolicyStatus(StatusModel):
    """Written by the operator alone."""

    observed_generation: int | None = Field(default=None, description="The newest generation that was taken in.")
    conditions: tuple[Condition, ...] = Field(
        default=(), description="Ready: requests are judged by it. False: it allows nothing to its namespaces."
    )
    active_runs: int | None = Field(
        default=None, description="Job runs that it allowed and that have not ended. Written at most every 30 s."
    )
    queued_runs: int | None = Field(
        default=None, description="Objects that wait for limits.maxActiveRuns. Written at most every 30 s."
    )
    namespaces: int | None = Field(
        default=None, description="Number of namespaces with EmrJobRuns that it is for. Written at most every 30 s."
    )

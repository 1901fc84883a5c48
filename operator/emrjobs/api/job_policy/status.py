"""The status of an EmrJobPolicy: whether it counts, and what it is for. Pure."""

from enum import StrEnum

from pydantic import Field

from emrjobs.api.conditions import Condition
from emrjobs.api.interning import Word
from emrjobs.api.model import StatusModel


class PolicyReason(StrEnum):
    """Reasons of the Ready condition."""

    ACCEPTED = "Accepted"
    INVALID_SPEC = "InvalidSpec"
    ACCOUNT_UNREACHABLE = "AccountUnreachable"
    """It counts, but the role of its account cannot be assumed, or AWS cannot be reached there."""
    SAME_NAMESPACES = "SameNamespaces"
    """Of Overlaps: another policy is for a namespace that this one is for."""
    SAME_VIRTUAL_CLUSTERS = "SameVirtualClusters"
    """Of Shared: a policy of other namespaces allows a virtual cluster that this one allows."""
    TERMINATING = "Terminating"
    """It is being deleted: nothing more is allowed, and what it allowed is followed to its end."""
    NAMESPACES_NOT_READABLE = "NamespacesNotReadable"
    """It selects by labels, and the operator does not read namespaces."""


class EmrJobPolicyStatus(StatusModel):
    """Written by the operator alone."""

    observed_generation: int | None = Field(default=None, description="The newest generation that was taken in.")
    conditions: tuple[Condition, ...] = Field(
        default=(),
        description=(
            "Ready: requests are judged by it. Overlaps: another policy is for a namespace of its. Shared: a policy "
            "of other namespaces allows a virtual cluster that it allows, so those teams are not separated."
        ),
    )
    account: Word | None = Field(default=None, description="AWS account of its role; absent where it names none.")
    region: Word | None = Field(default=None, description="Region of its virtual clusters.")
    active_runs: int | None = Field(
        default=None, description="Job runs that it allowed and that have not ended. Written at most every 30 s."
    )
    queued_runs: int | None = Field(
        default=None, description="Objects that wait for limits.maxActiveRuns. Written at most every 30 s."
    )
    namespaces: int | None = Field(
        default=None, description="Number of namespaces with EmrJobRuns that it is for. Written at most every 30 s."
    )

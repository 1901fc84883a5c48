"""Everything that a pass can decide to do: at most one of these, and each is safe to repeat. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emrjobs.api.conditions import Reason
from emrjobs.api.job_run.status import EmrJobRunStatus


@dataclass(frozen=True, slots=True)
class Event:
    """A Kubernetes Event that goes with a transition. It never holds values of the request."""

    reason: Reason
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class PatchStatus:
    """Write the status, guarded by uid and resourceVersion."""

    status: EmrJobRunStatus
    event: Event | None = None
    intent: bool = False
    """Whether this patch records the intent to submit."""


@dataclass(frozen=True, slots=True)
class AddFinalizer:
    """Add our finalizer."""


@dataclass(frozen=True, slots=True)
class RemoveFinalizer:
    """Remove our finalizer."""


@dataclass(frozen=True, slots=True)
class DeleteObject:
    """Delete this very version of the object."""


@dataclass(frozen=True, slots=True)
class ReserveStart:
    """Get in line for a place in the rate limit of StartJobRun."""

    again: bool = False
    """Whether this is a retry of a refused request, which ranks below first submissions."""


@dataclass(frozen=True, slots=True)
class StartJob:
    """Send StartJobRun. The request holds the token that the status holds."""

    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Send CancelJobRun."""

    virtual_cluster_id: str
    id: str


@dataclass(frozen=True, slots=True)
class DescribeJob:
    """Read the record of the run."""

    virtual_cluster_id: str
    id: str


@dataclass(frozen=True, slots=True)
class FindRun:
    """Look for the run that carries the token: by name and time, in all states, over all pages."""

    virtual_cluster_id: str
    name: str
    created_after: datetime
    client_token: str


@dataclass(frozen=True, slots=True)
class InspectCluster:
    """Ask whether the virtual cluster takes runs, to judge a refusal."""

    virtual_cluster_id: str


@dataclass(frozen=True, slots=True)
class ConfirmLoss:
    """Make sure that it is the right endpoint that denies knowing the run."""

    virtual_cluster_id: str
    arn: str | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do until the object changes, or that time comes."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Forget:
    """The object is gone, and nothing is owed."""


Effect = (
    PatchStatus
    | AddFinalizer
    | RemoveFinalizer
    | DeleteObject
    | ReserveStart
    | StartJob
    | CancelJob
    | DescribeJob
    | FindRun
    | InspectCluster
    | ConfirmLoss
)
Decision = Effect | Wait | Forget

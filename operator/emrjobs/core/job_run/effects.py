"""Everything that a pass over an EmrJobRun can decide to do: at most one of these, and each is safe to repeat. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emrjobs.api.job_run.status import EmrJobRunStatus
from emrjobs.core import effects
from emrjobs.core.effects import AddFinalizer as AddFinalizer
from emrjobs.core.effects import DeleteObject as DeleteObject
from emrjobs.core.effects import Event as Event
from emrjobs.core.effects import Forget as Forget
from emrjobs.core.effects import RemoveFinalizer as RemoveFinalizer
from emrjobs.core.effects import Wait as Wait


@dataclass(frozen=True, slots=True)
class PatchStatus(effects.PatchStatus):
    """Write the status of an EmrJobRun; ``intent`` says that a submission is about to begin."""

    status: EmrJobRunStatus


@dataclass(frozen=True, slots=True)
class ReadSpec:
    """Read the whole spec of the object, of which only an outline was kept."""


@dataclass(frozen=True, slots=True)
class ReserveStart:
    """Get in line for a place in the rate limit of StartJobRun."""

    again: bool = False
    """Whether this is a retry of a refused request, which ranks below first submissions."""


@dataclass(frozen=True, slots=True)
class AwaitPlace:
    """Get in line for one of the active runs that a policy allows."""

    policy: str


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
class ReadTemplate:
    """Read a job template, to judge a request that names it."""

    id: str


AwsEffect = StartJob | CancelJob | DescribeJob | FindRun | InspectCluster | ConfirmLoss | ReadTemplate

Effect = PatchStatus | AddFinalizer | RemoveFinalizer | DeleteObject | ReadSpec | AwaitPlace | ReserveStart | AwsEffect
Decision = Effect | Wait | Forget

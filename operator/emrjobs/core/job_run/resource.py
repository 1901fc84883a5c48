"""An EmrJobRun as the API server last showed it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from emrjobs.api.job_run.spec import EmrJobRunSpec
from emrjobs.api.job_run.status import EmrJobRunStatus
from emrjobs.api.names import FINALIZER
from emrjobs.core.job_run.lifecycle import Lifecycle
from emrjobs.core.job_run.parsing import SpecProblem


@dataclass(frozen=True, slots=True)
class Resource:
    """One object. ``resource_version`` guards every write."""

    uid: str
    namespace: str
    name: str
    resource_version: str
    generation: int
    spec: EmrJobRunSpec | SpecProblem | None
    """None once nothing asks for it any more, see ``spec_over``."""
    lifecycle: Lifecycle
    status: EmrJobRunStatus
    created_at: datetime | None = None
    deleting_since: datetime | None = None
    finalizers: tuple[str, ...] = ()
    exists: bool = True
    recreated_by: str | None = None
    """The tool that would create the object again if it were deleted."""

    @property
    def deleting(self) -> bool:
        """Whether the object waits for its finalizers to go."""
        return self.deleting_since is not None

    @property
    def has_finalizer(self) -> bool:
        """Whether our finalizer is on the object."""
        return FINALIZER in self.finalizers


def spec_over(status: EmrJobRunStatus) -> bool:
    """Whether nothing depends on what the spec requests: AWS has accepted it, or the object has reached its end.

    A new attempt needs it again. It begins with a status that shows it, and whoever shows that shows the spec too.
    """
    accepted = status.id is not None and status.virtual_cluster_id is not None and not status.between_attempts
    return accepted or status.finished

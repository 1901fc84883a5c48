"""An EmrJobRun as the API server last showed it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Self

from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.spec import PartialSpec
from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.api.kind import Kind
from emrjobs.core.job_run.large_spec import LARGE, LargeSpec
from emrjobs.core.job_run.lifecycle import Lifecycle
from emrjobs.core.parsing import SpecProblem


@dataclass(frozen=True, slots=True)
class Admitted:
    """The policies allow the request, and ``Resource.spec`` has all that they supply."""

    version: str
    """Of the policies that were asked."""
    policy: str | None = None
    """None where no policy is for the namespace, and none is required."""
    generation: int | None = None
    supplied: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class NotAdmitted:
    """The policies do not allow the request."""

    version: str
    reason: Reason
    message: str
    field: str = ""
    """The member of the spec that the message begins with, such as ``spec.tags``; empty where it is about none."""


@dataclass(frozen=True, slots=True)
class NotJudged:
    """The policies, the labels of the namespace, or the job template that the request names are not known yet."""

    template: str | None = None
    """The id of that template, where it is what is missing."""
    policy: str | None = None
    """The policy that asks for it, which says where it is."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One object. ``resource_version`` guards every write."""

    kind: ClassVar[Kind] = EMR_JOB_RUN
    uid: str
    namespace: str
    name: str
    resource_version: str
    generation: int
    spec: PartialSpec | LargeSpec | SpecProblem | None
    """An ``EmrJobRunSpec`` if it is whole. None once nothing asks for it any more, see ``spec_over``."""
    lifecycle: Lifecycle
    status: EmrJobRunStatus
    created_at: datetime | None = None
    deleting_since: datetime | None = None
    finalizers: tuple[str, ...] = ()
    exists: bool = True
    spec_size: int = 0
    """Bytes of the spec as JSON, where it was read."""
    admission: Admitted | NotAdmitted | NotJudged | None = None
    """What the policies said of the spec. None where none hold, or none was asked yet."""
    recreated_by: str | None = None
    """The tool that would create the object again if it were deleted."""

    @property
    def deleting(self) -> bool:
        """Whether the object waits for its finalizers to go."""
        return self.deleting_since is not None

    @property
    def has_finalizer(self) -> bool:
        """Whether our finalizer is on the object."""
        return self.kind.finalizer in self.finalizers

    @property
    def finished(self) -> bool:
        """Whether the object has reached its end for good."""
        return self.status.finished

    def gone(self) -> Self:
        """The same object, deleted."""
        return replace(self, exists=False)

    def log_fields(self) -> dict[str, str]:
        """Object, uid, and the run's id where there is one. Never anything that its spec holds."""
        run = {"run": self.status.id} if self.status.id else {}
        return {"object": f"{self.namespace}/{self.name}", "uid": self.uid, **run}


def keeps_whole_spec(size: int, status: EmrJobRunStatus) -> bool:
    """Whether the whole spec stays in memory: a small one, or one whose request is being sent."""
    being_sent = status.client_token is not None and status.id is None and status.state != State.REJECTED
    return size <= LARGE or being_sent


def spec_over(status: EmrJobRunStatus) -> bool:
    """Whether nothing depends on what the spec requests: AWS has accepted it, or the object has reached its end.

    A new attempt needs it again. It begins with a status that shows it, and whoever shows that shows the spec too.
    """
    accepted = status.id is not None and status.virtual_cluster_id is not None and not status.between_attempts
    return accepted or status.finished

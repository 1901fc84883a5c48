"""An EmrJobRun as the API server last showed it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from emrjobs.api.names import FINALIZER
from emrjobs.api.spec import EmrJobRunSpec
from emrjobs.api.status import EmrJobRunStatus
from emrjobs.core.reading import SpecProblem
from emrjobs.core.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Resource:
    """One object. ``resource_version`` guards every write."""

    uid: str
    namespace: str
    name: str
    resource_version: str
    generation: int
    spec: EmrJobRunSpec | SpecProblem
    wishes: Wishes
    status: EmrJobRunStatus
    created_at: datetime | None = None
    deleting_since: datetime | None = None
    finalizers: tuple[str, ...] = ()
    exists: bool = True
    keeper: str | None = None
    """The tool that would create the object again if it were deleted."""

    @property
    def deleting(self) -> bool:
        """Whether the object waits for its finalizers to go."""
        return self.deleting_since is not None

    @property
    def held(self) -> bool:
        """Whether our finalizer is on the object."""
        return FINALIZER in self.finalizers

"""An EmrJobRun as the API server last showed it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from emrjobs.api.names import FINALIZER
from emrjobs.api.spec import DeletionPolicy, EmrJobRunSpec
from emrjobs.api.status import EmrJobRunStatus
from emrjobs.core.reading import SpecProblem


@dataclass(frozen=True, slots=True)
class Wishes:
    """The members of the spec that may change after submission. Read leniently: they work even where
    the request part of the spec cannot be read."""

    deletion_policy: DeletionPolicy = DeletionPolicy.CANCEL

    @classmethod
    def read(cls, spec: object) -> "Wishes":
        """Anything but a plain ``Retain`` cancels: the safe reading of a broken value."""
        retain = isinstance(spec, Mapping) and spec.get("deletionPolicy") == DeletionPolicy.RETAIN
        return cls(DeletionPolicy.RETAIN if retain else DeletionPolicy.CANCEL)


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

    @property
    def deleting(self) -> bool:
        """Whether the object waits for its finalizers to go."""
        return self.deleting_since is not None

    @property
    def held(self) -> bool:
        """Whether our finalizer is on the object."""
        return FINALIZER in self.finalizers

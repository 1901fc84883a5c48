"""An API server with one EmrJobRun: guarded writes, a locked spec, finalizers, and a feed of changes."""

import copy
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from emrjobs.adapters.job_run.objects import resource_of, status_of
from emrjobs.adapters.merge_patch import status_patch
from emrjobs.api.job_run.kind import FINALIZER
from emrjobs.api.job_run.spec import EmrJobRunSpec
from emrjobs.api.job_run.status import EmrJobRunStatus
from emrjobs.core.job_run.resource import Resource
from tests.support.simulation.faults import Fault

UID: Final = "8c1b8a2e-5a3f-4f5e-9d59-2f6f2a9f6c11"
CLUSTERS: Final = ("0b0example0cluster0one", "0b0example0cluster0two")

Raw = dict[str, Any]


class Conflict(Exception):
    """The object has changed since it was read."""


class Gone(Exception):
    """There is no such object."""


class NoAnswer(Exception):
    """The API server gave no answer; perhaps it did what it was asked for."""


class ModelCluster:
    """``history`` holds every version in order; None says that the object is gone."""

    def __init__(self, created_at: datetime, members: Mapping[str, Any]) -> None:
        metadata = {
            "uid": UID,
            "namespace": "team-a",
            "name": "job",
            "resourceVersion": "1",
            "generation": 1,
            "creationTimestamp": created_at.isoformat(),
            "finalizers": [],
        }
        spec = {
            "virtualClusterId": CLUSTERS[0],
            "executionRoleArn": "arn:aws:iam::123456789012:role/job",
            "releaseLabel": "emr-7.9.0-latest",
            "jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "s3://b/job.py"}},
            **members,
        }
        self.raw: Raw | None = {"metadata": metadata, "spec": spec}
        self.history: list[Raw | None] = [copy.deepcopy(self.raw)]
        self.on_status: list[Callable[[EmrJobRunStatus, EmrJobRunStatus], None]] = []

    # ---- as users see it

    @property
    def current(self) -> Resource | None:
        return resource_of(self.raw) if self.raw is not None else None

    def change_spec(self, **members: Any) -> bool:
        """Edit the spec as a user does; false if the lock or the deletion forbids it."""
        if self.raw is None:
            return False
        locked = status_of(self.raw.get("status")).client_token is not None
        if locked and set(members) - set(EmrJobRunSpec.own_members()):
            return False
        spec = {**self.raw["spec"], **members}
        spec = {name: value for name, value in spec.items() if value is not None}
        if spec != self.raw["spec"]:
            self.raw["spec"] = spec
            self.raw["metadata"]["generation"] += 1
            self._changed()
        return True

    def delete(self, now: datetime) -> None:
        if self.raw is None or "deletionTimestamp" in self.raw["metadata"]:
            return
        self.raw["metadata"]["deletionTimestamp"] = now.isoformat()
        self.raw["metadata"]["generation"] += 1
        self._changed()

    def touch(self) -> None:
        """Somebody changes a label."""
        if self.raw is not None:
            self._changed()

    def force(self) -> None:
        """Somebody takes the finalizers off."""
        if self.raw is not None:
            self.raw["metadata"]["finalizers"] = []
            self._changed()

    # ---- as the operator sees it

    def patch_status(self, seen: Resource, status: EmrJobRunStatus, fault: Fault) -> Resource:
        """What came of a guarded merge patch of the status."""
        patch = status_patch(seen.status, status)
        assert patch, f"a status write that changes nothing: {status}"

        def write(raw: Raw) -> None:
            before = status_of(raw.get("status"))
            raw["status"] = merged(raw.get("status", {}), patch)
            for listener in self.on_status:
                listener(before, status_of(raw["status"]))

        return self._write(seen, write, fault)

    def set_finalizer(self, seen: Resource, held: bool, fault: Fault) -> Resource:
        """What came of a guarded change of our finalizer."""

        def write(raw: Raw) -> None:
            assert not (held and "deletionTimestamp" in raw["metadata"]), "no finalizer after deletion has begun"
            others = [name for name in seen.finalizers if name != FINALIZER]
            raw["metadata"]["finalizers"] = [*others, FINALIZER] if held else others

        return self._write(seen, write, fault)

    def delete_version(self, seen: Resource, fault: Fault, now: datetime) -> None:
        """Delete, guarded by the version."""
        if fault.happens:
            if self.raw is None:
                raise Gone
            if self.raw["metadata"]["resourceVersion"] != seen.resource_version:
                raise Conflict
            self.delete(now)
        if fault.code is not None:
            raise NoAnswer

    def _write(self, seen: Resource, write: Callable[[Raw], None], fault: Fault) -> Resource:
        answer: Raw | None = None
        if fault.happens:
            if self.raw is None:
                raise Gone
            if self.raw["metadata"]["resourceVersion"] != seen.resource_version:
                raise Conflict
            write(self.raw)
            answer = copy.deepcopy(self.raw)
            answer["metadata"]["resourceVersion"] = str(int(answer["metadata"]["resourceVersion"]) + 1)
            self._changed()
        if fault.code is not None or answer is None:
            raise NoAnswer
        return resource_of(answer)

    def _changed(self) -> None:
        assert self.raw is not None
        metadata = self.raw["metadata"]
        metadata["resourceVersion"] = str(int(metadata["resourceVersion"]) + 1)
        if "deletionTimestamp" in metadata and not metadata["finalizers"]:
            self.raw = None
        self.history.append(copy.deepcopy(self.raw))


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result

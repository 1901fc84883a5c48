"""Guarded writes of one object, whose answers enter the store at once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from emrjobs.adapters.kube import ConflictError, Kube, KubeError, NotFoundError
from emrjobs.core.effects import AddFinalizer, DeleteObject, ObjectEffect, PatchStatus, RemoveFinalizer
from emrjobs.runtime.event_recorder import EventRecorder
from emrjobs.runtime.health import FailureStreak
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.store import Entry, M, O, Store

Parse = Callable[[Mapping[str, Any], O | None], O]
"""The API server's JSON as a value. The version that is known, if any, saves reading an unchanged spec again."""


@dataclass(frozen=True, slots=True)
class ObjectWriter(Generic[O, M]):
    """Of the objects of one kind."""

    store: Store[O, M]
    kube: Kube
    parse: Parse[O]
    event_recorder: EventRecorder
    health: FailureStreak

    async def write(self, entry: Entry[O, M], effect: ObjectEffect) -> bool:
        """Carry it out; false if the object had changed or gone. Raises ``KubeError`` for what was refused."""
        match effect:
            case PatchStatus():
                return await self._patch_status(entry, effect)
            case AddFinalizer():
                return await self._guarded(entry, "finalizer", self.kube.set_finalizer(entry.resource, True))
            case RemoveFinalizer():
                return await self._remove_finalizer(entry)
            case DeleteObject():
                return await self._delete(entry)

    async def read(self, entry: Entry[O, M], parse: Parse[O] | None = None) -> None:
        """Take in the object as it is now; with ``parse``, also where it has not changed."""
        try:
            fresh = (parse or self.parse)(await self.kube.get(entry.resource), entry.resource)
        except NotFoundError:
            self.store.gone(entry.resource.uid)
            return
        if fresh.uid != entry.resource.uid:
            self.store.gone(entry.resource.uid)
        elif parse is not None and fresh.resource_version == entry.resource.resource_version:
            entry.resource = fresh
        self.store.apply(fresh)

    async def _patch_status(self, entry: Entry[O, M], effect: PatchStatus) -> bool:
        before = entry.resource
        written = await self._guarded(entry, "status", self.kube.patch_status(before, effect.status))
        if written and effect.event is not None:
            self.event_recorder.record(entry.resource, effect.event)
        return written

    async def _remove_finalizer(self, entry: Entry[O, M]) -> bool:
        """The last finalizer of a deleted object takes the object with it; the answer's version shows no change."""
        last = entry.resource.deleting and set(entry.resource.finalizers) <= {entry.resource.kind.finalizer}
        removed = await self._guarded(entry, "finalizer", self.kube.set_finalizer(entry.resource, False))
        if removed and last:
            self.store.gone(entry.resource.uid)
        return removed

    async def _delete(self, entry: Entry[O, M]) -> bool:
        METRICS.kube_writes.labels(kind="delete").inc()
        try:
            await self.kube.delete(entry.resource)
        except NotFoundError:
            self.store.gone(entry.resource.uid)
            return False
        except ConflictError:
            await self._read_after_conflict(entry)
            return False
        self.store.gone(entry.resource.uid)
        return True

    async def _guarded(self, entry: Entry[O, M], kind: str, write: Awaitable[Mapping[str, Any]]) -> bool:
        METRICS.kube_writes.labels(kind=kind).inc()
        before = entry.resource
        try:
            self.store.apply(self.parse(await write, before))
        except NotFoundError:
            self.store.gone(before.uid)
            return False
        except ConflictError:
            await self._read_after_conflict(entry)
            if entry.resource is before:
                raise  # nothing had changed, so trying again at once would change nothing either
            return False
        except KubeError as error:
            if not error.own_fault:
                self.health.failed()
            raise
        self.health.ok()
        return True

    async def _read_after_conflict(self, entry: Entry[O, M]) -> None:
        """What AWS told us stays in memory, the rest is decided anew."""
        METRICS.conflicts.inc()
        await self.read(entry)

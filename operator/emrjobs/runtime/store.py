"""The newest known world: every object, and what this process remembers of it. No I/O."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from emrjobs.core.job_run.memory import Memory
from emrjobs.core.job_run.resource import Resource

_NOTHING: Final = Memory()
"""One for all: values are frozen."""


@dataclass(slots=True)
class Entry:
    """One object and the memory of it."""

    resource: Resource
    memory: Memory


class Store:
    """By uid. Used by one event loop only."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._active: dict[str, dict[str, str]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Resource]:
        return (entry.resource for entry in list(self._entries.values()))

    def get(self, uid: str) -> Entry | None:
        """The entry, if the object is known."""
        return self._entries.get(uid)

    def apply(self, resource: Resource) -> bool:
        """Take in a version of an object; false if the same or a newer one was known."""
        entry = self._entries.get(resource.uid)
        if entry is None:
            self._entries[resource.uid] = Entry(resource, _NOTHING)
            self._index(resource)
            return True
        if not entry.resource.exists or not _newer(resource, entry.resource):
            return False
        self._unindex(entry.resource)
        entry.resource = resource
        if resource.status.finished:
            # It has no run any more that anything could be known of.
            entry.memory = _NOTHING
        self._index(resource)
        return True

    def gone(self, uid: str) -> bool:
        """Note that the object no longer exists; false if that was known, or the object never was."""
        entry = self._entries.get(uid)
        if entry is None or not entry.resource.exists:
            return False
        entry.resource = replace(entry.resource, exists=False)
        return True

    def forget(self, uid: str) -> None:
        """Drop all that is known."""
        entry = self._entries.pop(uid, None)
        if entry is not None:
            self._unindex(entry.resource)

    @property
    def clusters(self) -> tuple[str, ...]:
        """The virtual clusters with runs of ours that have not ended."""
        return tuple(self._active)

    def active(self, cluster: str) -> Mapping[str, str]:
        """The runs of ours in that virtual cluster that have not ended: uid by run id."""
        return self._active.get(cluster, {})

    def uid_of(self, run_id: str) -> str | None:
        """The object of a run that has not ended."""
        return next((runs[run_id] for runs in self._active.values() if run_id in runs), None)

    def _index(self, resource: Resource) -> None:
        status = resource.status
        if status.id and status.virtual_cluster_id and not status.finished and not status.between_attempts:
            self._active.setdefault(status.virtual_cluster_id, {})[status.id] = resource.uid

    def _unindex(self, resource: Resource) -> None:
        status = resource.status
        runs = self._active.get(status.virtual_cluster_id or "")
        if runs is not None and status.id is not None:
            runs.pop(status.id, None)
            if not runs:
                del self._active[status.virtual_cluster_id or ""]

    def renew_memories(self, change: Callable[[Memory], Memory]) -> None:
        """Apply a change to every memory."""
        for entry in self._entries.values():
            entry.memory = change(entry.memory)


def _newer(candidate: Resource, known: Resource) -> bool:
    """Versions of one object grow (Kubernetes API conventions since 1.35 let clients compare them)."""
    try:
        return int(candidate.resource_version) > int(known.resource_version)
    except ValueError:
        return candidate.resource_version != known.resource_version

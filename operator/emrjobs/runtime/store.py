"""The newest known objects of one kind, and what this process remembers of each. No I/O."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from emrjobs.core.objects import KubernetesObject

O = TypeVar("O", bound=KubernetesObject)  # noqa: E741 - an object; the other is its memory
O_contra = TypeVar("O_contra", bound=KubernetesObject, contravariant=True)
M = TypeVar("M")


@dataclass(slots=True)
class Entry(Generic[O, M]):
    """One object and the memory of it."""

    resource: O
    memory: M


class Index(Protocol[O_contra]):
    """Finds objects by something else than their uid. Told of every version that comes and goes."""

    def insert(self, resource: O_contra) -> None: ...

    def remove(self, resource: O_contra) -> None: ...


class Store(Generic[O, M]):
    """By uid. Used by one event loop only. ``blank``: the memory of an object that nothing is known of."""

    def __init__(self, blank: M, indexes: Sequence[Index[O]] = ()) -> None:
        self._blank = blank
        self._indexes = indexes
        self._entries: dict[str, Entry[O, M]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[O]:
        return (entry.resource for entry in list(self._entries.values()))

    def get(self, uid: str) -> Entry[O, M] | None:
        """The entry, if the object is known."""
        return self._entries.get(uid)

    def apply(self, resource: O) -> bool:
        """Take in a version of an object; false if the same or a newer one was known."""
        entry = self._entries.get(resource.uid)
        if entry is None:
            self._entries[resource.uid] = Entry(resource, self._blank)
            self._insert(resource)
            return True
        if not entry.resource.exists or not _newer(resource, entry.resource):
            return False
        self._remove(entry.resource)
        entry.resource = resource
        if resource.finished:
            entry.memory = self._blank
        self._insert(resource)
        return True

    def gone(self, uid: str) -> bool:
        """Note that the object no longer exists; false if that was known, or the object never was."""
        entry = self._entries.get(uid)
        if entry is None or not entry.resource.exists:
            return False
        entry.resource = entry.resource.gone()
        return True

    def forget(self, uid: str) -> None:
        """Drop all that is known."""
        entry = self._entries.pop(uid, None)
        if entry is not None:
            self._remove(entry.resource)

    def renew_memories(self, change: Callable[[M], M]) -> None:
        """Apply a change to every memory."""
        for entry in self._entries.values():
            entry.memory = change(entry.memory)

    def _insert(self, resource: O) -> None:
        for index in self._indexes:
            index.insert(resource)

    def _remove(self, resource: O) -> None:
        for index in self._indexes:
            index.remove(resource)


def _newer(candidate: KubernetesObject, known: KubernetesObject) -> bool:
    """Versions of one object grow (Kubernetes API conventions since 1.35 let clients compare them)."""
    try:
        return int(candidate.resource_version) > int(known.resource_version)
    except ValueError:
        return candidate.resource_version != known.resource_version

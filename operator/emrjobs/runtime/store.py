"""The newest known world: every object, and what this process remembers of it. No I/O."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from emrjobs.core.memory import Memory
from emrjobs.core.resource import Resource


@dataclass(slots=True)
class Entry:
    """One object and the memory of it."""

    resource: Resource
    memory: Memory


class Store:
    """By uid. Used by one event loop only."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

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
            self._entries[resource.uid] = Entry(resource, Memory())
            return True
        if not entry.resource.exists or not _newer(resource, entry.resource):
            return False
        entry.resource = resource
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
        self._entries.pop(uid, None)

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

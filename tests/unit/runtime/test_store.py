"""The newest known world: versions only grow, and what is gone stays gone."""

import pytest

from emrjobs.core.job_run.memory import Memory
from emrjobs.runtime.job_run.entries import JobRunStore
from tests.support.builders import UID, World, a_run
from tests.support.parts import a_store

NEW, RUNNING, ENDED = a_run(), a_run().running(), a_run().ended()


def version(world: World, number: str) -> World:
    return world.having(resource_version=number)


def filled(*worlds: World) -> JobRunStore:
    store = a_store()
    for world in worlds:
        store.apply(world.resource)
    return store


@pytest.mark.parametrize(
    ("known", "seen", "taken"),
    [("5", "6", True), ("5", "5", False), ("5", "4", False), ("9", "10", True), ("10", "9", False), ("x", "y", True)],
)
def test_only_a_newer_version_is_taken(known: str, seen: str, taken: bool) -> None:
    store = filled(version(NEW, known))
    assert store.apply(version(RUNNING, seen).resource) is taken
    entry = store.get(UID)
    assert entry is not None
    assert entry.resource.resource_version == (seen if taken else known)


def test_memory_outlives_a_new_version() -> None:
    store = filled(version(NEW, "1"))
    entry = store.get(UID)
    assert entry is not None
    entry.memory = Memory(looks=7)
    store.apply(version(RUNNING, "2").resource)
    assert store.get(UID) is entry
    assert entry.memory.looks == 7


def test_of_a_finished_object_nothing_is_remembered() -> None:
    store = filled(version(RUNNING, "1"))
    entry = store.get(UID)
    assert entry is not None
    entry.memory = Memory(looks=7)
    store.apply(version(ENDED, "2").resource)
    assert entry.memory == Memory()


def test_what_is_gone_stays_gone_and_is_gone_once() -> None:
    store = filled(version(NEW, "1"))
    assert store.gone(UID)
    assert not store.gone(UID)
    assert not store.apply(version(NEW, "2").resource)
    entry = store.get(UID)
    assert entry is not None
    assert not entry.resource.exists


def test_what_was_never_known_cannot_go() -> None:
    assert not a_store().gone(UID)


def test_what_is_forgotten_is_unknown() -> None:
    store = filled(RUNNING)
    store.forget(UID)
    store.forget(UID)
    assert (store.get(UID), len(store)) == (None, 0)


def test_a_new_term_changes_every_memory() -> None:
    store = filled(NEW, NEW.having(uid="other"))
    store.renew_memories(lambda memory: Memory(looks=memory.looks + 1))
    memories = [entry.memory.looks for uid in (UID, "other") if (entry := store.get(uid))]
    assert memories == [1, 1]

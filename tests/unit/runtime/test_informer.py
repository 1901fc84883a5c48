"""What the watch shows goes into the store: every version once, deletions with their last version, never an error."""

import asyncio
from collections.abc import Iterable, Sized
from itertools import islice
from typing import Any, cast

import pytest

from emrjobs.runtime.informer import ListProgress, WatchSignals, _NoMemories, _settings, handle_event, is_echo
from emrjobs.runtime.store import Store

RUN = {"clientToken": "u1", "attempt": 1, "id": "run1", "virtualClusterId": "vc1", "state": "RUNNING"}
ENDED = {**RUN, "state": "COMPLETED", "conditions": [{"type": "Finished", "status": "True", "reason": "Completed"}]}


def an_object(version: int, **status: Any) -> dict[str, Any]:
    """As the API server shows it."""
    metadata = {"uid": "u1", "namespace": "team-a", "name": "job", "resourceVersion": str(version), "generation": 1}
    return {"metadata": metadata, "spec": {}, "status": status}


class Seen:
    """A store that is fed, and who was marked."""

    def __init__(self) -> None:
        self.store = Store()
        self.marked: list[str] = []

    def take(self, kind: str | None, raw: Any) -> None:
        handle_event(self.store, self.marked.append, kind, raw)


@pytest.fixture
def seen() -> Seen:
    return Seen()


def test_a_version_is_taken_in_once(seen: Seen) -> None:
    for _ in range(2):
        seen.take("MODIFIED", an_object(1, **RUN))
    assert seen.marked == ["u1"]


def test_only_the_version_that_is_known_is_an_echo_and_a_deletion_never_is(seen: Seen) -> None:
    assert not is_echo(seen.store, "ADDED", an_object(1))
    seen.take("ADDED", an_object(1))
    for kind, version, echo in (("MODIFIED", 1, True), (None, 1, True), ("MODIFIED", 2, False), ("DELETED", 1, False)):
        assert is_echo(seen.store, kind, an_object(version)) is echo


@pytest.mark.parametrize("raw", [None, {}, {"metadata": None}, {"metadata": {"uid": []}}, {"metadata": {"uid": "u1"}}])
def test_a_broken_object_is_no_echo(seen: Seen, raw: Any) -> None:
    seen.take("ADDED", an_object(1))
    assert not is_echo(seen.store, "MODIFIED", raw)


def test_a_deletion_brings_the_last_version_which_another_process_wrote(seen: Seen) -> None:
    seen.take(None, an_object(1, **RUN))
    seen.take("DELETED", an_object(3, **ENDED))
    entry = seen.store.get("u1")
    assert entry is not None
    assert not entry.resource.exists
    assert entry.resource.status.finished
    assert seen.marked == ["u1", "u1"]


def test_a_deletion_of_an_object_that_was_never_seen_is_nothing(seen: Seen) -> None:
    seen.take("DELETED", an_object(3, **RUN))
    assert (len(seen.store), seen.marked) == (0, [])


@pytest.mark.parametrize("raw", [None, {}, {"metadata": {}}, {"metadata": {"uid": "u1"}}])
@pytest.mark.parametrize("kind", ["ADDED", "DELETED"])
def test_a_broken_object_stops_nothing(seen: Seen, kind: str, raw: Any) -> None:
    seen.take(kind, raw)
    seen.take("ADDED", an_object(1))
    assert "u1" in seen.marked


def test_kopf_keeps_no_record_of_an_object() -> None:
    memories = _NoMemories()
    found = asyncio.run(memories.recall(cast(Any, an_object(1)), noticed_by_listing=True))
    assert found.noticed_by_listing
    assert list(memories.iter_all_memories()) == []


def test_a_request_that_fails_is_tried_for_ever_in_the_end_once_a_minute() -> None:
    backoffs = _settings().networking.error_backoffs
    # kopf counts the tries of what has a length.
    assert not isinstance(backoffs, Sized)
    assert isinstance(backoffs, Iterable)
    for _ in range(2):
        assert list(islice(backoffs, 3)) == [1, 1, 2]
    assert set(islice(backoffs, 50, 60)) == {60}


def test_all_is_loaded_when_every_path_was_listed_and_a_second_list_is_told() -> None:
    relists: list[str] = []
    signals = WatchSignals(asyncio.Event(), asyncio.Event(), asyncio.Event(), lambda: relists.append("again"))
    reads = ListProgress(2, signals)
    for path, watching in (("a", False), ("b", False), ("a", True), ("a", True)):
        reads.begun(path, watching)
        assert not signals.loaded.is_set()
    reads.begun("b", True)
    assert (signals.loaded.is_set(), relists) == (True, [])
    reads.begun("a", False)
    assert relists == ["again"]

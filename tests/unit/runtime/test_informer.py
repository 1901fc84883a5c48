"""What the watch shows goes into the store: every version once, deletions with their last version, never an error."""

import asyncio
from collections.abc import Iterable, Sized
from itertools import islice
from typing import Any

import pytest

from emrjobs.adapters.job_run.objects import resource_of
from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.runtime.informer import Informer, _settings
from emrjobs.runtime.watch_progress import WatchProgress
from tests.support.parts import a_store

RUN = {"clientToken": "u1", "attempt": 1, "id": "run1", "virtualClusterId": "vc1", "state": "RUNNING"}
ENDED = {**RUN, "state": "COMPLETED", "conditions": [{"type": "Finished", "status": "True", "reason": "Completed"}]}


def an_object(version: int, **status: Any) -> dict[str, Any]:
    """As the API server shows it."""
    metadata = {"uid": "u1", "namespace": "team-a", "name": "job", "resourceVersion": str(version), "generation": 1}
    return {"metadata": metadata, "spec": {}, "status": status}


class Seen:
    """A store that is fed, and who was marked."""

    def __init__(self) -> None:
        self.store = a_store()
        self.marked: list[str] = []
        self.informer = Informer(EMR_JOB_RUN, self.store, resource_of, self.marked.append)

    def take(self, kind: str | None, raw: Any) -> None:
        self.informer.handle(kind, raw)


@pytest.fixture
def seen() -> Seen:
    return Seen()


def test_a_version_is_taken_in_once(seen: Seen) -> None:
    for _ in range(2):
        seen.take("MODIFIED", an_object(1, **RUN))
    assert seen.marked == ["u1"]


def test_only_the_version_that_is_known_is_an_echo_and_a_deletion_never_is(seen: Seen) -> None:
    assert not seen.informer.is_echo("ADDED", an_object(1))
    seen.take("ADDED", an_object(1))
    for kind, version, echo in (("MODIFIED", 1, True), (None, 1, True), ("MODIFIED", 2, False), ("DELETED", 1, False)):
        assert seen.informer.is_echo(kind, an_object(version)) is echo


@pytest.mark.parametrize("raw", [None, {}, {"metadata": None}, {"metadata": {"uid": []}}, {"metadata": {"uid": "u1"}}])
def test_a_broken_object_is_no_echo(seen: Seen, raw: Any) -> None:
    seen.take("ADDED", an_object(1))
    assert not seen.informer.is_echo("MODIFIED", raw)


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


def test_a_request_that_fails_is_tried_for_ever_in_the_end_once_a_minute() -> None:
    backoffs = _settings().networking.error_backoffs
    # kopf counts the tries of what has a length.
    assert not isinstance(backoffs, Sized)
    assert isinstance(backoffs, Iterable)
    for _ in range(2):
        assert list(islice(backoffs, 3)) == [1, 1, 2]
    assert set(islice(backoffs, 50, 60)) == {60}


class Watching:
    """Of two paths."""

    def __init__(self) -> None:
        self.relists = 0
        self.loaded = asyncio.Event()
        self.progress = WatchProgress(("/a", "/b"), self.loaded, self._relisted)
        self.progress.begun.set()

    def _relisted(self) -> None:
        self.relists += 1


def test_all_is_loaded_when_every_path_was_listed_and_a_second_list_is_told() -> None:
    watching = Watching()
    for path, watch in (("/a", False), ("/b", False), ("/a", True), ("/a", True)):
        watching.progress.read(path, 200, watch)
        assert not watching.loaded.is_set()
    watching.progress.read("/proxied/b", 200, True)
    assert (watching.loaded.is_set(), watching.relists) == (True, 0)
    watching.progress.read("/a", 200, False)
    assert watching.relists == 1


@pytest.mark.parametrize(
    ("reads", "problem"),
    [
        pytest.param([], "not watched yet: /a, /b", id="nothing was read"),
        pytest.param([("/a", 200, False), ("/b", 200, True)], "not watched yet: /a", id="listed is not watched"),
        pytest.param([("/a", 403, False)], "not watched yet: /a, /b", id="refused, and nothing else is watched"),
        pytest.param([("/a", 403, False), ("/b", 200, True)], None, id="a namespace that is going stops no other"),
        pytest.param([("/a", 500, False), ("/b", 200, True)], "not watched yet: /a", id="an error is no refusal"),
        pytest.param([("/a", 200, True), ("/b", 200, True)], None, id="all is watched"),
        pytest.param([("/c", 200, True)], "not watched yet: /a, /b", id="another path"),
    ],
)
def test_readiness_names_what_is_not_watched(reads: list[tuple[str, int, bool]], problem: str | None) -> None:
    watching = Watching()
    for read in reads:
        watching.progress.read(*read)
    assert watching.progress.problem() == problem


def test_readiness_names_a_kind_that_is_not_served() -> None:
    watching = Watching()
    watching.progress.unserved = ("emrjobruns.emrjobs.dev",)
    assert watching.progress.problem() == (
        "the API server does not serve emrjobruns.emrjobs.dev: are the CRDs installed?"
    )

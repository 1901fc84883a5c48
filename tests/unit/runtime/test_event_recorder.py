"""Events of an object that changes all the time are dropped, and no namespace takes the queue from the others."""

from typing import cast

import pytest

from emrjobs.adapters.kube import Kube
from emrjobs.core.effects import Event
from emrjobs.runtime import object_rate_limiter
from emrjobs.runtime.event_recorder import EventRecorder
from tests.support.builders import a_run
from tests.support.clock import Clock, stopped_clock

EVENT = Event("Suspended", "words")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch, object_rate_limiter)


def recorded(made: EventRecorder, uid: str, namespace: str = "team-a", times: int = 1) -> int:
    """How many of so many events went into the queue."""
    before = made._queue.qsize()
    for _ in range(times):
        made.record(a_run().having(uid=uid, namespace=namespace).resource, EVENT)
    return made._queue.qsize() - before


def test_an_object_has_twenty_five_events_and_then_one_in_five_minutes(clock: Clock) -> None:
    made = EventRecorder(cast(Kube, None))
    assert recorded(made, "flips", times=1000) == 25
    assert recorded(made, "another") == 1
    clock.now += 301
    assert recorded(made, "flips", times=10) == 1


def test_a_namespace_that_floods_the_queue_leaves_room_for_the_others(clock: Clock) -> None:
    made = EventRecorder(cast(Kube, None), longest_queue=100)
    flood = sum(recorded(made, f"uid{number}") for number in range(1000))
    assert flood == 50
    assert sum(recorded(made, f"other{number}", "team-b") for number in range(20)) == 20
    assert sum(recorded(made, f"more{number}", f"team-{number}") for number in range(1000)) == 30

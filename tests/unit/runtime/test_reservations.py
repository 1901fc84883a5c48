"""A place is used once, lapses when it is not used, and is asked for once at a time."""

from collections.abc import Callable
from datetime import timedelta
from typing import cast

import pytest

from emrjobs.core.failures import Operation
from emrjobs.runtime.aws import reservations as module
from emrjobs.runtime.aws.rate_limiter import RateLimiter
from emrjobs.runtime.aws.reservations import Reservations
from tests.support.builders import UID, a_run
from tests.support.clock import stopped_clock

RESOURCE = a_run().resource
START, DESCRIBE = Operation.START, Operation.DESCRIBE


class FakeTurns:
    """Everybody waits until the test lets them come."""

    def __init__(self, *, at_once: bool = False) -> None:
        self.waiting: list[Callable[[], bool]] = []
        self.at_once = at_once

    def ask(self, _operation: Operation, _namespace: str, granted: Callable[[], bool], *, again: bool = False) -> None:
        assert not again
        if self.at_once:
            granted()
        else:
            self.waiting.append(granted)

    def serve(self) -> None:
        for granted in self.waiting:
            granted()
        self.waiting.clear()


@pytest.fixture
def woken() -> list[str]:
    return []


def reservations(rate_limiter: FakeTurns, woken: list[str]) -> Reservations:
    return Reservations(cast(RateLimiter, rate_limiter), timedelta(seconds=30), woken.append)


def test_who_has_no_place_waits_and_is_woken_when_it_comes(woken: list[str]) -> None:
    rate_limiter = FakeTurns()
    desk = reservations(rate_limiter, woken)
    assert not desk.take(RESOURCE, DESCRIBE)
    assert woken == []
    rate_limiter.serve()
    assert woken == [UID]
    assert desk.take(RESOURCE, DESCRIBE)


def test_a_place_is_used_once(woken: list[str]) -> None:
    rate_limiter = FakeTurns()
    desk = reservations(rate_limiter, woken)
    desk.take(RESOURCE, DESCRIBE)
    rate_limiter.serve()
    assert [desk.take(RESOURCE, DESCRIBE), desk.take(RESOURCE, DESCRIBE)] == [True, False]


def test_a_place_that_is_there_at_once_is_used_at_once(woken: list[str]) -> None:
    desk = reservations(FakeTurns(at_once=True), woken)
    assert desk.take(RESOURCE, DESCRIBE)


def test_nobody_stands_in_line_twice(woken: list[str]) -> None:
    rate_limiter = FakeTurns()
    desk = reservations(rate_limiter, woken)
    for _ in range(3):
        desk.take(RESOURCE, DESCRIBE)
    assert len(rate_limiter.waiting) == 1
    desk.take(RESOURCE, Operation.CANCEL)
    assert len(rate_limiter.waiting) == 2


def test_a_place_lapses(woken: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = stopped_clock(monkeypatch, module)
    rate_limiter = FakeTurns()
    desk = reservations(rate_limiter, woken)
    desk.take(RESOURCE, DESCRIBE)
    rate_limiter.serve()
    clock.now += 31
    assert not desk.take(RESOURCE, DESCRIBE)
    assert len(rate_limiter.waiting) == 1


def test_who_asks_is_told_when_the_place_comes_and_can_ask_again_then(woken: list[str]) -> None:
    rate_limiter, told = FakeTurns(), []
    desk = reservations(rate_limiter, woken)
    for _ in range(2):
        desk.ask(RESOURCE, START, lambda: told.append(1))
    rate_limiter.serve()
    assert told == [1]
    desk.ask(RESOURCE, START, lambda: told.append(2))
    rate_limiter.serve()
    assert told == [1, 2]

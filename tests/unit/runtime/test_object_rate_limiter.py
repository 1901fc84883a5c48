"""Two processes that disagree about an object must not write it as fast as they can; nobody else is slowed."""

import pytest

from emrjobs.runtime import object_rate_limiter
from emrjobs.runtime.object_rate_limiter import ObjectRateLimiter
from tests.support.clock import Clock, stopped_clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch, object_rate_limiter)


def test_a_life_at_once_is_not_slowed_and_then_it_is_two_writes_a_second(clock: Clock) -> None:
    made = ObjectRateLimiter(30, 2)
    assert [made.wait("a") for _ in range(30)] == [0.0] * 30
    assert (made.wait("a"), made.wait("b")) == (0.5, 0.0)
    clock.now += 0.5
    assert (made.wait("a"), made.wait("a")) == (0.0, 0.5)


def test_an_object_that_was_not_written_for_a_while_is_forgotten(clock: Clock) -> None:
    made = ObjectRateLimiter(30, 2)
    made.wait("early")
    clock.now += 20
    made.wait("late")
    assert len(made) == 1
    clock.now += 10
    made.wait("later")
    assert len(made) == 2


def test_many_objects_are_not_searched_at_every_write(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """With thousands of objects at once it took a twelfth of the operator's CPU."""
    searches: list[float] = []
    monkeypatch.setattr(ObjectRateLimiter, "_tidy", lambda _self, now: searches.append(now))
    made = ObjectRateLimiter(30, 2)
    for number in range(5000):
        made.wait(f"uid{number}")
    clock.now += 14
    made.wait("one more")
    assert searches == []

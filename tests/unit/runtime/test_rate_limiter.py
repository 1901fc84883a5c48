"""Client-side rate limits: who comes when, and that nobody waits for ever."""

import math
from collections.abc import Mapping

import pytest
from prometheus_client import REGISTRY

from emrjobs.core.failures import Operation
from emrjobs.core.quota import AWS_DEFAULTS, TOTAL, Rate
from emrjobs.runtime.aws import rate_limiter as module
from emrjobs.runtime.aws.rate_limiter import PRIORITY, RateLimiter
from tests.support.clock import Clock, stopped_clock

CANCEL, START, INSPECT, READ_TEMPLATE, DESCRIBE, LIST = PRIORITY


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch, module)


class Desk:
    """A rate limiter, and the names of those who were granted a call, in order."""

    def __init__(self, clock: Clock, rates: Mapping[str, Rate] | None = AWS_DEFAULTS, share: float = 1.0) -> None:
        self.clock = clock
        self.rate_limiter = RateLimiter(rates, share)
        self.served: list[str] = []

    def ask(self, name: str, operation: Operation = START, namespace: str = "n", *, again: bool = False) -> None:
        def come() -> bool:
            self.served.append(name)
            return True

        self.rate_limiter.ask(operation, namespace, come, again=again)

    def give(self, seconds: float = 0.0) -> list[str]:
        """Who is served within those seconds."""
        self.served.clear()
        until = self.clock.now + seconds
        while True:
            pause = self.rate_limiter._give_out()
            if pause is None or self.clock.now + pause > until:
                self.clock.now = until
                return list(self.served)
            assert pause > 0
            self.clock.now += pause


def test_it_begins_with_two_since_another_may_have_spent_the_rest(clock: Clock) -> None:
    desk = Desk(clock, {"StartJobRun": (25, 1)})
    for number in range(5):
        desk.ask(str(number))
    assert desk.give() == ["0", "1"]
    assert desk.give(1.01) == ["2"]


def test_in_the_long_run_the_rate_is_kept(clock: Clock) -> None:
    desk = Desk(clock, {"StartJobRun": (25, 1)}, share=0.95)
    for number in range(500):
        desk.ask(str(number))
    assert len(desk.give(100)) == pytest.approx(97, abs=1)


def test_after_a_pause_the_burst_is_there_but_one_since_the_first_calls_may_be_slow_to_arrive(clock: Clock) -> None:
    desk = Desk(clock, {"StartJobRun": (25, 1)})
    clock.now += 1000
    for number in range(40):
        desk.ask(str(number))
    assert len(desk.give()) == 24


def test_namespaces_take_turns(clock: Clock) -> None:
    desk = Desk(clock, {"StartJobRun": (25, 1)})
    for number in range(4):
        desk.ask(f"a{number}", namespace="a")
    desk.ask("b0", namespace="b")
    desk.ask("c0", namespace="c")
    assert desk.give(10) == ["a0", "b0", "c0", "a1", "a2", "a3"]


def test_retries_of_refused_requests_come_after_all_first_ones(clock: Clock) -> None:
    desk = Desk(clock, {"StartJobRun": (25, 1)})
    for number in range(3):
        desk.ask(f"again{number}", again=True)
    desk.ask("first", namespace="late")
    assert desk.give(10) == ["first", "again0", "again1", "again2"]


def test_a_cancel_comes_before_a_start_before_a_describe_before_a_list(clock: Clock) -> None:
    desk = Desk(clock, {TOTAL: (4, 1)})
    for operation in (LIST, DESCRIBE, START, CANCEL):
        desk.ask(operation, operation)
    served = desk.give(20)
    assert [name for name in served if name != LIST] == [CANCEL, START, DESCRIBE]


def test_lists_keep_their_share_of_the_total_when_all_others_want_it(clock: Clock) -> None:
    desk = Desk(clock)
    for number in range(4000):
        desk.ask(f"d{number}", DESCRIBE)
        desk.ask(f"l{number}", LIST)
    served = desk.give(100)
    assert sum(name.startswith("l") for name in served) >= 200


@pytest.mark.parametrize("burst", [1, 1.5, 2, 3, 200])
@pytest.mark.parametrize("operation", PRIORITY)
def test_however_small_the_total_everybody_is_served_in_the_end(
    clock: Clock, burst: float, operation: Operation
) -> None:
    desk = Desk(clock, {TOTAL: (burst, 1)})
    desk.ask("one", operation)
    desk.ask("two", operation)
    assert desk.give(60) == ["one", "two"]


def test_without_rates_every_place_is_there_at_once(clock: Clock) -> None:
    desk = Desk(clock, None)
    desk.ask("one")
    assert desk.served == ["one"]


def test_an_operation_without_a_rate_of_its_own_is_bound_by_the_total_only(clock: Clock) -> None:
    desk = Desk(clock, {TOTAL: (10, 1)})
    clock.now += 100
    for number in range(20):
        desk.ask(str(number), DESCRIBE)
    assert len(desk.give()) == 7  # of 10: one is spare, two are for lists


def test_a_throttled_operation_slows_down(clock: Clock) -> None:
    desk = Desk(clock, {"StartJobRun": (25, 1)})
    clock.now += 100
    desk.rate_limiter.throttled(START)
    for number in range(9):
        desk.ask(str(number))
    assert desk.give(1.0) == []


@pytest.mark.parametrize(("idle", "tokens"), [(0.0, 2.0), (10.0, 12.0), (1000.0, 24.0), (math.inf, 24.0)])
def test_a_successor_begins_with_what_was_regained_since_anybody_called(
    idle: float, tokens: float, clock: Clock
) -> None:
    """With two tokens, 45 jobs after a fresh start took 44 seconds; where nobody was before, the burst is whole."""
    desk = Desk(clock, {"StartJobRun": (25, 1)})
    clock.now += 1000
    desk.rate_limiter.handed_over(idle)
    assert desk.rate_limiter.levels() == {"StartJobRun": tokens}


def test_who_waits_is_counted(clock: Clock) -> None:
    desk = Desk(clock)
    desk.ask("one", LIST)
    desk.ask("two", START, again=True)
    assert desk.rate_limiter.waiting() == {**dict.fromkeys(map(str, PRIORITY), 0), "ListJobRuns": 1, "StartJobRun": 1}


def test_how_long_a_call_waited_is_measured(clock: Clock) -> None:
    def told() -> float:
        return REGISTRY.get_sample_value("emrjobs_line_seconds_sum", {"operation": str(DESCRIBE)}) or 0.0

    desk, before = Desk(clock, {"DescribeJobRun": (1, 1)}), told()
    for name in ("a", "b"):
        desk.ask(name, DESCRIBE)
    desk.give()
    clock.now += 7
    desk.give()
    assert told() - before == 7

"""What a candidate does about the Lease, by its own clock."""

import math
from dataclasses import replace

import pytest

from emrjobs.core.lease import Lease, Observed, Step, idle_seconds, next_step, observe

LEASE = Lease(holder="other", seconds=15, transitions=0, resource_version="1")
SEEN = Observed(LEASE, 100.0)


def test_the_clock_goes_on_while_nobody_changes_the_lease() -> None:
    assert observe(SEEN, replace(LEASE), 110.0) == SEEN


def test_the_clock_starts_anew_with_each_change() -> None:
    renewed = replace(LEASE, resource_version="2")
    assert observe(SEEN, renewed, 110.0) == Observed(renewed, 110.0)


def test_the_clock_starts_with_the_first_look() -> None:
    assert observe(None, LEASE, 110.0) == Observed(LEASE, 110.0)


@pytest.mark.parametrize(
    ("observed", "now", "step"),
    [
        pytest.param(None, 100.0, Step.CREATE, id="there is none"),
        pytest.param(SEEN, 100.0, Step.STAND_BY, id="somebody else has it"),
        pytest.param(SEEN, 115.0, Step.STAND_BY, id="to its last moment"),
        pytest.param(SEEN, 115.1, Step.TAKE, id="it has run out"),
        pytest.param(Observed(replace(LEASE, holder=""), 100.0), 100.0, Step.TAKE, id="it was released"),
        pytest.param(Observed(replace(LEASE, holder="me"), 100.0), 100.0, Step.RENEW, id="it is ours"),
        pytest.param(Observed(replace(LEASE, holder="me"), 100.0), 900.0, Step.RENEW, id="ours, though it has run out"),
    ],
)
def test_the_next_step(observed: Observed | None, now: float, step: Step) -> None:
    assert next_step(observed, "me", now) is step


@pytest.mark.parametrize(
    ("observed", "now", "seconds"),
    [
        pytest.param(None, 100.0, math.inf, id="nobody was there"),
        pytest.param(SEEN, 116.0, 6.0, id="it ran out; the holder acted for ten seconds after he renewed it"),
        pytest.param(SEEN, 105.0, 0.0, id="the holder may act still"),
        pytest.param(Observed(replace(LEASE, holder=""), 100.0), 100.0, 0.0, id="it was released this moment"),
        pytest.param(Observed(replace(LEASE, holder=""), 100.0), 103.0, 3.0, id="it was released a while ago"),
    ],
)
def test_for_how_long_nobody_can_have_acted(observed: Observed | None, now: float, seconds: float) -> None:
    assert idle_seconds(observed, 10.0, now) == seconds

"""Who may act, until when, and whether all others are kept from it."""

import math
import time
from datetime import timedelta

import pytest

from emrjobs.runtime.gate import Gate, Phase


def gate() -> Gate:
    return Gate(timedelta(seconds=15))


@pytest.mark.parametrize(("seconds", "phase"), [(None, Phase.CLOSED), (60, Phase.OPEN), (-1, Phase.CLOSED)])
def test_it_is_closed_until_it_is_opened_and_when_its_time_is_over(seconds: float | None, phase: Phase) -> None:
    guard = gate()
    if seconds is not None:
        guard.open(acts_until=time.monotonic() + seconds)
    assert guard.phase is phase


def test_nothing_leaves_after_the_lease_has_run_out() -> None:
    guard = gate()
    guard.open(sends_until=time.monotonic() + 1)
    assert guard.not_after() < time.monotonic() + 2


def test_without_a_lease_nobody_is_kept_from_acting() -> None:
    guard = gate()
    guard.open()
    assert not guard.exclusive
    assert guard.not_after() < math.inf
    guard.open(math.inf, time.monotonic() + 15)
    assert guard.exclusive

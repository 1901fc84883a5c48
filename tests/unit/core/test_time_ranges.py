"""Spans of creation time: every instant is in one, and those that are known are spread evenly."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from emrjobs.core.job_run.time_ranges import TimeRange, time_ranges
from tests.support.builders import NOON

INSTANTS = st.integers(0, 10_000).map(lambda second: NOON + timedelta(seconds=second))


def holds(span: TimeRange, instant: datetime) -> bool:
    """With exclusive bounds, the stricter reading."""
    return (span.after is None or span.after < instant) and (span.before is None or instant < span.before)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(INSTANTS, max_size=40), st.integers(1, 5), INSTANTS)
def test_no_instant_is_left_out(created: Sequence[datetime], number: int, any_instant: datetime) -> None:
    found = time_ranges(created, number)
    assert 1 <= len(found) <= number
    assert all(any(holds(span, instant) for span in found) for instant in (*created, any_instant))


def test_what_is_known_is_spread_evenly() -> None:
    created = [NOON + timedelta(minutes=minute) for minute in range(100)]
    counts = [sum(holds(span, instant) for instant in created) for span in time_ranges(created, 4)]
    assert min(counts) >= 25
    assert max(counts) <= 26


def test_runs_of_one_instant_are_one_list() -> None:
    assert len(time_ranges([NOON] * 50, 4)) == 2
    assert time_ranges([], 4) == (TimeRange(),)


def test_neighbours_share_two_seconds_on_each_side_of_the_cut() -> None:
    cut, two = NOON + timedelta(minutes=50), timedelta(seconds=2)
    created = [NOON + timedelta(minutes=minute) for minute in range(100)]
    assert time_ranges(created, 2) == (TimeRange(None, cut + two), TimeRange(cut - two, None))

"""How far AWS's clock is ahead of ours, from the ``Date`` of an answer."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from emrjobs.adapters.emr_containers import skew_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "skew"),
    [(0, 0), (2, 0), (-2, 0), (3, 3.5), (-10, -9.5), (3600, 3600.5)],
)
def test_what_whole_seconds_and_a_slow_answer_explain_is_no_skew(ahead: float, skew: float) -> None:
    date = format_datetime(NOON + timedelta(seconds=ahead), usegmt=True)
    assert skew_of(date, NOON + timedelta(seconds=0.5 if ahead == 2 else 0)) == timedelta(seconds=skew)


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 01 Jan 2026 12:00:00 -0000"])
def test_a_date_that_says_nothing_is_no_skew(date: str) -> None:
    assert skew_of(date, NOON) == timedelta(0)

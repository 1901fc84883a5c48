"""Token buckets never give out more than AWS's rate, and slow down when AWS says so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrjobs.core.quota import AWS_DEFAULTS, TOTAL, Bucket

RATES = st.floats(0.1, 50)


def full(burst: float = 10, refill: float = 2) -> Bucket:
    return Bucket(burst, refill, burst, 0.0)


def test_a_full_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = full()
    for _ in range(10):
        assert bucket.wait(0.0) == 0.0
        bucket.take(0.0)
    assert bucket.wait(0.0) == pytest.approx(0.5)
    assert bucket.wait(0.5) == 0.0


def test_what_is_kept_for_others_cannot_be_taken() -> None:
    bucket = Bucket(10, 2, 3, 0.0)
    assert bucket.wait(0.0, keep=2) == 0.0
    bucket.take(0.0)
    assert bucket.wait(0.0, keep=2) == pytest.approx(0.5)
    assert bucket.wait(0.0) == 0.0


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.floats(1, 50), RATES, st.lists(st.floats(0, 5), max_size=60))
def test_no_more_is_given_than_the_burst_and_the_rate_allow(burst: float, refill: float, pauses: list[float]) -> None:
    bucket, now, taken = Bucket(burst, refill, burst, 0.0), 0.0, 0
    for pause in pauses:
        now += pause
        if bucket.wait(now) == 0.0:
            bucket.take(now)
            taken += 1
        assert taken <= burst + now * refill + 1e-6


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.floats(1, 50), RATES, st.floats(0, 1), st.integers(0, 5))
def test_after_the_wait_there_is_a_token(burst: float, refill: float, level: float, throttled: int) -> None:
    bucket = Bucket(burst, refill, burst * level, 0.0)
    for _ in range(throttled):
        bucket.slow_down(0.0)
    pause = bucket.wait(0.0)
    assert bucket.wait(pause + 1e-6) == pytest.approx(0.0, abs=1e-4)


def test_a_throttled_bucket_spends_nothing_saved_and_gains_half_as_fast_for_a_while() -> None:
    bucket = full(refill=2)
    bucket.slow_down(0.0)
    assert bucket.level == 0.0
    assert bucket.wait(0.0) == pytest.approx(1.0)
    bucket.fill(1000.0)
    assert bucket.pace == 1.0


def test_throttled_again_and_again_it_still_moves() -> None:
    bucket = full(refill=2)
    for _ in range(100):
        bucket.slow_down(0.0)
    assert 0 < bucket.wait(0.0) < 60


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = full()
    bucket.take(100.0)
    level = bucket.level
    bucket.fill(50.0)
    assert bucket.level == level
    bucket.fill(100.0)
    assert bucket.level == level


def test_draining_only_takes_away() -> None:
    bucket = full()
    bucket.drain(0.0, 2.0)
    assert bucket.level == 2.0
    bucket.drain(0.0, 5.0)
    assert bucket.level == 2.0


def test_the_defaults_are_those_of_the_developer_guide() -> None:
    assert AWS_DEFAULTS == {
        "StartJobRun": (25, 1),
        "CancelJobRun": (25, 1),
        "DescribeJobRun": (100, 20),
        "ListJobRuns": (100, 5),
        "DescribeVirtualCluster": (100, 5),
        "DescribeJobTemplate": (25, 1),
        TOTAL: (200, 20),
    }

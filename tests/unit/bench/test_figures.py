"""The arithmetic of the benchmark: percentiles, the use of token buckets, growth."""

import math

import pytest

from tests.bench.figures import growth, peak_use, percentile


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.0, 1.0)], ids=["p50", "p99", "max", "min"]
)
def test_a_percentile_is_the_value_that_so_many_do_not_exceed(share: float, expected: float) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected


def test_nothing_has_no_percentile() -> None:
    assert math.isnan(percentile([], 0.5))


def test_a_whole_burst_at_once_is_full_use() -> None:
    assert peak_use([7.0] * 25, burst=25, rate=1) == 1.0


def test_the_fullest_span_counts_and_not_the_whole_time() -> None:
    assert peak_use([0.0, 1000.0, 1000.0, 1000.0], burst=4, rate=1) == 0.75


def test_a_steady_rate_with_an_unused_burst_stays_below_the_rate() -> None:
    steady = [second / 0.95 for second in range(300)]
    assert 0.85 < peak_use(steady, burst=25, rate=1) < 0.95


@pytest.mark.parametrize(("values", "expected"), [([2.0, 2.0], 0.0), ([10.0, 8.0, 9.0], 25.0)])
def test_growth_is_the_dearest_above_the_cheapest(values: list[float], expected: float) -> None:
    assert growth(values) == pytest.approx(expected)

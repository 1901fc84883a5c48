"""What the benchmark says of its figures: medians, spreads, limits, verdicts, and the page of the documentation."""

from typing import Any

import pytest

from tests.bench.document import page
from tests.bench.plans import PLANS
from tests.bench.report import lines, missed, table_rows
from tests.bench.targets import ROWS


def found(*values: float, scale: float = 1.0) -> dict[str, Any]:
    runs = [{"figures": {"all_ids": value, "throttled": 0.0}, "limits": {"all_ids": 75.0}} for value in values]
    return {"scale": scale, "at": "2026-01-01T00:00:00+00:00", "runs": runs}


def test_the_median_stands_beside_limit_and_target() -> None:
    line = lines("quota", found(90.0, 76.5, 75.5))[0]

    assert (line.value, line.spread) == ("76.5 s", "75.5 … 90")
    assert (line.limit, line.ratio, line.target, line.verdict) == ("75 s", "1.02", "≤ 82 s", "met")


@pytest.mark.parametrize(
    ("value", "scale", "expected"), [(82.0, 1.0, 0), (82.1, 1.0, 1), (500.0, 0.1, 0)], ids=["at it", "above", "scaled"]
)
def test_a_median_above_the_target_is_missed_unless_the_run_was_scaled(
    value: float, scale: float, expected: int
) -> None:
    assert missed({"quota": found(value, scale=scale)}) == expected


def test_a_figure_that_must_stay_below_misses_at_the_target() -> None:
    at_it = {"scale": 1.0, "runs": [{"figures": {"rss": 200.0, "peak": 299.0}, "limits": {}}]}
    assert [line.verdict for line in lines("memory", at_it)[:2]] == ["missed", "met"]


def test_a_figure_that_is_absent_is_not_a_success() -> None:
    assert lines("burst", found(10.0))[2].verdict == "missed"


def test_every_row_is_measured_by_one_plan() -> None:
    measured = [row for plan in PLANS for row in plan.rows]
    assert sorted(measured) == sorted(ROWS)


def test_a_scenario_is_named_once_in_the_table() -> None:
    named = [row[0] for row in table_rows({"quota": found(80.0, scale=0.1)})]
    assert named == ["quota (x 0.1)", *[""] * (len(named) - 1)]


def test_the_page_without_figures_says_what_must_hold() -> None:
    told = page(None)
    assert "| 100 jobs under AWS's quotas | first create → last id | ≤ 82 s |" in told
    assert "## Figures" not in told


def test_the_page_marks_what_was_missed() -> None:
    told = page({"machine": {"cores": "2"}, "scenarios": {"quota": found(90.0)}})
    assert "- cores: 2" in told
    assert "**missed**" in told

"""Results beside limits and targets. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.bench.targets import ROWS, Target

HEADS = ("scenario", "measure", "median", "spread", "limit", "ratio", "target", "")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of a scenario over all its runs, as text."""

    measure: str
    value: str
    spread: str
    limit: str
    ratio: str
    target: str
    verdict: str

    def cells(self) -> tuple[str, ...]:
        return (self.measure, self.value, self.spread, self.limit, self.ratio, self.target, self.verdict)


def lines(row: str, found: Json) -> list[Line]:
    """The lines of one row; `found` is what the JSON file holds of it."""
    return [_line(target, found) for target in ROWS[row].targets]


def table_rows(scenarios: Mapping[str, Json]) -> list[tuple[str, ...]]:
    """All rows in the order of the targets, each scenario named once."""
    listed: list[tuple[str, ...]] = []
    for row in ROWS:
        if row in scenarios:
            name = f"{row} (x {scenarios[row]['scale']:g})" if scenarios[row]["scale"] != 1 else row
            cells = [line.cells() for line in lines(row, scenarios[row])]
            listed += [(name if first == 0 else "", *each) for first, each in enumerate(cells)]
    return listed


def missed(scenarios: Mapping[str, Json]) -> int:
    """How many targets were missed; scaled runs are not judged."""
    return sum(line.verdict == "missed" for row in scenarios for line in lines(row, scenarios[row]))


def most(target: Target) -> str:
    """What the figure may be."""
    if target.most is None:
        return ""
    return f"{'< ' if target.below else '≤ ' if target.most else ''}{_number(target.most, target.unit)}"


def _line(target: Target, found: Json) -> Line:
    values = _values(found, "figures", target.figure)
    limits = _values(found, "limits", target.figure)
    value, limit = (median(values) if values else math.nan), (median(limits) if limits else None)
    return Line(
        measure=target.text,
        value=_number(value, target.unit),
        spread=f"{_number(min(values))} … {_number(max(values))}" if len(values) > 1 else "",
        limit=_number(limit, target.unit) if limit is not None else "",
        ratio=f"{value / limit:.2f}" if limit else "",
        target=most(target),
        verdict=_verdict(target, value, found["scale"]),
    )


def _verdict(target: Target, value: float, scale: float) -> str:
    met = target.met(value)
    if met is None or scale != 1:
        return ""
    return "met" if met else "missed"


def _values(found: Json, kind: str, figure: str) -> Sequence[float]:
    return [run[kind][figure] for run in found["runs"] if figure in run[kind]]


def _number(value: float, unit: str = "") -> str:
    if not math.isfinite(value):
        return "none"
    digits = 0 if value == round(value) or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()

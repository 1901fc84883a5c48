"""What a scenario yields, and the arithmetic on it. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """One row measured once. `figures` and `limits` share their keys; a limit does not depend on the operator."""

    figures: Mapping[str, float]
    limits: Mapping[str, float] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share (0 to 1) of the values do not exceed."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def peak_use(instants: Sequence[float], burst: float, rate: float) -> float:
    """Return the largest share of a token bucket's allowance, burst + rate x span, used in any span of time."""
    ordered = sorted(instants)
    peak = 0.0
    for first, start in enumerate(ordered):
        for last in range(first, len(ordered)):
            peak = max(peak, (last - first + 1) / (burst + rate * (ordered[last] - start)))
    return peak


def growth(values: Sequence[float]) -> float:
    """Return by how many per cent the largest of the values is above the smallest."""
    low = min(values)
    return math.inf if low <= 0 else (max(values) / low - 1) * 100

"""Spans of creation time that are listed side by side: together they cover all time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_OVERLAP: Final = timedelta(seconds=2)
"""AWS does not say whether its bounds are inclusive, and shows whole seconds."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Bounds of ListJobRuns; None is no bound."""

    after: datetime | None = None
    before: datetime | None = None


def time_ranges(created: Sequence[datetime], number: int) -> tuple[TimeRange, ...]:
    """At most so many spans, with about as many of these instants in each. They overlap a little."""
    ordered = sorted(created)
    cuts = sorted({ordered[len(ordered) * part // number] for part in range(1, number)}) if ordered else []
    starts = (None, *(cut - _OVERLAP for cut in cuts))
    ends = (*(cut + _OVERLAP for cut in cuts), None)
    return tuple(TimeRange(after, before) for after, before in zip(starts, ends, strict=True))

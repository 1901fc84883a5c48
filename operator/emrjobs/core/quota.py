"""Token buckets that keep us under AWS's rates. Pure: the time is an argument, in seconds of any clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Rate = tuple[float, float]
"""Burst (calls) and refill (calls per second)."""

TOTAL: Final = "total"
"""The bucket that all calls share."""

AWS_DEFAULTS: Final[Mapping[str, Rate]] = {
    "StartJobRun": (25, 1),
    "CancelJobRun": (25, 1),
    "DescribeJobRun": (100, 20),
    "ListJobRuns": (100, 5),
    "DescribeVirtualCluster": (100, 5),
    TOTAL: (200, 20),
}
"""EMR on EKS service quotas, per account and Region (developer guide, service quotas)."""


@dataclass(slots=True)
class Bucket:
    """Holds at most ``burst`` tokens and gains ``refill`` of them each second."""

    burst: float
    refill: float
    level: float
    filled_at: float

    def fill(self, now: float) -> None:
        """Bring the level up to date."""
        self.level = min(self.burst, self.level + max(0.0, now - self.filled_at) * self.refill)
        self.filled_at = max(now, self.filled_at)

    def wait(self, now: float, keep: float = 0.0) -> float:
        """Seconds until a token can be taken that leaves ``keep`` behind; 0 if now."""
        self.fill(now)
        lacking = 1.0 + keep - self.level
        return max(0.0, lacking / self.refill) if lacking > 1e-9 else 0.0

    def take(self, now: float) -> None:
        """Take one token."""
        self.fill(now)
        self.level -= 1.0

    def drain(self, now: float, left: float) -> None:
        """Hold no more than that many: somebody else may have spent the rest."""
        self.fill(now)
        self.level = min(self.level, left)

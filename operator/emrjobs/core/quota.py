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
    "DescribeJobTemplate": (25, 1),
    TOTAL: (200, 20),
}
"""EMR on EKS service quotas, per account and Region (developer guide, service quotas)."""


_RECOVERY_SECONDS: Final = 60.0
_SLOWEST: Final = 0.1


@dataclass(slots=True)
class Bucket:
    """Holds at most ``burst`` tokens and gains ``refill`` of them each second, times its ``pace``."""

    burst: float
    refill: float
    level: float
    filled_at: float
    pace: float = 1.0
    """Halved by a throttled answer; it recovers within a minute."""

    def fill(self, now: float) -> None:
        """Bring the level and the pace up to date."""
        elapsed = max(0.0, now - self.filled_at)
        self.level = min(self.burst, self.level + elapsed * self.refill * self.pace)
        self.pace = min(1.0, self.pace + elapsed / _RECOVERY_SECONDS)
        self.filled_at = max(now, self.filled_at)

    def wait(self, now: float, keep: float = 0.0) -> float:
        """Seconds until a token can be taken that leaves ``keep`` behind; 0 if now."""
        self.fill(now)
        lacking = 1.0 + keep - self.level
        return max(0.0, lacking / (self.refill * self.pace)) if lacking > 1e-9 else 0.0

    def take(self, now: float) -> None:
        """Take one token."""
        self.fill(now)
        self.level -= 1.0

    def slow_down(self, now: float) -> None:
        """AWS says that we are too fast: spend nothing that was saved up, and gain half as fast."""
        self.drain(now, 0.0)
        self.pace = max(_SLOWEST, self.pace / 2)

    def drain(self, now: float, left: float) -> None:
        """Hold no more than that many: somebody else may have spent the rest."""
        self.fill(now)
        self.level = min(self.level, left)

    def refilled_for(self, now: float, left: float, idle: float) -> None:
        """Hold what is there when nobody has called for ``idle`` seconds, after which ``left`` were there at least."""
        self.fill(now)
        self.level = min(self.burst, left + idle * self.refill)

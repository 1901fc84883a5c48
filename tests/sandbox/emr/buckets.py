"""Token buckets of one account and region: one for each operation and one for all together. Pure."""

from dataclasses import dataclass

from tests.sandbox.emr.settings import Quota, Quotas

TOTAL = "total"


@dataclass(slots=True)
class Bucket:
    quota: Quota
    level: float
    at: float

    def refill(self, now: float) -> None:
        self.level = min(self.quota.burst, self.level + (now - self.at) * self.quota.rate)
        self.at = now


class Buckets:
    """A refused call costs nothing."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def take(self, operation: str, quotas: Quotas, now: float) -> bool:
        if not quotas.enabled:
            return True
        needed = [self._bucket(name, quotas, now) for name in (operation, TOTAL) if name in quotas.buckets]
        if any(bucket.level < 1 for bucket in needed):
            return False
        for bucket in needed:
            bucket.level -= 1
        return True

    def _bucket(self, name: str, quotas: Quotas, now: float) -> Bucket:
        quota = quotas.buckets[name]
        bucket = self._buckets.get(name)
        if bucket is None or bucket.quota != quota:
            bucket = self._buckets[name] = Bucket(quota, quota.burst, now)
        bucket.refill(now)
        return bucket

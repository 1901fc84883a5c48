"""Slows what is written for one object: somebody who changes it all the time must not have us write as fast. No I/O."""

import time


class ObjectRateLimiter:
    """A token bucket for each object that was written of late."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._full_after_seconds = burst / per_second
        self._left: dict[str, tuple[float, float]] = {}
        self._tidied_at = time.monotonic()

    def __len__(self) -> int:
        return len(self._left)

    def wait(self, uid: str) -> float:
        """Take a token; or the seconds until there is one."""
        now = time.monotonic()
        left, at = self._left.get(uid, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        if left < 1:
            return (1 - left) / self._per_second
        self._left[uid] = (left - 1, now)
        if now - self._tidied_at >= self._full_after_seconds:
            self._tidy(now)
        return 0.0

    def _tidy(self, now: float) -> None:
        """A bucket that is full again is as good as none. Not at every write: it takes as long as there are objects."""
        self._tidied_at = now
        self._left = {uid: (left, at) for uid, (left, at) in self._left.items() if now - at < self._full_after_seconds}

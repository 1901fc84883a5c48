"""Slows the status writes of one object: two processes that disagree about it must not write as fast as they can."""

import time
from typing import Final

_BURST: Final = 30.0
"""More than any run's life takes at once."""
_PER_SECOND: Final = 2.0
_FULL_AFTER_SECONDS: Final = _BURST / _PER_SECOND


class StatusWriteLimiter:
    """A token bucket for each object that was written of late. No I/O."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}
        self._tidied_at = time.monotonic()

    def __len__(self) -> int:
        return len(self._left)

    def wait(self, uid: str) -> float:
        """Take a token; or the seconds until there is one."""
        now = time.monotonic()
        left, at = self._left.get(uid, (_BURST, now))
        left = min(_BURST, left + (now - at) * _PER_SECOND)
        if left < 1:
            return (1 - left) / _PER_SECOND
        self._left[uid] = (left - 1, now)
        if now - self._tidied_at >= _FULL_AFTER_SECONDS:
            self._tidy(now)
        return 0.0

    def _tidy(self, now: float) -> None:
        """A bucket that is full again is as good as none. Not at every write: it takes as long as there are objects."""
        self._tidied_at = now
        self._left = {uid: (left, at) for uid, (left, at) in self._left.items() if now - at < _FULL_AFTER_SECONDS}

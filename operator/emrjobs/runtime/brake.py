"""Slows the status writes of one object: two processes that disagree about it must not write as fast as they can."""

import time
from typing import Final

_BURST: Final = 30.0
"""More than any run's life takes at once."""
_PER_SECOND: Final = 2.0
_FULL_AFTER_SECONDS: Final = _BURST / _PER_SECOND
_TIDY_ABOVE: Final = 1000


class Brake:
    """A token bucket for each object that was written of late. No I/O."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}

    def wait(self, uid: str) -> float:
        """Take a token; or the seconds until there is one."""
        now = time.monotonic()
        left, at = self._left.get(uid, (_BURST, now))
        left = min(_BURST, left + (now - at) * _PER_SECOND)
        if left < 1:
            return (1 - left) / _PER_SECOND
        self._left[uid] = (left - 1, now)
        if len(self._left) > _TIDY_ABOVE:
            self._tidy(now)
        return 0.0

    def _tidy(self, now: float) -> None:
        """A bucket that is full again is as good as none."""
        self._left = {uid: (left, at) for uid, (left, at) in self._left.items() if now - at < _FULL_AFTER_SECONDS}

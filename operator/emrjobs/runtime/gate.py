"""Whether this process may act, and until when what it decides now may be sent."""

import math
import time
from datetime import timedelta
from enum import Enum


class Phase(Enum):
    """Of the process's right to act."""

    CLOSED = "not allowed to act"
    OPEN = "acting"
    DRAINING = "writing down what is in flight, nothing new"


class Gate:
    """Asked before every effect. Times are monotonic seconds, so a paused process finds it closed."""

    def __init__(self, effect_limit: timedelta) -> None:
        self._effect_seconds = effect_limit.total_seconds()
        self._acts_until = -math.inf
        self._sends_until = -math.inf
        self._draining = False

    def open(self, acts_until: float = math.inf, sends_until: float = math.inf) -> None:
        """Act until the one time, and let nothing leave after the other (the end of the Lease)."""
        self._acts_until = acts_until
        self._sends_until = sends_until

    def close(self) -> None:
        """Stop acting now."""
        self._acts_until = -math.inf

    def drain(self) -> None:
        """From now on, only record what was done."""
        self._draining = True

    @property
    def phase(self) -> Phase:
        """Of this moment."""
        if time.monotonic() > self._acts_until:
            return Phase.CLOSED
        return Phase.DRAINING if self._draining else Phase.OPEN

    @property
    def exclusive(self) -> bool:
        """Whether a Lease keeps all other processes from acting."""
        return self._sends_until < math.inf

    def not_after(self) -> float:
        """A write to AWS that is decided now must not leave later than this."""
        return min(time.monotonic() + self._effect_seconds, self._sends_until)

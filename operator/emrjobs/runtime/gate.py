"""Whether this process may act, and until when what it decides now may be sent."""

import time
from datetime import timedelta
from enum import Enum


class Phase(Enum):
    """Of the process's right to act."""

    CLOSED = "not allowed to act"
    OPEN = "acting"
    DRAINING = "writing down what is in flight, nothing new"


class Gate:
    """Asked before every effect. Times are monotonic seconds."""

    def __init__(self, effect_limit: timedelta) -> None:
        self._effect_seconds = effect_limit.total_seconds()
        self.phase = Phase.CLOSED

    def open(self) -> None:
        """From now on, act."""
        self.phase = Phase.OPEN

    def drain(self) -> None:
        """From now on, only record what was done."""
        self.phase = Phase.DRAINING

    def not_after(self) -> float:
        """A write to AWS that is decided now must not leave later than this."""
        return time.monotonic() + self._effect_seconds

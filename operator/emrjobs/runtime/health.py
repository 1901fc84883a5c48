"""Troubles that last: what keeps failing for longer than a while makes the process not ready."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

_OUTAGE: Final = 3
"""Failures in a row that are more than bad luck."""


class FailureStreak:
    """Of one kind of call. Monotonic seconds."""

    def __init__(self, problem: str, patience: timedelta) -> None:
        self._problem = problem
        self._seconds = patience.total_seconds()
        self._since: float | None = None

    def failed(self) -> None:
        """It failed, for a reason that is not one object's."""
        self._since = self._since or time.monotonic()

    def ok(self) -> None:
        """It worked."""
        self._since = None

    def problem(self) -> str | None:
        """The problem, if it has lasted for too long."""
        if self._since is None or time.monotonic() - self._since < self._seconds:
            return None
        return self._problem


class Outage:
    """Of one kind of call: its end is told at once, so that nobody waits for it longer than it lasts."""

    def __init__(self) -> None:
        self._failures = 0
        self._tell: Callable[[], None] = lambda: None

    def on_over(self, tell: Callable[[], None]) -> None:
        """Whom to tell of the end of an outage."""
        self._tell = tell

    def failed(self) -> None:
        """A call failed, for a reason that is not one object's."""
        self._failures += 1

    def ok(self) -> None:
        """A call worked."""
        over, self._failures = self._failures >= _OUTAGE, 0
        if over:
            self._tell()

"""Troubles that last: what keeps failing for longer than a while makes the process not ready."""

import time
from datetime import timedelta


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

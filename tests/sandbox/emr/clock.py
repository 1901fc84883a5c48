"""The simulator's time in seconds since the epoch: the real one, or one that only moves when told."""

import time
from collections.abc import Callable


class Clock:
    """Never goes back but in a new world. Signatures, quotas and the log of calls use real time whatever the mode."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._held: float | None = None
        self._ahead = 0.0  # how far advancing has put this clock before the real one
        self._latest = 0.0

    def restart(self) -> None:
        """The real time again."""
        self._held, self._ahead, self._latest = None, 0.0, 0.0

    def now(self) -> float:
        reading = self._held if self._held is not None else self._wall() + self._ahead
        self._latest = max(self._latest, reading)
        return self._latest

    @property
    def mode(self) -> str:
        return "real" if self._held is None else "manual"

    def hold(self, at: float | None = None) -> None:
        """Stop here, or at a later instant."""
        self._held = max(self.now(), at if at is not None else 0.0)

    def run(self) -> None:
        """Run on from where it stands, at the speed of real time."""
        self._ahead = self.now() - self._wall()
        self._held = None

    def advance(self, seconds: float) -> float:
        if seconds < 0:
            raise ValueError("time does not go back")
        if self._held is None:
            self._ahead += seconds
        else:
            self._held += seconds
        return self.now()

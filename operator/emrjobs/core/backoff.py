"""How long to wait before the same thing is tried again. Pure: the random sample is an argument."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles from ``first`` to ``longest``, then takes a random share of it.

    The share lies between 50 % and 100 %, so that many objects that failed together spread out.
    """

    first: timedelta
    longest: timedelta

    def delay(self, failures: int, sample: float) -> timedelta:
        """The wait after that many failures in a row (from 1); ``sample`` lies in [0, 1)."""
        doublings = min(max(failures, 1) - 1, 30)
        whole = min(self.first * 2.0**doublings, self.longest)
        return whole * (0.5 + sample / 2)

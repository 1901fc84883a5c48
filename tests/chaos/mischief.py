"""What befalls requests at random: deaths of the process, lost answers, errors, cut connections. Seeded."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.chaos.effects import Ask
from tests.chaos.strikes import CUT_AFTER, CUT_BEFORE, PASS, Point, Strike, death, refused, reply

LOST = 0.05
"""The share of effects that are done while their answer is lost."""
CUT = 0.02
ERRORS = {409: 0.02, 500: 0.01, 503: 0.01, 429: 0.02}
READ_ERRORS = {500: 0.01, 429: 0.01}
MANNERS = ("kill", "terminate", "pause")
MANNER_WEIGHTS = (90, 5, 5)


@dataclass(slots=True)
class Tally:
    """What was done to the operators, over all islands."""

    kills: Counter[str] = field(default_factory=Counter)
    """By the point of the request; only those with a write since the last."""
    idle_kills: int = 0
    handovers: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def counted(self) -> int:
        return self.kills.total()


@dataclass(slots=True)
class Mischief:
    """The plan of all operators of one island. `act` does something to the process that just sent a request."""

    dice: random.Random
    tally: Tally
    wanted: Callable[[], bool]
    """Whether more kills are wanted."""
    most_writes: int
    """Between two kills."""
    calm: bool = False
    """While true nothing befalls anybody."""
    writes: int = 0
    next_after: int = 3

    def plan_for(self, act: Callable[[str], None], alive: Callable[[], bool]) -> "Door":
        return Door(self, act, alive)

    def due(self) -> bool:
        """Count a write; whether this one is to be the process's last."""
        self.writes += 1
        return self.writes >= self.next_after and self.wanted()

    def rearm(self) -> None:
        self.writes, self.next_after = 0, self.dice.randint(2, self.most_writes)


@dataclass(slots=True)
class Door:
    """The plan of one process."""

    mischief: Mischief
    act: Callable[[str], None]
    alive: Callable[[], bool]
    """A process that was killed has requests on their way; what kills it again does not count."""

    def strike(self, ask: Ask) -> Strike:
        """Called in the proxy's thread."""
        if self.mischief.calm or ask.kind in ("watch", "lease"):
            return PASS
        if ask.kind != "write":
            return self._fault(ask, READ_ERRORS)
        return self._blow() if self.alive() and self.mischief.due() else self._fault(ask, ERRORS, lost=LOST, cut=CUT)

    def _blow(self) -> Strike:
        mischief = self.mischief
        [manner] = mischief.dice.choices(MANNERS, MANNER_WEIGHTS)
        point = mischief.dice.choice(list(Point))
        # The write that is never forwarded does not count as one since the last kill.
        real = mischief.writes - (point is Point.BEFORE) > 0
        mischief.rearm()
        if manner != "kill":
            mischief.tally.handovers[manner] += 1
        elif real:
            mischief.tally.kills[point.value] += 1
        else:
            mischief.tally.idle_kills += 1
        strike = death(lambda: self.act(manner), point)
        # Who is only paused, or told to end, still sends and gets answers.
        return strike if manner == "kill" else replace(strike, forward=True, cut=False)

    def _fault(self, ask: Ask, errors: dict[int, float], lost: float = 0.0, cut: float = 0.0) -> Strike:
        roll, tally = self.mischief.dice.random(), self.mischief.tally.faults
        for status, share in errors.items():
            roll -= share
            if roll < 0:
                tally[f"{ask.front} {status}"] += 1
                return refused(reply(ask, status))
        for name, share, strike in (("answer lost", lost, CUT_AFTER), ("connection cut", cut, CUT_BEFORE)):
            roll -= share
            if roll < 0:
                tally[f"{ask.front} {name}"] += 1
                return strike
        return PASS

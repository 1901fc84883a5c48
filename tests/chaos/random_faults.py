"""What befalls requests at random: deaths of the process, lost answers, errors, cut connections. Seeded."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.chaos.effects import Ask
from tests.chaos.fault_injection import CUT_AFTER, CUT_BEFORE, PASS, Fault, Point, death, refused, reply

LOST = 0.05
"""The share of effects that are done while their answer is lost."""
CUT = 0.02
ERRORS = {409: 0.02, 500: 0.01, 503: 0.01, 429: 0.02}
READ_ERRORS = {500: 0.01, 429: 0.01}
MANNERS = ("kill", "terminate", "pause")
MANNER_WEIGHTS = (90, 5, 5)


@dataclass(slots=True)
class Tally:
    """What was done to the operators, over all cells."""

    kills: Counter[str] = field(default_factory=Counter)
    """By the point of the request; only those with a write since the last."""
    idle_kills: int = 0
    handovers: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def counted(self) -> int:
        return self.kills.total()


@dataclass(slots=True)
class RandomFaults:
    """The plan of all operators of one cell. `act` does something to the process that just sent a request."""

    rng: random.Random
    tally: Tally
    wanted: Callable[[], bool]
    """Whether more kills are wanted."""
    most_writes: int
    """Between two kills."""
    calm: bool = False
    """While true nothing befalls anybody."""
    writes: int = 0
    next_after: int = 3

    def plan_for(self, act: Callable[[str], None], alive: Callable[[], bool]) -> "ProxyPath":
        return ProxyPath(self, act, alive)

    def due(self) -> bool:
        """Count a write; whether this one is to be the process's last."""
        self.writes += 1
        return self.writes >= self.next_after and self.wanted()

    def rearm(self) -> None:
        self.writes, self.next_after = 0, self.rng.randint(2, self.most_writes)


@dataclass(slots=True)
class ProxyPath:
    """The plan of one process."""

    random_faults: RandomFaults
    act: Callable[[str], None]
    alive: Callable[[], bool]
    """A process that was killed has requests on their way; what kills it again does not count."""

    def fault(self, ask: Ask) -> Fault:
        """Called in the proxy's thread."""
        if self.random_faults.calm or ask.kind in ("watch", "lease"):
            return PASS
        if ask.kind != "write":
            return self._fault(ask, READ_ERRORS)
        return (
            self._blow() if self.alive() and self.random_faults.due() else self._fault(ask, ERRORS, lost=LOST, cut=CUT)
        )

    def _blow(self) -> Fault:
        random_faults = self.random_faults
        [manner] = random_faults.rng.choices(MANNERS, MANNER_WEIGHTS)
        point = random_faults.rng.choice(list(Point))
        # The write that is never forwarded does not count as one since the last kill.
        real = random_faults.writes - (point is Point.BEFORE) > 0
        random_faults.rearm()
        if manner != "kill":
            random_faults.tally.handovers[manner] += 1
        elif real:
            random_faults.tally.kills[point.value] += 1
        else:
            random_faults.tally.idle_kills += 1
        fault = death(lambda: self.act(manner), point)
        # Who is only paused, or told to end, still sends and gets answers.
        return fault if manner == "kill" else replace(fault, forward=True, cut=False)

    def _fault(self, ask: Ask, errors: dict[int, float], lost: float = 0.0, cut: float = 0.0) -> Fault:
        roll, tally = self.random_faults.rng.random(), self.random_faults.tally.faults
        for status, share in errors.items():
            roll -= share
            if roll < 0:
                tally[f"{ask.front} {status}"] += 1
                return refused(reply(ask, status))
        for name, share, fault in (("answer lost", lost, CUT_AFTER), ("connection cut", cut, CUT_BEFORE)):
            roll -= share
            if roll < 0:
                tally[f"{ask.front} {name}"] += 1
                return fault
        return PASS

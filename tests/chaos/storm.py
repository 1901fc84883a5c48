"""The random run: many objects on a few islands, operators that are killed, paused and terminated, faults on
every way; bounded in time; at its end the invariants are counted at the endpoint."""

import datetime as dt
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos import truth
from tests.chaos.arena import Arena
from tests.chaos.figures import Figures
from tests.chaos.island import Island
from tests.chaos.mischief import Mischief, Tally

LOOK_SECONDS = 0.2
TELL_SECONDS = 30.0
SETTLE_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class Weather:
    """What a run is to be. `policy`: what the endpoint does with another request under a known token."""

    seed: int = 1
    kills: int = 30
    objects: int = 60
    islands: int = 4
    alive: int = 16
    """Objects of one island that have not ended."""
    writes: int = 24
    """At most so many between two kills."""
    policy: str = "old-run"
    seconds: float = 1800.0


class Storm:
    """One run."""

    def __init__(self, arena: Arena, weather: Weather, tell: Callable[[str], None] = lambda _: None) -> None:
        self._arena = arena
        self._tell = tell
        self._weather = weather
        self._tally = Tally()
        dice = random.Random(weather.seed)
        self._islands = [self._island(dice) for _ in range(weather.islands)]

    def _island(self, dice: random.Random) -> Island:
        own = random.Random(dice.randrange(2**32))
        mischief = Mischief(own, self._tally, self._more, self._weather.writes)
        return Island(self._arena, dice.randrange(2**32), mischief)

    def run(self) -> Figures:
        """Storm, calm, judgement."""
        weather, began = self._weather, time.monotonic()
        self._arena.sim.settings(token_mismatch=weather.policy, list_lag=0.5)
        starts = self._arena.nursery.count
        try:
            self._blow(began)
            stormed = time.monotonic() - began
            settled = self._calm()
        finally:
            for island in self._islands:
                island.end()
            self._arena.sim.settings(token_mismatch="old-run", list_lag=0.0)
        figures = Figures.counted(weather, self._arena.sim, self._islands, self._tally)
        figures.starts = self._arena.nursery.count - starts
        figures.storm_seconds, figures.settle_seconds = stormed, settled
        figures.wrong = self._judge()
        return figures

    def _blow(self, began: float) -> None:
        told = began
        while not self._enough() and time.monotonic() - began < self._weather.seconds:
            self._turn()
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                self._tell(f"{told - began:.0f} s: {self._tally.counted} kills, {self._made()} objects")
            time.sleep(LOOK_SECONDS)

    def _more(self) -> bool:
        return self._tally.counted < self._weather.kills

    def _enough(self) -> bool:
        return self._made() >= self._weather.objects and not self._more()

    def _made(self) -> int:
        return sum(len(island.things) for island in self._islands)

    def _turn(self) -> None:
        for island in self._islands:
            island.keep()
            island.do_what_is_due()
            self._feed(island)

    def _feed(self, island: Island) -> None:
        """Objects come as others end; when there are enough of them, only as long as kills are wanted."""
        under_way = island.look()
        if under_way >= self._weather.alive or self._enough():
            return
        for _ in range(min(4, self._weather.alive - under_way)):
            island.make()

    def _calm(self) -> float:
        """Nothing befalls anybody any more: until all is over, or too late. Returns the seconds that it took."""
        began = time.monotonic()
        for island in self._islands:
            island.mischief.calm = True
        while time.monotonic() - began < SETTLE_SECONDS:
            for island in self._islands:
                island.keep()
                island.do_what_is_due()
                island.hurry()
            if not sum(island.look() for island in self._islands):
                break
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - began

    def _judge(self) -> list[str]:
        clusters = {island.cluster for island in self._islands}
        runs = [run for run in self._arena.sim.runs() if run["virtual_cluster_id"] in clusters]
        things = [thing for island in self._islands for thing in island.things.values()]
        wrong = truth.at_endpoint(runs, [thing.uid for thing in things])
        by_uid, now = truth.by_uid(runs), dt.datetime.now(dt.UTC)
        for thing in things:
            wrong += [f"{thing.name} {thing.uid}: {text}" for text in thing.wrong(by_uid.get(thing.uid, []), now)]
        return wrong

"""The random run: many objects on a few cells, operators that are killed, paused and terminated, faults on
every way; bounded in time; at its end the invariants are counted at the endpoint."""

import datetime as dt
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos import truth
from tests.chaos.cell import Cell
from tests.chaos.figures import Figures
from tests.chaos.random_faults import RandomFaults, Tally
from tests.chaos.testbed import ChaosTestbed

LOOK_SECONDS = 0.2
TELL_SECONDS = 30.0
SETTLE_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class Weather:
    """What a run is to be. `policy`: what the endpoint does with another request under a known token."""

    seed: int = 1
    kills: int = 30
    objects: int = 60
    cells: int = 4
    alive: int = 16
    """Objects of one cell that have not ended."""
    writes: int = 24
    """At most so many between two kills."""
    policy: str = "old-run"
    seconds: float = 1800.0
    changing_policies: bool = False
    """Whether EmrJobPolicies are required, and change all the time."""


class Storm:
    """One run."""

    def __init__(self, testbed: ChaosTestbed, weather: Weather, tell: Callable[[str], None] = lambda _: None) -> None:
        self._testbed = testbed
        self._tell = tell
        self._weather = weather
        self._tally = Tally()
        rng = random.Random(weather.seed)
        self._islands = [self._island(rng) for _ in range(weather.cells)]

    def _island(self, rng: random.Random) -> Cell:
        own = random.Random(rng.randrange(2**32))
        random_faults = RandomFaults(own, self._tally, self._more, self._weather.writes)
        return Cell(self._testbed, rng.randrange(2**32), random_faults, policies=self._weather.changing_policies)

    def run(self) -> Figures:
        """Storm, calm, judgement."""
        weather, began = self._weather, time.monotonic()
        self._testbed.sim.settings(token_mismatch=weather.policy, list_lag=0.5)
        starts = self._testbed.process_pool.count
        try:
            self._blow(began)
            stormed = time.monotonic() - began
            settled = self._calm()
        finally:
            for cell in self._islands:
                cell.end()
            self._testbed.sim.settings(token_mismatch="old-run", list_lag=0.0)
        figures = Figures.counted(weather, self._testbed.sim, self._islands, self._tally)
        figures.starts = self._testbed.process_pool.count - starts
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
        return sum(len(cell.subjects) for cell in self._islands)

    def _turn(self) -> None:
        for cell in self._islands:
            cell.keep()
            cell.do_what_is_due()
            self._feed(cell)

    def _feed(self, cell: Cell) -> None:
        """Objects come as others end; when there are enough of them, only as long as kills are wanted."""
        under_way = cell.look()
        if under_way >= self._weather.alive or self._enough():
            return
        for _ in range(min(4, self._weather.alive - under_way)):
            cell.make()

    def _calm(self) -> float:
        """Nothing befalls anybody any more: until all is over, or too late. Returns the seconds that it took."""
        began = time.monotonic()
        for cell in self._islands:
            cell.calm()
        while time.monotonic() - began < SETTLE_SECONDS:
            for cell in self._islands:
                cell.keep()
                cell.do_what_is_due()
                cell.hurry()
            if not sum(cell.look() for cell in self._islands):
                break
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - began

    def _judge(self) -> list[str]:
        clusters = {cell.cluster for cell in self._islands}
        runs = [run for run in self._testbed.sim.runs() if run["virtual_cluster_id"] in clusters]
        subjects = [subject for cell in self._islands for subject in cell.subjects.values()]
        wrong = truth.at_endpoint(runs, [subject.uid for subject in subjects])
        by_uid, now = truth.by_uid(runs), dt.datetime.now(dt.UTC)
        for subject in subjects:
            wrong += [
                f"{subject.name} {subject.uid}: {text}" for text in subject.wrong(by_uid.get(subject.uid, []), now)
            ]
        return wrong

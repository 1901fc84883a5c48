"""A lane runs one life after another in a namespace of its own, with an operator that is killed and started
again. Lanes run beside each other."""

import time
from collections.abc import Callable

from tests.chaos import truth
from tests.chaos.arena import Arena
from tests.chaos.effects import Ask
from tests.chaos.life import Life, Scenario
from tests.chaos.nursery import Fork
from tests.chaos.strikes import PASS, Point, Strike, death

LOOK_SECONDS = 0.05
PATIENCE = 45.0
"""Seconds that a life may take, its crash and the Lease's run-out included."""


class NthEffect:
    """Strikes the nth effect for one object, once. Runs in the proxy's thread."""

    def __init__(self) -> None:
        self.key = ""
        self._left = 0
        self._strike = PASS
        self.struck: Ask | None = None

    def arm(self, key: str, n: int, strike: Strike) -> None:
        self.key, self._left, self._strike, self.struck = key, n, strike, None

    def strike(self, ask: Ask) -> Strike:
        if ask.kind != "write" or ask.key != self.key or self._left <= 0:
            return PASS
        self._left -= 1
        if self._left:
            return PASS
        self.struck = ask
        return self._strike


class Lane:
    """One at a time; used by one thread."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        self.plan = NthEffect()
        self.doors = arena.doors(self.plan)
        self.namespace = arena.namespace("lane")
        self.runs = arena.world.kube.runs(self.namespace)
        self._fork: Fork | None = None

    @property
    def fork(self) -> Fork:
        """The operator; started if there is none."""
        if self._fork is None or not self._fork.running:
            self._fork = self.arena.operator(self.doors, self.namespace, self.namespace)
        return self._fork

    def killed(self) -> bool:
        """Whether the operator that was started last is gone."""
        return self._fork is not None and not self._fork.running

    def kill(self) -> None:
        if self._fork is not None:
            self._fork.kill()

    def crash(self, scenario: Scenario, n: int, point: Point) -> "Outcome":
        """A life whose operator is killed at that point of its nth effect, and started again."""
        name = self.arena.name("c")
        self.plan.arm(name, n, death(self.kill, point))
        return self._live(scenario, name, point)

    def undisturbed(self, scenario: Scenario) -> list[str]:
        """The labels of the effects of a life in which nothing goes wrong."""
        name = self.arena.name("c")
        outcome = self._live(scenario, name, None)
        if outcome.wrong:
            raise AssertionError(f"{scenario.name}, undisturbed: {outcome.wrong}")
        return self.doors.labels(name)

    def _live(self, scenario: Scenario, name: str, point: Point | None) -> "Outcome":
        _ = self.fork
        life = Life(scenario, name, self.runs, self.arena.sim)
        over = self._until_over(life)
        wrong = self._judge(life) if over else [f"stuck for {PATIENCE:g} s: {life.item()}"]
        life.remove()
        return Outcome(self.plan.struck.label if point and self.plan.struck else "", wrong, name)

    def _until_over(self, life: Life) -> bool:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.killed():
                if life.scenario.deleted_while_down and not life.deleted:
                    life.delete()
                _ = self.fork
            if life.step():
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def _judge(self, life: Life) -> list[str]:
        runs = truth.by_uid(self.arena.sim.runs(virtual_cluster_id=life.name)).get(life.uid, [])
        wrong = truth.at_endpoint(self.arena.sim.runs(virtual_cluster_id=life.name), [life.uid])
        item = life.item()
        if life.deleted:
            return wrong + truth.of_deleted(item, runs, retained=life.scenario.retained)
        return wrong + (truth.of_object(item, runs) if item else ["gone, but nobody deleted it"])


class Outcome:
    """What became of one life: where it was struck, and what is wrong."""

    def __init__(self, struck: str, wrong: list[str], name: str) -> None:
        self.struck = struck
        self.wrong = wrong
        self.name = name

    @property
    def word(self) -> str:
        """For the table."""
        if self.wrong:
            return "WRONG"
        return "ok" if self.struck else "-"


Work = Callable[[Lane], None]

"""A runner runs one life after another in a namespace of its own, with an operator that is killed and started
again. Runners run beside each other."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event

from tests.chaos import truth
from tests.chaos.effects import Ask
from tests.chaos.fault_injection import PASS, Fault, Point, death
from tests.chaos.life import Life, Scenario
from tests.chaos.process_pool import OperatorProcess
from tests.chaos.testbed import ChaosTestbed
from tests.support.poll import until

LOOK_SECONDS = 0.02
BLIND_LOOK_SECONDS = 0.5
"""A look at the object although nothing came through the proxies."""
START_NUMBER = 3
"""Of StartJobRun among the effects of a life with a finalizer: after that and the intent."""
PATIENCE = 45.0
"""Seconds that a life may take, its crash and the Lease's run-out included."""


class NthEffect:
    """Strikes the nth effect for one object, once. Runs in the proxy's thread."""

    def __init__(self) -> None:
        self.key = ""
        self._left = 0
        self._fault = PASS
        self.hit: Ask | None = None

    def arm(self, key: str, n: int, fault: Fault) -> None:
        self.key, self._left, self._fault, self.hit = key, n, fault, None

    def fault(self, ask: Ask) -> Fault:
        if ask.kind != "write" or ask.key != self.key or self._left <= 0:
            return PASS
        self._left -= 1
        if self._left:
            return PASS
        self.hit = ask
        return self._fault


class Runner:
    """One at a time; used by one thread."""

    def __init__(self, testbed: ChaosTestbed) -> None:
        self.testbed = testbed
        self.plan = NthEffect()
        self.proxy_state = testbed.proxy_state(self.plan)
        self.namespace = testbed.namespace("runner")
        self.runs = testbed.world.kube.runs(self.namespace)
        self._fork: OperatorProcess | None = None
        self._hit = Event()

    @property
    def fork(self) -> OperatorProcess:
        """The operator; started if there is none. One that was killed is never taken for a running one."""
        if self._fork is not None and self._fork.doomed:
            self._fork.ended()
        if self._fork is None or not self._fork.running:
            self._fork = self.testbed.operator(self.proxy_state, self.namespace, self.namespace)
        return self._fork

    def killed(self) -> bool:
        """Whether the operator that was started last is gone."""
        return self._fork is not None and not self._fork.running

    def kill(self) -> None:
        if self._fork is not None:
            self._fork.kill()
        self._hit.set()

    def crash(self, scenario: Scenario, n: int, point: Point) -> "Outcome":
        """A life whose operator is killed at that point of its nth effect, and started again."""
        name = self.testbed.name("c")
        self._hit.clear()
        self.plan.arm(name, n, death(self.kill, point))
        outcome = self._live(scenario, name)
        if outcome.hit and not self._hit.wait(PATIENCE):
            raise AssertionError(f"{name}: the operator was never killed for {outcome.hit}")
        return outcome

    def undisturbed(self, scenario: Scenario) -> list[str]:
        """The labels of the effects of a life in which nothing goes wrong."""
        name = self.testbed.name("c")
        outcome = self._live(scenario, name)
        if outcome.wrong:
            raise AssertionError(f"{scenario.name}, undisturbed: {outcome.wrong}")
        return self.proxy_state.labels(name)

    def undecided(self, window: "Fault", act: Callable[[Life], None]) -> "Outcome":
        """A life whose StartJobRun meets that fault; `act` is called when it does."""
        name = self.testbed.name("c")
        self.plan.arm(name, START_NUMBER, window)
        _ = self.fork
        life = Life(Scenario("deleted in the window"), name, self.runs, self.testbed.sim)
        until(lambda: self.plan.hit, PATIENCE, lambda: f"StartJobRun for {name}; {self.proxy_state.labels(name)}")
        act(life)
        return self._ended(life, name)

    def _live(self, scenario: Scenario, name: str) -> "Outcome":
        _ = self.fork
        return self._ended(Life(scenario, name, self.runs, self.testbed.sim), name)

    def _ended(self, life: Life, name: str) -> "Outcome":
        over = self._until_over(life)
        wrong = self._judge(life) if over else [f"stuck for {PATIENCE:g} s: {life.item()}"]
        life.remove()
        hit = self.plan.hit.label if self.plan.key == name and self.plan.hit else ""
        return Outcome(hit, wrong, name, life)

    def _until_over(self, life: Life) -> bool:
        deadline = time.monotonic() + PATIENCE
        seen, next_look = -1, 0.0
        while time.monotonic() < deadline:
            if self.killed():
                if life.scenario.deleted_while_down and not life.deleted:
                    life.delete()
                _ = self.fork
            if self.proxy_state.done != seen or time.monotonic() > next_look:
                seen, next_look = self.proxy_state.done, time.monotonic() + BLIND_LOOK_SECONDS
                if life.step(life.item()):
                    return True
            time.sleep(LOOK_SECONDS)
        return False

    def _judge(self, life: Life) -> list[str]:
        return truth.of_life(life, life.item(), self.testbed.sim.runs(virtual_cluster_id=life.name))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one life: where it was hit, and what is wrong."""

    hit: str
    wrong: list[str]
    name: str
    life: Life

    @property
    def word(self) -> str:
        """For the table."""
        if self.wrong:
            return "WRONG"
        return "ok" if self.hit else "-"


class Runners:
    """Work done by several runners beside each other, each at its own pace."""

    def __init__(self, testbed: ChaosTestbed, count: int) -> None:
        self._free: SimpleQueue[Runner] = SimpleQueue()
        self._pool = ThreadPoolExecutor(count)
        for runner in self._pool.map(lambda _: Runner(testbed), range(count)):
            self._free.put(runner)

    def each(self, tasks: Iterable[Callable[[Runner], None]]) -> None:
        """Do all tasks; the first that raises ends it."""
        for done in [self._pool.submit(self._with_runner, task) for task in tasks]:
            done.result()

    def _with_runner(self, task: Callable[[Runner], None]) -> None:
        runner = self._free.get()
        try:
            task(runner)
        finally:
            self._free.put(runner)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        while not self._free.empty():
            self._free.get().kill()


def wrong_later(testbed: ChaosTestbed, lives: Sequence[Life]) -> list[str]:
    """What went wrong when nobody looked any more: looked at again at the end of all."""
    names = {life.name for life in lives}
    runs = [run for run in testbed.sim.runs() if run["virtual_cluster_id"] in names]
    retained = {life.uid for life in lives if life.scenario.retained}
    found = truth.at_endpoint(runs, {life.uid for life in lives})
    return found + [
        f"run {run['id']} was cancelled" for run in runs if run["client_token"] in retained and run["cancels"]
    ]

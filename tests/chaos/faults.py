"""Every kind of answer to every effect of a life: one operator, an object for each combination, all at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos import truth
from tests.chaos.effects import CANCEL, START, Ask
from tests.chaos.fault_injection import CUT_AFTER, CUT_BEFORE, PASS, Fault, refused, reply
from tests.chaos.life import Life, Scenario
from tests.chaos.testbed import ChaosTestbed
from tests.sandbox.emr.admin import RunFacts
from tests.sandbox.table import table
from tests.support.kube import Json, Runs

LOOK_SECONDS = 0.1
PATIENCE = 90.0
STATUSES = (400, 403, 404, 409, 422, 429, 500, 503)
TOUCHED, CUT_OFF, LOST = "changed", "cut before", "cut after"
KINDS = (*map(str, STATUSES), TOUCHED, CUT_OFF, LOST)
SCENARIOS = (Scenario("to the end"), Scenario("deleted while RUNNING", deleted_at="RUNNING"))
LOOKS = ("describe", "list")
MOST_EXTRA = 12
"""Requests about one object beyond those of an undisturbed life, looks at the run not counted."""


class PlanByKey:
    """Strikes the nth effect of each object that has a fault. Runs in the proxy's thread."""

    def __init__(self) -> None:
        self._armed: dict[str, tuple[int, Callable[[Ask], Fault]]] = {}
        self._seen: dict[str, int] = {}
        self.hit: dict[str, str] = {}

    def arm(self, key: str, n: int, fault: Callable[[Ask], Fault]) -> None:
        self._armed[key] = (n, fault)

    def fault(self, ask: Ask) -> Fault:
        if ask.kind != "write" or ask.key not in self._armed:
            return PASS
        count = self._seen[ask.key] = self._seen.get(ask.key, 0) + 1
        n, fault = self._armed[ask.key]
        if count != n:
            return PASS
        self.hit[ask.key] = ask.label
        return fault(ask)


@dataclass(slots=True)
class Case:
    """One kind of answer to one effect."""

    scenario: Scenario
    n: int
    label: str
    kind: str
    usual: int
    life: Life | None = None
    hit: str = ""
    wrong: list[str] = field(default_factory=list)
    asked: int = 0
    """Requests about the object, but for looks at its run."""

    @property
    def word(self) -> str:
        if self.wrong:
            return "WRONG"
        return f"ok {self.asked}"


class Faults:
    """An operator in a namespace of its own, behind its proxies."""

    def __init__(self, testbed: ChaosTestbed) -> None:
        self._testbed = testbed
        self._plan = PlanByKey()
        self.proxy_state = testbed.proxy_state(self._plan)
        self._namespace = testbed.namespace("faults")
        self._runs: Runs = testbed.world.kube.runs(self._namespace)
        self.fork = testbed.operator(self.proxy_state, self._namespace, self._namespace)

    def numbered(self, scenario: Scenario) -> list[str]:
        """The labels of the effects of an undisturbed life."""
        life = self._begin(scenario, self._testbed.name("f"))
        self._until_over([life], PATIENCE)
        return self.proxy_state.labels(life.name)

    def run(self, cases: Sequence[Case]) -> None:
        """All at once, to their end; then each is judged."""
        for case in cases:
            name = self._testbed.name("f")
            self._plan.arm(name, case.n, self._answer(case.kind, name))
            case.life = self._begin(case.scenario, name)
        left = self._until_over([case.life for case in cases if case.life is not None], PATIENCE)
        items, runs = self._items(), self._testbed.sim.runs()
        for case in cases:
            if case.life is not None:
                self._judge(case, case.life, items.get(case.life.name), runs)
                case.wrong += ["stuck"] if case.life in left else []

    def _begin(self, scenario: Scenario, name: str) -> Life:
        return Life(scenario, name, self._runs, self._testbed.sim)

    def _items(self) -> dict[str, Json]:
        return {item["metadata"]["name"]: item for item in self._runs.list()}

    def _until_over(self, lives: Sequence[Life], seconds: float) -> list[Life]:
        """Drive them all; those that do not come to their end in time are given back."""
        left, deadline = list(lives), time.monotonic() + seconds
        while left and time.monotonic() < deadline and self.fork.running:
            items = self._items()
            left = [life for life in left if not life.step(items.get(life.name))]
            time.sleep(LOOK_SECONDS)
        return left

    def _judge(self, case: Case, life: Life, item: Json | None, runs: list[RunFacts]) -> None:
        asked = Counter(passed.ask.key for passed in self.proxy_state.passed if passed.ask.label not in LOOKS)
        case.hit = self._plan.hit.get(life.name, "")
        case.asked = asked[life.name]
        case.wrong += truth.of_life(life, item, [run for run in runs if run["virtual_cluster_id"] == life.name])
        if not case.hit:
            case.wrong.append("the fault never came")
        if case.asked > case.usual + MOST_EXTRA:
            case.wrong.append(f"{case.asked} requests where {case.usual} are usual")

    def _answer(self, kind: str, name: str) -> Callable[[Ask], Fault]:
        async def touch() -> None:
            change = {"metadata": {"annotations": {"touched": "yes"}}}
            await asyncio.to_thread(self._runs.patch, name, change)

        match kind:
            case "changed":
                return lambda _: Fault(before=touch)
            case "cut before":
                return lambda _: CUT_BEFORE
            case "cut after":
                return lambda _: CUT_AFTER
            case _:
                return lambda ask: refused(reply(ask, int(kind)))


def fault_matrix(faults: Faults, scenarios: Sequence[Scenario] = SCENARIOS, kinds: Sequence[str] = KINDS) -> list[Case]:
    """Each kind of answer to each effect that only one of the scenarios has first."""
    cases: list[Case] = []
    known: list[str] = []
    for scenario in scenarios:
        labels = faults.numbered(scenario)
        for n, label in enumerate(labels, 1):
            if labels[:n] == known[:n]:
                continue
            fitting = [kind for kind in kinds if kind != TOUCHED or label not in (START, CANCEL)]
            cases += [Case(scenario, n, label, kind, len(labels)) for kind in fitting]
        known = labels
    faults.run(cases)
    return cases


def printed(cases: Sequence[Case]) -> str:
    """Effects in rows, kinds of answers in columns; in each cell the requests that the object took."""
    rows: dict[tuple[str, int, str], dict[str, str]] = {}
    for case in cases:
        rows.setdefault((case.scenario.name, case.n, case.label), {})[case.kind] = case.word
    kinds = [kind for kind in KINDS if any(case.kind == kind for case in cases)]
    lines = [[name, str(n), label, *(row.get(kind, "") for kind in kinds)] for (name, n, label), row in rows.items()]
    return table(["life", "effect", "what", *kinds], lines)


def wrong(cases: Sequence[Case]) -> list[str]:
    """Every case that does not hold."""
    return [
        f"{case.scenario.name}, effect {case.n} ({case.label}), {case.kind}, object "
        f"{case.life.name if case.life else ''}: {text}"
        for case in cases
        for text in case.wrong
    ]

"""An answer that stays the same for a while: the operator neither gives up nor asks without a pause."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.chaos import truth
from tests.chaos.effects import CANCEL, START, Ask
from tests.chaos.fault_injection import CUT_BEFORE, PASS, Fault, refused, reply
from tests.chaos.life import Life, Scenario
from tests.chaos.testbed import ChaosTestbed
from tests.sandbox.table import table
from tests.support.kube import Json

SECONDS = 5.0
LABELS = ("hold", "intent", START, "accepted", "RUNNING", CANCEL, "release")
KINDS = ("403", "409", "422", "429", "500", "cut")
PATIENCE = 90.0
MOST = {"kube": 8, "emr": 40}
"""Tries in these seconds: the API server is asked again after 1, 2, 4 … s, AWS after half a second at most."""
LOOK_SECONDS = 0.1


@dataclass(slots=True)
class Case:
    """One answer to one effect, from its first try for some seconds."""

    label: str
    kind: str
    life: Life | None = None
    since: float | None = None
    tries: int = 0
    wrong: list[str] = field(default_factory=list)

    def fault(self, ask: Ask) -> Fault:
        if ask.label != self.label:
            return PASS
        self.since = self.since or time.monotonic()
        if time.monotonic() - self.since > SECONDS:
            return PASS
        self.tries += 1
        return CUT_BEFORE if self.kind == "cut" else refused(reply(ask, int(self.kind)))

    @property
    def word(self) -> str:
        return "WRONG" if self.wrong else f"ok {self.tries}"


class ByKey:
    """The plan: each object has its case. Runs in the proxy's thread."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}

    def fault(self, ask: Ask) -> Fault:
        case = self.cases.get(ask.key)
        return case.fault(ask) if case is not None and ask.kind == "write" else PASS


def lasting_matrix(testbed: ChaosTestbed) -> list[Case]:
    """All at once, with one operator, to their end."""
    plan = ByKey()
    proxy_state, namespace = testbed.proxy_state(plan), testbed.namespace("lasting")
    runs = testbed.world.kube.runs(namespace)
    fork = testbed.operator(proxy_state, namespace, namespace)
    cases = [Case(label, kind) for label in LABELS for kind in KINDS]
    for case in cases:
        name = testbed.name("l")
        plan.cases[name] = case
        case.life = Life(Scenario("deleted while RUNNING", deleted_at="RUNNING"), name, runs, testbed.sim)
    lives = [case.life for case in cases if case.life is not None]
    deadline, items = time.monotonic() + PATIENCE, dict[str, Json]()
    while lives and time.monotonic() < deadline and fork.running:
        items = {item["metadata"]["name"]: item for item in runs.list()}
        lives = [life for life in lives if not life.step(items.get(life.name))]
        time.sleep(LOOK_SECONDS)
    for case in cases:
        _judge(case, lives, items, testbed)
    fork.kill()
    return cases


def _judge(case: Case, stuck: list[Life], items: dict[str, Json], testbed: ChaosTestbed) -> None:
    life = case.life
    if life is None:
        return
    case.wrong += ["stuck"] if life in stuck else []
    case.wrong += truth.of_life(life, items.get(life.name), testbed.sim.runs(virtual_cluster_id=life.name))
    most = MOST["emr" if case.label in (START, CANCEL) else "kube"]
    if not 1 <= case.tries <= most:
        case.wrong.append(f"{case.tries} tries in {SECONDS:g} s")


def printed(cases: Sequence[Case]) -> str:
    """Effects in rows, answers in columns; in each cell the tries while it lasted."""
    rows = [[label, *(_word(cases, label, kind) for kind in KINDS)] for label in LABELS]
    return table([f"for {SECONDS:g} s", *KINDS], rows)


def _word(cases: Sequence[Case], label: str, kind: str) -> str:
    [case] = [case for case in cases if (case.label, case.kind) == (label, kind)]
    return case.word


def wrong(cases: Sequence[Case]) -> list[str]:
    """Every case that does not hold."""
    return [f"{case.label}, {case.kind} for {SECONDS:g} s: {text}" for case in cases for text in case.wrong]

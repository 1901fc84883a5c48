"""Two operators and one Lease: the leader is killed, stopped and continued, or terminated."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos import truth
from tests.chaos.effects import START, Ask
from tests.chaos.fault_injection import PASS, Fault
from tests.chaos.gate import Held
from tests.chaos.life import Life, Scenario
from tests.chaos.process_pool import OperatorProcess
from tests.chaos.testbed import ChaosTestbed
from tests.sandbox.operator_process import LISTENING
from tests.sandbox.table import table
from tests.support.kube import Json
from tests.support.poll import until

LOOK_SECONDS = 0.05
PATIENCE = 60.0
OBJECTS = 5
STAYS = Scenario("stays until the handover", stays_at="RUNNING")
PLAIN = Scenario("plain")


class ByLabel:
    """Strikes every effect of one label on one object. Runs in the proxy's thread."""

    def __init__(self) -> None:
        self._strikes: dict[tuple[str, str], Fault] = {}

    def arm(self, key: str, label: str, fault: Fault) -> None:
        self._strikes[key, label] = fault

    def fault(self, ask: Ask) -> Fault:
        return self._strikes.get((ask.key, ask.label), PASS) if ask.kind == "write" else PASS


@dataclass(slots=True)
class Report:
    """What a handover took and left."""

    name: str
    objects: int = 0
    successor_acts: float = 0.0
    """Seconds from what happened to the leader to the successor's first effect."""
    code: int | None = None
    """The old leader's exit code."""
    stale: list[str] = field(default_factory=list)
    """Effects that the old leader still sent after the successor had acted."""
    wrong: list[str] = field(default_factory=list)


class Pair:
    """A leader and a standby, each behind proxies of its own, and some objects under way."""

    def __init__(self, testbed: ChaosTestbed, **environment: str) -> None:
        self.testbed = testbed
        self.plan = ByLabel()
        self.namespace = testbed.namespace("pair")
        self.runs = testbed.world.kube.runs(self.namespace)
        self.old_doors, self.new_doors = testbed.proxy_state(self.plan), testbed.proxy_state()
        self.lives: list[Life] = []
        self.old = testbed.operator(self.old_doors, self.namespace, self.namespace, **environment)
        self.lives += [self.begin(STAYS) for _ in range(OBJECTS)]
        self.drive_until(self._all_running, "the leader's objects run")
        self.new: OperatorProcess = testbed.operator(self.new_doors, self.namespace, self.namespace, **environment)
        self.drive_until(lambda: self.new_doors.watches, "the standby watches")
        whole = self.add()
        self.drive_until(lambda: self.states()[whole.name] == "COMPLETED", "one lives while the standby stands by")
        self._early = self.new_doors.labels()

    def begin(self, scenario: Scenario, name: str | None = None) -> Life:
        return Life(scenario, name or self.testbed.name("p"), self.runs, self.testbed.sim)

    def add(self, name: str | None = None) -> Life:
        life = self.begin(PLAIN, name)
        self.lives.append(life)
        return life

    def drive_until(self, holds: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Let the endpoint go on meanwhile."""

        def probe() -> object:
            self.drive()
            return holds()

        until(probe, seconds, lambda: f"{what}; {self.states()}")

    def drive(self) -> bool:
        items = self._items()
        over = [life.step(items.get(life.name)) for life in self.lives]
        return all(over)

    def states(self) -> dict[str, str]:
        return {name: item.get("status", {}).get("state", "") for name, item in self._items().items()}

    def metrics(self) -> str:
        """Of the old leader."""
        from tests.sandbox.operator_process import _OPENER  # noqa: PLC0415

        lines = [line for line in self.old.logs().splitlines() if LISTENING in line and line.startswith("{")]
        with _OPENER.open(f"http://127.0.0.1:{json.loads(lines[-1])['port']}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def _items(self) -> dict[str, Json]:
        return {item["metadata"]["name"]: item for item in self.runs.list()}

    def _all_running(self) -> bool:
        states = list(self.states().values())
        return len(states) == len(self.lives) and all(state == "RUNNING" for state in states)

    def close(self, report: Report, happened: float, since: float | None = None) -> Report:
        """To the end of all objects; then everything is judged. `since`: effects of the old one after that
        are stale; by default, after the successor's first."""
        for life in self.lives:
            life.release()
        self.drive_until(self.drive, "all objects end")
        first = min((passed.at for passed in self.new_doors.writes()), default=0.0)
        report.objects, report.successor_acts = len(self.lives), first - happened
        report.wrong += [f"the standby did it while the leader led: {label}" for label in self._early]
        late = [passed for passed in self.old_doors.writes() if passed.at > (since or first)]
        report.stale = [f"{passed.ask.label} {passed.ask.key}" for passed in late]
        report.wrong += [f"stale: {text}" for text in report.stale]
        self._judge(report)
        self.old.kill()
        self.new.kill()
        return report

    def _judge(self, report: Report) -> None:
        items, runs = self._items(), self.testbed.sim.runs()
        for life in self.lives:
            own = [run for run in runs if run["virtual_cluster_id"] == life.name]
            report.wrong += [f"{life.name}: {text}" for text in truth.of_life(life, items.get(life.name), own)]


def killed(testbed: ChaosTestbed) -> Report:
    """SIGKILL: the successor waits for the Lease to run out."""
    pair, report = Pair(testbed), Report("killed (-9)")
    happened = time.monotonic()
    pair.old.kill()
    pair.add()
    pair.drive_until(pair.new_doors.writes, "the successor acts")
    report.code = pair.old.ended()
    return pair.close(report, happened)


def terminated(testbed: ChaosTestbed) -> Report:
    """SIGTERM: the Lease is released."""
    pair, report = Pair(testbed), Report("terminated (SIGTERM)")
    happened = time.monotonic()
    pair.old.terminate()
    pair.add()
    report.code = pair.old.ended()
    pair.drive_until(pair.new_doors.writes, "the successor acts")
    if report.code != 0:
        report.wrong.append(f"the leader ended with {report.code}")
    return pair.close(report, happened)


def stopped(testbed: ChaosTestbed) -> Report:
    """SIGSTOP for longer than the Lease, then SIGCONT: it sees the successor, does nothing, and ends."""
    pair, report = Pair(testbed), Report("stopped, continued")
    happened = time.monotonic()
    pair.old.pause()
    pair.add()
    pair.drive_until(pair.new_doors.writes, "the successor acts")
    pair.old.resume()
    report.code = pair.old.ended()
    return pair.close(report, happened)


def stopped_with_a_start_in_hand(testbed: ChaosTestbed) -> Report:
    """Its StartJobRun is on the way when it is stopped, and arrives after the successor has sent its own."""
    pair, report = Pair(testbed), Report("stopped, StartJobRun on its way")
    held, name = Held(testbed.proxy), testbed.name("p")
    pair.plan.arm(name, START, Fault(before=held.hook))
    life = pair.add(name)
    pair.drive_until(lambda: held.arrived, "the leader sends")
    happened = time.monotonic()
    pair.old.pause()
    pair.drive_until(lambda: testbed.sim.runs(client_token=life.uid), "the successor sends")
    held.let_go()
    until(lambda: testbed.sim.runs(client_token=life.uid)[0]["sends"] == 2, 10, "the first request arrives too")
    pair.old.resume()
    report.code = pair.old.ended()
    return pair.close(report, happened)


def stopped_before_a_start(testbed: ChaosTestbed) -> Report:
    """It is stopped before it learns that its intent is recorded: it must not send when it wakes."""
    pair, report = Pair(testbed), Report("stopped, StartJobRun about to be sent")
    held, name = Held(testbed.proxy), testbed.name("p")
    pair.plan.arm(name, "intent", Fault(after=held.hook))
    life = pair.add(name)
    pair.drive_until(lambda: held.arrived, "the leader records its intent")
    happened = time.monotonic()
    pair.old.pause()
    held.let_go()
    pair.drive_until(lambda: testbed.sim.runs(client_token=life.uid), "the successor sends")
    pair.old.resume()
    report.code = pair.old.ended()
    return pair.close(report, happened)


def stopped_between_decision_and_send(testbed: ChaosTestbed) -> Report:
    """One request on its way, another decided and waiting for the only connection: its time is over on waking."""
    pair = Pair(testbed, EMRJOBS_AWS_CONNECTIONS="1")
    report = Report("stopped, StartJobRun decided, not sent")
    held, first, second = Held(testbed.proxy), testbed.name("p"), testbed.name("p")
    for name in (first, second):
        pair.plan.arm(name, START, Fault(before=held.hook))
    begun = _sends(pair.metrics())
    lives = [pair.add(first), pair.add(second)]
    pair.drive_until(lambda: held.arrived, "the leader sends")
    until(lambda: _sends(pair.metrics()) >= begun + 2, 20, "the leader has decided to send the second")
    happened = time.monotonic()
    pair.old.pause()
    pair.drive_until(lambda: all(testbed.sim.runs(client_token=life.uid) for life in lives), "the successor sends")
    woken = time.monotonic()
    held.let_go()
    pair.old.resume()
    report.code = pair.old.ended()
    return pair.close(report, happened, woken)


def _sends(metrics: str) -> float:
    """How often the rule `send` was applied."""
    lines = [line for line in metrics.splitlines() if 'rule="send"' in line and "_total{" in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


CASES: tuple[Callable[[ChaosTestbed], Report], ...] = (
    killed,
    terminated,
    stopped,
    stopped_with_a_start_in_hand,
    stopped_before_a_start,
    stopped_between_decision_and_send,
)


def printed(reports: Sequence[Report]) -> str:
    """One line each."""
    heads = ["the leader is", "objects", "successor acts after", "leader's exit code", "stale effects", ""]
    return table(heads, [_line(report) for report in reports])


def _line(r: Report) -> list[str]:
    word = "WRONG" if r.wrong else "ok"
    return [r.name, str(r.objects), f"{r.successor_acts:.2f} s", str(r.code), str(len(r.stale)), word]

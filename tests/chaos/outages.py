"""The API server does not answer, or does not tell: watches that end, that are refused, a server that is away.

Meanwhile objects are made, deleted, and forced away without their finalizers; runs go on at the endpoint.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos import truth
from tests.chaos.fault_injection import NoPlan
from tests.chaos.life import Life, Scenario
from tests.chaos.testbed import ChaosTestbed
from tests.sandbox.table import table
from tests.support.jobs import TERMINAL
from tests.support.kube import Json
from tests.support.poll import until

LOOK_SECONDS = 0.1
PATIENCE = 120.0
BY_A_BUSY_LOOP = 60
"""Requests without the Lease's in an outage of a few seconds that only a busy loop would send: kopf and every
object back off for a second and longer."""
BACK_UNSEEN_SECONDS = 2.0
"""The API server is back, and the operator cannot reach it yet."""
KEPT = Scenario("kept")
DELETED = Scenario("deleted", stays_at="RUNNING")
FORCED = Scenario("forced away", stays_at="RUNNING", script="pending=100000")
EACH = 4


@dataclass(slots=True)
class Report:
    """What an outage did."""

    name: str
    objects: int = 0
    asked: int = 0
    """Requests to the API server in the outage, without those for the Lease."""
    seconds: float = 0.0
    """From its end until all was well."""
    wrong: list[str] = field(default_factory=list)


class Outages:
    """One operator in a namespace of its own; outages come one after another."""

    def __init__(self, testbed: ChaosTestbed) -> None:
        self._testbed = testbed
        self.proxy_state = testbed.proxy_state(NoPlan())
        self._namespace = testbed.namespace("outage")
        self._runs = testbed.world.kube.runs(self._namespace)
        self.fork = testbed.operator(self.proxy_state, self._namespace, self._namespace)

    def watches_end(self, times: int, *, expired: bool) -> Report:
        """All watches end again and again, with 410 if asked, while objects live and die."""
        report = Report("watches expire (410)" if expired else "watches end")
        lives = self._begin(KEPT) + self._begin(DELETED)
        for _ in range(times):
            until(lambda: self.proxy_state.watches, 30, "a watch is open")
            self._testbed.proxy.cut_watches(self.proxy_state, expired=expired)
            self._drive(lives)
        self._running(lives)
        self._testbed.proxy.cut_watches(self.proxy_state, expired=expired)
        self._delete(lives)
        return self._closed(report, lives)

    def watches_refused(self, seconds: float) -> Report:
        """No watch is answered for a while."""
        report = Report(f"watches refused for {seconds:g} s")

        def blind(now: bool) -> None:
            self._testbed.proxy.blind(self.proxy_state, now)

        return self._absence(report, blind, seconds)

    def server_away(self, seconds: float) -> Report:
        """The API server is killed, stays away for a while, and comes back."""
        report = Report(f"API server away for {seconds:g} s")
        cluster = self._testbed.world.cluster

        def away(now: bool) -> None:
            self._testbed.proxy.shut(self.proxy_state, now)
            if now:
                cluster.stop_api_server(hard=True)
                self._while_away(seconds)
                cluster.start_api_server()

        return self._absence(report, away, BACK_UNSEEN_SECONDS)

    def _absence(self, report: Report, away: Callable[[bool], None], seconds: float) -> Report:
        """`away` begins and ends it; what is done to objects meanwhile is done by the admin."""
        lives = [*self._begin(KEPT), *self._begin(DELETED), *self._begin(FORCED)]
        self._running(lives)
        before, began = self._asked(), time.monotonic()
        away(True)
        self._delete(lives)
        lives += self._begin(KEPT)
        self._while_away(seconds)
        report.asked = self._asked() - before
        if report.asked > BY_A_BUSY_LOOP + 2 * (time.monotonic() - began):
            report.wrong.append(f"{report.asked} requests without an answer in {time.monotonic() - began:.0f} s")
        away(False)
        return self._closed(report, lives)

    def _begin(self, scenario: Scenario) -> list[Life]:
        names = [self._testbed.name("o") for _ in range(EACH)]
        return [Life(scenario, name, self._runs, self._testbed.sim) for name in names]

    def _delete(self, lives: Sequence[Life]) -> None:
        for life in lives:
            if life.scenario in (DELETED, FORCED):
                life.delete()
            if life.scenario is FORCED:
                life.remove()

    def _running(self, lives: Sequence[Life]) -> None:
        """Until all of them have a run that the status shows as running or as over."""

        def run() -> bool:
            self._drive(lives)
            states = [item.get("status", {}).get("state") for item in self._items().values()]
            return len(states) >= len(lives) and all(state in ("RUNNING", "COMPLETED") for state in states)

        until(run, PATIENCE, "all objects run")

    def _items(self) -> dict[str, Json]:
        return {item["metadata"]["name"]: item for item in self._runs.list()}

    def _drive(self, lives: Sequence[Life]) -> bool:
        """One step of each; true when all are over."""
        items = self._items()
        over = [life.step(items.get(life.name)) for life in lives]
        return all(over)

    def _asked(self) -> int:
        counts = self.proxy_state.counts()
        return sum(count for kind, count in counts.items() if kind.startswith("kube") and kind != "kube lease")

    def _while_away(self, seconds: float) -> None:
        until_when = time.monotonic() + seconds
        while time.monotonic() < until_when and self.fork.running:
            time.sleep(LOOK_SECONDS)

    def _closed(self, report: Report, lives: Sequence[Life]) -> Report:
        """Until all is well, or too late; then everything is judged."""
        began = time.monotonic()

        def over() -> bool:
            return self._drive(lives) and not self._unfinished(lives)

        try:
            until(over, PATIENCE, lambda: f"all is over: {self._unfinished(lives)}")
        except AssertionError as error:
            report.wrong.append(str(error)[:2000])
        report.objects, report.seconds = len(lives), time.monotonic() - began
        items, runs = self._items(), self._testbed.sim.runs()
        for life in lives:
            own = [run for run in runs if run["virtual_cluster_id"] == life.name]
            report.wrong += [f"{life.name}: {text}" for text in truth.of_life(life, items.get(life.name), own)]
        if not self.fork.running:
            report.wrong.append(f"the operator ended with {self.fork.code}")
        return report

    def _unfinished(self, lives: Sequence[Life]) -> list[str]:
        """Runs of deleted objects that nobody has stopped."""
        uids = {life.uid for life in lives if life.deleted}
        runs = self._testbed.sim.runs()
        return [r["id"] for r in runs if r["client_token"] in uids and r["state"] not in TERMINAL]


def printed(reports: Sequence[Report]) -> str:
    """One line each."""
    lines = [[r.name, str(r.objects), str(r.asked), f"{r.seconds:.1f}", "WRONG" if r.wrong else "ok"] for r in reports]
    return table(["outage", "objects", "requests in it", "seconds until well", ""], lines)

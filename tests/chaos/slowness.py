"""Kubernetes answers, but slowly: etcd is stopped for moments, again and again, so that every answer takes its time."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos import truth
from tests.chaos.life import Life, Scenario
from tests.chaos.outages import BY_A_BUSY_LOOP, Report
from tests.chaos.testbed import ChaosTestbed
from tests.sandbox.world import World
from tests.support.kube import Json
from tests.support.poll import TimedOut, until

STOPPED_SECONDS, GOING_SECONDS = 1.5, 0.3
PATIENCE = 120.0
EACH = 4
KEPT = Scenario("kept")
DELETED = Scenario("deleted", deleted_at="RUNNING")
USUAL_LEASE = {"EMRJOBS_LEASE_DURATION": "15", "EMRJOBS_LEASE_RENEW_DEADLINE": "10", "EMRJOBS_LEASE_RETRY": "2"}


@contextmanager
def slow_etcd(world: World) -> Iterator[None]:
    """Until the end of the block."""
    etcd, over = world.cluster._etcd, threading.Event()
    assert etcd is not None

    def slow_down() -> None:
        while not over.is_set():
            etcd.signal(signal.SIGSTOP)
            over.wait(STOPPED_SECONDS)
            etcd.signal(signal.SIGCONT)
            over.wait(GOING_SECONDS)

    thread = threading.Thread(target=slow_down, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(30)
        etcd.signal(signal.SIGCONT)


def lives_with_slow_etcd(testbed: ChaosTestbed, *, usual_lease: bool) -> Report:
    """Objects live and are deleted to their end while etcd is slow; `usual_lease` is longer than any answer takes,
    the other one is lost again and again, so that its objects may wait for better times."""
    report = Report(f"etcd slow, {'usual' if usual_lease else 'short'} Lease")
    proxy_state, namespace = testbed.proxy_state(), testbed.namespace("slow")
    runs = testbed.world.kube.runs(namespace)
    fork = testbed.operator(proxy_state, namespace, namespace, **(USUAL_LEASE if usual_lease else {}))
    lives = [Life(kind, testbed.name("w"), runs, testbed.sim) for kind in (KEPT, DELETED) for _ in range(EACH)]
    items = dict[str, Json]()

    def over() -> bool:
        nonlocal items
        items = {item["metadata"]["name"]: item for item in runs.list()}
        ended = [life.step(items.get(life.name)) for life in lives]
        return all(ended)

    began = time.monotonic()
    try:
        with slow_etcd(testbed.world):
            if usual_lease:
                until(over, PATIENCE, "all is over although etcd is slow")
            else:
                until(lambda: over() or time.monotonic() - began > 15, 60, "a while")
        until(over, PATIENCE, "all is over")
    except TimedOut as error:
        report.wrong.append(str(error)[:1000])
    report.objects, report.seconds = len(lives), time.monotonic() - began
    counts = proxy_state.counts()
    report.asked = sum(count for kind, count in counts.items() if kind.startswith("kube") and kind != "kube lease")
    if report.asked > BY_A_BUSY_LOOP + 20 * len(lives) + 2 * report.seconds:
        report.wrong.append(f"{report.asked} requests for {len(lives)} objects in {report.seconds:.0f} s")
    for life in lives:
        own = testbed.sim.runs(virtual_cluster_id=life.name)
        report.wrong += [f"{life.name}: {text}" for text in truth.of_life(life, items.get(life.name), own)]
    if not fork.running:
        report.wrong.append(f"the operator ended with {fork.code}")
    fork.kill()
    return report

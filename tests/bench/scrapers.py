"""What scrapers cost the others: jobs, probes and the Lease while many connections read `/metrics`.

``python -m tests.bench.scrapers [CONNECTIONS [SECONDS]]`` prints the figures without any scraper, and with them.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Thread

from tests.bench.figures import percentile
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.paths import ROOT
from tests.sandbox.processes import Process, clean_environment
from tests.sandbox.rights import NAMESPACE
from tests.sandbox.world import World
from tests.support.jobs import Jobs
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

_REQUEST = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclass(slots=True)
class Figures:
    """Seconds: from create to id of jobs, of answers of `/healthz`, between two renewals of the Lease."""

    to_id: list[float] = field(default_factory=list)
    healthz: list[float] = field(default_factory=list)
    renewals: list[float] = field(default_factory=list)

    def told(self) -> str:
        def row(name: str, seconds: list[float]) -> str:
            return f"  {name:20} {len(seconds):4}  p50 {percentile(seconds, 0.5):6.3f}  max {max(seconds):6.3f}"

        rows = (("create to id", self.to_id), ("/healthz", self.healthz), ("Lease renewals", self.renewals))
        return "\n".join(row(*each) for each in rows)


async def scrape(port: int, connections: int, seconds: float) -> int:
    """Read the page over and over on each connection, kept or opened anew; how many pages came."""
    ends, pages = time.monotonic() + seconds, 0

    async def one() -> None:
        nonlocal pages
        while time.monotonic() < ends:
            try:
                reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 10)
                writer.write(_REQUEST)
                while time.monotonic() < ends and (await asyncio.wait_for(reader.read(65536), 10)) != b"":
                    pages += 1
                    writer.write(_REQUEST)
                writer.close()
            except (OSError, TimeoutError):
                await asyncio.sleep(0.1)

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(one())
    return pages


@contextmanager
def in_the_background(step: Callable[[], None], pause: float) -> Iterator[None]:
    """Meanwhile the step is done again and again."""
    enough = Event()

    def work() -> None:
        while not enough.wait(pause):
            step()

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join(30)


def measure(world: World, operator: OperatorProcess, jobs: Jobs, seconds: float, prefix: str) -> Figures:
    """Jobs one after another for so long, and meanwhile the probe and the Lease."""
    figures, renewed = Figures(), [lease_renewed(world)]

    def probe() -> None:
        began = time.monotonic()
        try:
            operator.get("/healthz")
        except OSError:
            figures.healthz.append(float("inf"))
        else:
            figures.healthz.append(time.monotonic() - began)

    def look() -> None:
        now = lease_renewed(world)
        if now != renewed[-1]:
            figures.renewals.append((now - renewed[-1]).total_seconds())
            renewed.append(now)

    ends, number = time.monotonic() + seconds, 0
    with in_the_background(probe, 0.5), in_the_background(look, 0.2):
        while time.monotonic() < ends:
            name, began = f"{prefix}-{number}", time.monotonic()
            jobs.submit(name, "run=0")
            jobs.shows(lambda status: "id" in status, "has an id", name, timeout=120)
            figures.to_id.append(time.monotonic() - began)
            number += 1
    return figures


def lease_renewed(world: World) -> datetime:
    path = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"
    (lease,) = world.kube.request("GET", path)["items"]
    return datetime.fromisoformat(lease["spec"]["renewTime"])


def compare(connections: int, seconds: float) -> None:
    with World() as world:
        world.kube.create_namespace("others")
        jobs = Jobs(world.kube.runs("others"), world.sim)
        operator = world.operator(**ENVIRONMENT)
        until(lambda: operator.metrics().get("emrjobs_leader"), 30, "it leads")
        sys.stdout.write(f"alone\n{measure(world, operator, jobs, seconds / 2, 'alone').told()}\n")
        argv = [sys.executable, "-m", "tests.bench.scrapers", str(operator.port), str(connections), str(seconds)]
        log = world.folder / "logs" / "scrapers.log"
        scrapers = Process("scrapers", argv, env=clean_environment(world.folder), log=log, cwd=ROOT)
        try:
            figures = measure(world, operator, jobs, seconds, "beside")
            until(lambda: not scrapers.running, 60, "the scrapers end")
        finally:
            scrapers.kill()
        pages = json.loads(log.read_text(encoding="utf-8") or "0")
        sys.stdout.write(f"beside {connections} connections, {pages} answers read\n{figures.told()}\n")


def main() -> int:
    given = [float(argument) for argument in sys.argv[1:]]
    if len(given) == 3:
        sys.stdout.write(json.dumps(asyncio.run(scrape(int(given[0]), int(given[1]), given[2]))))
    else:
        connections, seconds = [*given, *(800.0, 60.0)[len(given) :]]
        compare(int(connections), seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())

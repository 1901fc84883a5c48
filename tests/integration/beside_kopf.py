"""Beside a second kopf operator that handles our kind: what ours writes, and that it leaves what is finished alone.

``python -m tests.integration.beside_kopf [SECONDS]`` runs jobs for so long, ten minutes if not given, and prints the
writes on objects that had finished before, and everything that was written at all.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.sandbox.controlplane.audit import AuditEvent
from tests.sandbox.paths import ROOT
from tests.sandbox.processes import Process, clean_environment
from tests.sandbox.rights import USER
from tests.sandbox.table import table
from tests.sandbox.world import World
from tests.sandbox.written_fields import HEADS, written_fields
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

MARKER: Final = "kopf.zalando.org/KopfFinalizerMarker"


@contextmanager
def other_operator(world: World, namespace: str) -> Iterator[Process]:
    """A kopf operator with handlers for our kind in one namespace."""
    argv = [sys.executable, "-m", "kopf", "run", "--standalone", "-n", namespace]
    env = clean_environment(world.folder, KUBECONFIG=str(world.cluster.admin_kubeconfig))
    log = world.folder / "logs" / "other-operator.log"
    process = Process("other-operator", [*argv, "-m", "tests.support.other_operator"], env=env, log=log, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()


def finalizers(jobs: Jobs, name: str) -> list[str]:
    found: list[str] = jobs.runs.get(name)["metadata"].get("finalizers", [])
    return found


def finish(jobs: Jobs, count: int) -> list[str]:
    """Run so many jobs to their end; names of the objects, on which the other operator's finalizer alone is left."""
    names = [f"done-{number}" for number in range(count)]
    jobs.submit_all(names, "run=0")
    for name in names:
        jobs.reaches("COMPLETED", name, timeout=60)
        until(lambda name=name: finalizers(jobs, name) == [MARKER], 60, "ours is gone, the marker stays")  # type: ignore[misc]
    return names


def written_on(world: World, names: list[str], since: int) -> list[AuditEvent]:
    """Our operator's writes on these objects."""
    written = world.cluster.audit.writes(user=USER, resource="emrjobruns", since=since)
    return [event for event in written if event.name in names]


def run_jobs(jobs: Jobs, seconds: float) -> int:
    """One job after the other, each cancelled, resumed or run to its end; how many there were."""
    ends, number = jobs.sim.now() + seconds, 0
    while jobs.sim.now() < ends:
        name, number = f"meanwhile-{number}", number + 1
        jobs.submit(name, FOR_EVER if number % 2 else "run=1")
        jobs.reaches("RUNNING" if number % 2 else "COMPLETED", name, timeout=60)
        jobs.runs.patch(name, {"metadata": {"labels": {"changed": "yes"}}})
        jobs.runs.delete(name)
        # The other operator lets go of it too.
        jobs.gone(name)
    return number


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    with World() as world:
        world.kube.create_namespace("shared")
        jobs = Jobs(world.kube.runs("shared"), world.sim)
        world.operator(**ENVIRONMENT)
        with other_operator(world, "shared"):
            names = finish(jobs, 20)
            mark = world.cluster.audit.mark()
            count = run_jobs(jobs, seconds)
            found = written_on(world, names, mark)
        rows = written_fields(world.cluster.audit_events())
    text = f"{seconds:.0f} s, {count} jobs meanwhile: {len(found)} writes of ours on {len(names)} finished objects"
    sys.stdout.write(f"{text}\n{table(HEADS, rows)}\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())

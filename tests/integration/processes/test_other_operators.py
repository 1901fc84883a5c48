"""Beside other controllers of the same objects nothing but our own finalizer and the status is ever written."""

import sys
from collections.abc import Iterator

import pytest

from tests.sandbox.emr.admin import Admin
from tests.sandbox.paths import ROOT
from tests.sandbox.processes import Process, clean_environment
from tests.sandbox.rights import USER
from tests.sandbox.world import World
from tests.support.fixtures import StartOperator
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import Json
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

MARKER = "kopf.zalando.org/KopfFinalizerMarker"
FOREIGN = ("example.com/theirs", "emrjobs.dev/other", "emrjobs.dev/job-run-2", MARKER)
WINDOW = 5.0
"""Seconds, by the endpoint's clock."""


@pytest.fixture
def neighbour(world: World, jobs: Jobs) -> Iterator[Process]:
    """A kopf operator with handlers for our kind in the test's namespace."""
    argv = [sys.executable, "-m", "kopf", "run", "--standalone", "-n", jobs.runs.namespace]
    env = clean_environment(world.folder, KUBECONFIG=str(world.cluster.admin_kubeconfig))
    log = world.folder / "logs" / "neighbour.log"
    process = Process("neighbour", [*argv, "-m", "tests.support.other_operator"], env=env, log=log, cwd=ROOT)
    yield process
    process.kill()


def finalizers(jobs: Jobs, name: str) -> list[str]:
    found: list[str] = jobs.runs.get(name)["metadata"].get("finalizers", [])
    return found


def test_another_kopf_operators_marker_stays_and_finished_objects_are_left_alone(
    world: World, jobs: Jobs, sim: Admin, start_operator: StartOperator, neighbour: Process
) -> None:
    start_operator(**ENVIRONMENT)
    names = ("done-1", "done-2")
    jobs.submit_all(names, "run=0")
    jobs.submit("going", FOR_EVER)
    jobs.reaches("RUNNING", "going")
    until(lambda: jobs.states() == {"COMPLETED": 2, "RUNNING": 1}, 60, lambda: f"all end: {jobs.states()}")
    for name in names:
        until(lambda name=name: finalizers(jobs, name) == [MARKER], 30, "ours is gone, the marker stays")  # type: ignore[misc]
    mark, ends = world.cluster.audit.mark(), sim.now() + WINDOW
    until(lambda: sim.now() > ends, WINDOW + 5, "the window ends")
    written = world.cluster.audit.writes(user=USER, resource="emrjobruns", since=mark)
    assert written == []
    assert MARKER in finalizers(jobs, "going")


@pytest.mark.parametrize("theirs", FOREIGN)
def test_a_foreign_finalizer_outlives_ours(jobs: Jobs, operator: object, theirs: str) -> None:
    marks: Json = {"kopf.zalando.org/last-handled-configuration": "{}", "example.com/mine": "x"}
    body = jobs.runs.create("job", jobs.spec("run=0"), finalizers=[theirs], annotations=marks)
    jobs.reaches("COMPLETED")
    until(lambda: finalizers(jobs, "job") == [theirs], 30, "only theirs is left")
    assert jobs.runs.get("job")["metadata"]["annotations"] == marks
    assert jobs.run_of(body)["state"] == "COMPLETED"

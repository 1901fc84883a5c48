"""Beside other controllers of the same objects nothing but our own finalizer and the status is ever written."""

import pytest

from tests.integration.beside_kopf import MARKER, finalizers, finish, other_operator, written_on
from tests.sandbox.emr.admin import Admin
from tests.sandbox.world import World
from tests.support.fixtures import StartOperator
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import Json
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

FOREIGN = ("example.com/theirs", "emrjobs.dev/other", "emrjobs.dev/job-run-2", MARKER)
WINDOW = 5.0
"""Seconds, by the endpoint's clock."""


def test_another_kopf_operators_marker_stays_and_finished_objects_are_left_alone(
    world: World, jobs: Jobs, sim: Admin, start_operator: StartOperator
) -> None:
    start_operator(**ENVIRONMENT)
    with other_operator(world, jobs.runs.namespace):
        names = finish(jobs, 2)
        jobs.submit("going", FOR_EVER)
        jobs.reaches("RUNNING", "going")
        mark, ends = world.cluster.audit.mark(), sim.now() + WINDOW
        until(lambda: sim.now() > ends, WINDOW + 5, "the window ends")
        assert written_on(world, [*names, "going"], mark) == []
        assert MARKER in finalizers(jobs, "going")


@pytest.mark.parametrize("theirs", FOREIGN)
def test_a_foreign_finalizer_outlives_ours(jobs: Jobs, operator: object, theirs: str) -> None:
    marks: Json = {"kopf.zalando.org/last-handled-configuration": "{}", "example.com/mine": "x"}
    body = jobs.runs.create("job", jobs.spec("run=0"), finalizers=[theirs], annotations=marks)
    jobs.reaches("COMPLETED")
    until(lambda: finalizers(jobs, "job") == [theirs], 30, "only theirs is left")
    assert jobs.runs.get("job")["metadata"]["annotations"] == marks
    assert jobs.run_of(body)["state"] == "COMPLETED"

"""kill -9 at any point is harmless: one run each, every status true, every deletion carried out."""

import random
from collections.abc import Callable
from functools import partial

import pytest

from tests.sandbox.emr.admin import Admin
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.world import World
from tests.support.fixtures import StartOperator
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

SLOW = {"median": 0.3, "p99": 1.0}
SHORT_LEASE = {
    "EMRJOBS_LEASE_DURATION": "6",
    "EMRJOBS_LEASE_RENEW_DEADLINE": "4",
    "EMRJOBS_LEASE_RETRY": "1",
}

Crash = Callable[[OperatorProcess], None]


@pytest.fixture
def crash(world: World) -> Crash:
    """Kill an operator, and take its Lease away, so that the next one need not wait for it to run out."""

    def kill(operator: OperatorProcess) -> None:
        operator.kill()
        world.forget_leases()

    return kill


def accepted(jobs: Jobs) -> int:
    return len(jobs.at_endpoint())


def test_killed_while_fifty_jobs_are_submitted(jobs: Jobs, sim: Admin, start_operator: StartOperator) -> None:
    sim.settings(latency={"StartJobRun": SLOW})
    first = start_operator(**ENVIRONMENT, **SHORT_LEASE)
    submitted = jobs.submit_all(f"job-{number}" for number in range(50))
    until(lambda: accepted(jobs) >= 15, 30, "some are accepted")
    first.kill()
    assert accepted(jobs) < 50, "it was to be killed in the midst of things"

    start_operator(**ENVIRONMENT, **SHORT_LEASE)

    jobs.all_reach("COMPLETED", 50)
    jobs.one_run_each(submitted)
    jobs.statuses_are_true()


def _has_worked(jobs: Jobs, enough: int) -> bool:
    """Followed runs cost a share of a list, so there may be no more calls to wait for."""
    return len(jobs.calls()) >= enough or jobs.states().get("COMPLETED") == 30


def test_killed_again_and_again_while_thirty_jobs_run(jobs: Jobs, start_operator: StartOperator, crash: Crash) -> None:
    dice = random.Random(3)
    submitted = jobs.submit_all((f"job-{number}" for number in range(30)), "run=6")
    for _ in range(3):
        operator = start_operator(**ENVIRONMENT)
        enough = len(jobs.calls()) + dice.randrange(1, 60)
        until(partial(_has_worked, jobs, enough), 60, "it has called the endpoint for a while")
        crash(operator)

    start_operator(**ENVIRONMENT)

    jobs.all_reach("COMPLETED", 30)
    jobs.one_run_each(submitted)
    jobs.statuses_are_true()


def test_killed_with_answers_that_never_came(
    jobs: Jobs, sim: Admin, start_operator: StartOperator, crash: Crash
) -> None:
    """Every request is accepted and every answer lost, and then the process: the next one adopts the runs."""
    lost = sim.fault("lost", "StartJobRun", virtual_cluster_id=jobs.cluster)
    first = start_operator(**ENVIRONMENT)
    submitted = jobs.submit_all((f"job-{number}" for number in range(10)), FOR_EVER)
    until(lambda: accepted(jobs) == 10, 30, "all are accepted")
    crash(first)
    assert all("id" not in item["status"] for item in jobs.runs.list())
    sim.drop_fault(lost)

    start_operator(**ENVIRONMENT)

    jobs.all_reach("RUNNING", 10)
    jobs.one_run_each(submitted)
    jobs.statuses_are_true()


def test_deleted_while_no_operator_was_there(jobs: Jobs, start_operator: StartOperator, crash: Crash) -> None:
    first = start_operator(**ENVIRONMENT)
    submitted = jobs.submit_all((f"running-{number}" for number in range(5)), FOR_EVER)
    submitted += jobs.submit_all((f"pending-{number}" for number in range(5)), "stuck=PENDING")
    until(lambda: accepted(jobs) == 10, 30, "all are accepted")
    crash(first)
    jobs.runs.delete_all()

    start_operator(**ENVIRONMENT)

    until(lambda: not jobs.runs.list(), 30, lambda: f"all go: {jobs.states()}")
    assert {run["state"] for run in jobs.at_endpoint()} == {"CANCELLED"}
    jobs.one_run_each(submitted)


def test_killed_while_twenty_jobs_are_cancelled(
    jobs: Jobs, sim: Admin, start_operator: StartOperator, crash: Crash
) -> None:
    first = start_operator(**ENVIRONMENT)
    jobs.submit_all((f"job-{number}" for number in range(20)), FOR_EVER)
    jobs.all_reach("RUNNING", 20)
    sim.settings(latency={"CancelJobRun": SLOW})
    jobs.runs.delete_all()
    until(lambda: len(jobs.calls("CancelJobRun")) >= 5, 30, "some are being cancelled")
    crash(first)

    start_operator(**ENVIRONMENT)

    until(lambda: not jobs.runs.list(), 30, lambda: f"all go: {jobs.states()}")
    assert {run["state"] for run in jobs.at_endpoint()} == {"CANCELLED"}


def test_a_run_that_ended_meanwhile_is_told_as_it_was(jobs: Jobs, start_operator: StartOperator, crash: Crash) -> None:
    first = start_operator(**ENVIRONMENT)
    job = jobs.submit(script=FOR_EVER)
    run = jobs.reaches("RUNNING")["id"]
    crash(first)
    jobs.sim.put_state(run, "FAILED", "JobRun failed. Main Spark container terminated with errors.", "USER_ERROR")

    start_operator(**ENVIRONMENT)

    status = jobs.reaches("FAILED")
    assert status["failureReason"] == "USER_ERROR"
    jobs.one_run_each([job])

"""Many jobs at once: without limits all run at once, with AWS's limits none is ever refused for speed."""

from tests.sandbox.emr.admin import Admin
from tests.support.fixtures import StartOperator
from tests.support.jobs import Jobs
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT


def test_two_hundred_jobs_at_once(jobs: Jobs, start_operator: StartOperator) -> None:
    start_operator(**ENVIRONMENT)

    submitted = jobs.submit_all(f"job-{number}" for number in range(200))

    jobs.all_reach("COMPLETED", 200)
    jobs.one_run_each(submitted)
    jobs.statuses_are_true()


def test_forty_jobs_never_overrun_the_limits_of_aws(jobs: Jobs, sim: Admin, start_operator: StartOperator) -> None:
    sim.settings(quotas={"enabled": True})
    start_operator()

    submitted = jobs.submit_all(f"job-{number}" for number in range(40))
    queued = jobs.explains("Queued", "job-39")
    jobs.all_reach("COMPLETED", 40, timeout=90)

    assert queued["state"] == "QUEUED"
    assert {call["code"] for call in sim.calls()} == {"OK"}
    jobs.one_run_each(submitted)


def test_those_who_wait_hold_nothing(jobs: Jobs, start_operator: StartOperator) -> None:
    """Objects in line for the rate limit have no finalizer, and go at once."""
    start_operator(**{**ENVIRONMENT, "EMRJOBS_QUOTAS": '{"StartJobRun": [1, 0.01]}'})
    jobs.submit_all(f"job-{number}" for number in range(5))
    until(lambda: jobs.states().get("QUEUED") == 4, 30, lambda: f"four wait: {jobs.states()}")

    waiting = [item for item in jobs.runs.list() if item["status"]["state"] == "QUEUED"]
    assert all("finalizers" not in item["metadata"] for item in waiting)
    for item in waiting:
        jobs.runs.delete(item["metadata"]["name"])
        jobs.gone(item["metadata"]["name"], timeout=5)

"""SIGTERM: what is in flight ends and is written down, nothing new begins, exit 0."""

import pytest

from tests.sandbox.emr.admin import Admin
from tests.support.fixtures import StartOperator
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT


@pytest.mark.parametrize("kind", ["slow", "slow-after"], ids=["not accepted yet", "accepted, not answered"])
def test_requests_in_flight_are_written_down(jobs: Jobs, sim: Admin, start_operator: StartOperator, kind: str) -> None:
    operator = start_operator(**ENVIRONMENT)
    sim.fault(kind, "StartJobRun", virtual_cluster_id=jobs.cluster, seconds=2)
    submitted = jobs.submit_all((f"job-{number}" for number in range(10)), FOR_EVER)
    until(lambda: len(jobs.calls("StartJobRun")) == 10, 30, "all are on their way")
    assert all("id" not in item.get("status", {}) for item in jobs.runs.list())

    assert operator.terminate() == 0

    shown = {item["metadata"]["uid"]: item["status"].get("id") for item in jobs.runs.list()}
    assert shown == {run["client_token"]: run["id"] for run in jobs.at_endpoint()}
    jobs.one_run_each(submitted)


def test_nothing_new_begins(jobs: Jobs, sim: Admin, start_operator: StartOperator) -> None:
    """One request holds the process; objects that come meanwhile are left to the next one."""
    operator = start_operator(**ENVIRONMENT)
    sim.fault("slow-after", "StartJobRun", virtual_cluster_id=jobs.cluster, seconds=3, times=1)
    first = jobs.submit("first", FOR_EVER)
    until(lambda: jobs.calls("StartJobRun"), 30, "one is on its way")

    operator.begin_to_terminate()
    until(lambda: '"stopping"' in operator.logs(), 10, "it has heard")
    jobs.submit("second", FOR_EVER)

    assert operator.terminate() == 0
    jobs.one_run_each([first])
    assert jobs.status("first")["state"] == "PENDING"
    assert "clientToken" not in jobs.status("second")


def test_a_stop_with_a_line_before_the_rate_limit(jobs: Jobs, sim: Admin, start_operator: StartOperator) -> None:
    operator = start_operator(**{**ENVIRONMENT, "EMRJOBS_QUOTAS": '{"StartJobRun": [1, 0.01]}'})
    jobs.submit_all(f"job-{number}" for number in range(10))
    until(jobs.at_endpoint, 30, "the first is accepted")

    assert operator.terminate() == 0

    shown = [item["status"]["id"] for item in jobs.runs.list() if "id" in item.get("status", {})]
    assert shown == [run["id"] for run in jobs.at_endpoint()]


def test_another_operator_goes_on_where_one_stopped(jobs: Jobs, start_operator: StartOperator) -> None:
    first = start_operator(**ENVIRONMENT)
    submitted = jobs.submit_all((f"job-{number}" for number in range(10)), "run=4")
    jobs.all_reach("RUNNING", 10)
    assert first.terminate() == 0

    start_operator(**ENVIRONMENT)

    jobs.all_reach("COMPLETED", 10)
    jobs.one_run_each(submitted)
    jobs.statuses_are_true()

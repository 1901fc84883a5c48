"""Whole status documents: what a reader of `kubectl get -o yaml` sees in each situation."""

from collections.abc import Callable

import pytest

from tests.sandbox.emr.admin import Admin
from tests.support.golden import must_match
from tests.support.jobs import FOR_EVER, Jobs, ready
from tests.support.kube import Json

pytestmark = pytest.mark.usefixtures("operator")

MONITORING: Json = {
    "s3MonitoringConfiguration": {"logUri": "s3://logs/spark"},
    "cloudWatchMonitoringConfiguration": {"logGroupName": "/spark", "logStreamNamePrefix": "pi"},
}


def matches(golden: str, jobs: Jobs, status: Json) -> None:
    """Compare with the golden document; what belongs to this run alone is named there."""
    uid = jobs.runs.get("job")["metadata"]["uid"]
    known = {"UID": uid, "CLUSTER": jobs.cluster, "RUN": status.get("id", "no run")}
    must_match(golden, status, known)


@pytest.mark.parametrize(
    ("golden", "script", "state"),
    [
        ("pending", "stuck=PENDING", "PENDING"),
        ("running", FOR_EVER, "RUNNING"),
        ("completed", "run=2", "COMPLETED"),
        ("failed", "reason=USER_ERROR;run=2", "FAILED"),
        ("cluster-unavailable", "failure=cluster-missing", "FAILED"),
        ("unknown-state", "show=RESIZING;show_at=RUNNING;run=100000", "RESIZING"),
    ],
)
def test_a_run_of_its_own_accord(jobs: Jobs, golden: str, script: str, state: str) -> None:
    jobs.submit(script=script)

    jobs.reaches(state)

    status = jobs.shows(lambda seen: "createdAt" in seen, "has AWS's own times")
    matches(golden, jobs, status)


def test_a_run_with_logs_and_restarts(jobs: Jobs) -> None:
    jobs.submit(
        script="fails=1;run=2",
        retryPolicyConfiguration={"maxAttempts": 2},
        configurationOverrides={"monitoringConfiguration": MONITORING},
    )

    matches("completed-with-logs", jobs, jobs.reaches("COMPLETED"))


def test_cancelled_by_somebody_else(jobs: Jobs, sim: Admin) -> None:
    jobs.submit(script=FOR_EVER)
    sim.cancel(jobs.reaches("RUNNING")["id"])

    matches("cancelled-by-somebody-else", jobs, jobs.reaches("CANCELLED"))


def test_lost(jobs: Jobs, sim: Admin) -> None:
    jobs.submit(script=FOR_EVER)
    sim.forget(jobs.reaches("RUNNING")["id"])

    matches("lost", jobs, jobs.reaches("LOST"))


def test_deleting(jobs: Jobs) -> None:
    jobs.submit(script=f"{FOR_EVER};cancel=100000")
    jobs.reaches("RUNNING")

    jobs.runs.delete("job")

    matches("deleting", jobs, jobs.reaches("CANCEL_PENDING"))


def full(jobs: Jobs, sim: Admin) -> None:
    sim.put_cluster(jobs.cluster, schedulerConfiguration={"maxInQueueJobRuns": 0, "maxConcurrentJobRuns": 1})


def denied(jobs: Jobs, sim: Admin) -> None:
    sim.fault("denied", "StartJobRun", virtual_cluster_id=jobs.cluster)


def wrong(jobs: Jobs, sim: Admin) -> None:
    text = "1 validation error detected: Value at 'tags' failed to satisfy constraint: ..."
    sim.fault("error", "StartJobRun", status=400, code="ValidationException", message=text)


@pytest.mark.parametrize(
    ("golden", "arrange", "reason"),
    [
        ("queue-full", full, "ClusterBusy"),
        ("waiting-for-permission", denied, "WaitingForPermission"),
        ("access-denied", denied, "AccessDenied"),
        ("request-refused", wrong, "RequestRefused"),
    ],
)
def test_a_request_that_aws_refuses(
    jobs: Jobs, sim: Admin, golden: str, arrange: Callable[[Jobs, Admin], None], reason: str
) -> None:
    arrange(jobs, sim)
    jobs.submit()

    def settled(status: Json) -> bool:
        return ready(status).get("reason") == reason and "clientToken" not in status

    matches(golden, jobs, jobs.shows(settled, f"says {reason}, and is open to change"))

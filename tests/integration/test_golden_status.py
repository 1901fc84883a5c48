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
ALONE = {
    "pending": ("stuck=PENDING", "PENDING"),
    "running": (FOR_EVER, "RUNNING"),
    "completed": ("run=2", "COMPLETED"),
    "failed": ("reason=USER_ERROR;run=2", "FAILED"),
    "cluster-unavailable": ("failure=cluster-missing", "FAILED"),
    "unknown-state": ("show=RESIZING;show_at=RUNNING;run=100000", "RESIZING"),
}
"""Golden document, script and state of runs that nobody meddles with."""


def must_look(golden: str, jobs: Jobs, status: Json, name: str = "job") -> None:
    """Compare with the golden document; what belongs to this run alone is named there."""
    uid = jobs.runs.get(name)["metadata"]["uid"]
    known = {"UID": uid, "CLUSTER": jobs.cluster, "RUN": status.get("id", "no run")}
    must_match(golden, status, known)


def test_runs_that_nobody_meddles_with(jobs: Jobs) -> None:
    for golden, (script, _) in ALONE.items():
        jobs.submit(golden, script, name="job")

    for golden, (_, state) in ALONE.items():
        jobs.reaches(state, golden)
        status = jobs.shows(lambda seen: "createdAt" in seen, "has AWS's own times", golden)
        must_look(golden, jobs, status, golden)


def test_a_run_with_logs_and_restarts(jobs: Jobs) -> None:
    jobs.submit(
        script="fails=1;run=2",
        retryPolicyConfiguration={"maxAttempts": 2},
        configurationOverrides={"monitoringConfiguration": MONITORING},
    )

    must_look("completed-with-logs", jobs, jobs.reaches("COMPLETED"))


def test_runs_that_others_meddle_with(jobs: Jobs, sim: Admin) -> None:
    jobs.submit("cancelled", FOR_EVER, name="job")
    jobs.submit("lost", FOR_EVER, name="job")
    jobs.submit("deleting", f"{FOR_EVER};cancel=100000", name="job")
    sim.cancel(jobs.reaches("RUNNING", "cancelled")["id"])
    sim.forget(jobs.reaches("RUNNING", "lost")["id"])
    jobs.reaches("RUNNING", "deleting")
    jobs.runs.delete("deleting")

    must_look("cancelled-by-somebody-else", jobs, jobs.reaches("CANCELLED", "cancelled"), "cancelled")
    must_look("lost", jobs, jobs.reaches("LOST", "lost"), "lost")
    must_look("deleting", jobs, jobs.reaches("CANCEL_PENDING", "deleting"), "deleting")


def full(jobs: Jobs, sim: Admin) -> None:
    sim.put_cluster(jobs.cluster, schedulerConfiguration={"maxInQueueJobRuns": 0, "maxConcurrentJobRuns": 1})


def denied(jobs: Jobs, sim: Admin) -> None:
    sim.fault("denied", "StartJobRun", virtual_cluster_id=jobs.cluster)


def wrong(jobs: Jobs, sim: Admin) -> None:
    text = "1 validation error detected: Value at 'tags' failed to satisfy constraint: ..."
    sim.fault("error", "StartJobRun", status=400, code="ValidationException", message=text)


@pytest.mark.parametrize(
    ("arrange", "reasons"),
    [
        (full, {"ClusterBusy": "queue-full"}),
        (denied, {"WaitingForPermission": "waiting-for-permission", "AccessDenied": "access-denied"}),
        (wrong, {"RequestRefused": "request-refused"}),
    ],
)
def test_a_request_that_aws_refuses(
    jobs: Jobs, sim: Admin, arrange: Callable[[Jobs, Admin], None], reasons: dict[str, str]
) -> None:
    arrange(jobs, sim)
    jobs.submit()

    for reason, golden in reasons.items():

        def settled(status: Json, reason: str = reason) -> bool:
            return ready(status).get("reason") == reason and "clientToken" not in status

        must_look(golden, jobs, jobs.shows(settled, f"says {reason}, and is open to change"))

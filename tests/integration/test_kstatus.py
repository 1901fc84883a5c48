"""Flux and others read our statuses through kstatus: it must conclude what is so, in every situation."""

from pathlib import Path

import pytest

from tests.sandbox.kstatus import program, verdicts
from tests.support.built import built_or_skipped
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import Json
from tests.support.poll import until

# The first use may build the program.
pytestmark = [pytest.mark.usefixtures("operator"), pytest.mark.timeout(600)]

EXPECTED = {
    "queued": "InProgress",
    "pending": "InProgress",
    "running": "InProgress",
    "unknown": "InProgress",
    "completed": "Current",
    "failed": "Failed",
    "cancelled": "Failed",
    "lost": "Failed",
    "rejected": "Failed",
    "denied": "InProgress",
    "deleting": "Terminating",
}


@pytest.fixture(scope="session")
def kstatus(pytestconfig: pytest.Config) -> Path:
    return built_or_skipped(pytestconfig, program, "kstatus")


@pytest.fixture
def situations(jobs: Jobs) -> dict[str, Json]:
    """An object in every situation. A full queue and a denial hold up all jobs of their virtual cluster."""
    full, forbidden = f"{jobs.cluster}full", f"{jobs.cluster}forbidden"
    jobs.sim.put_cluster(full, schedulerConfiguration={"maxInQueueJobRuns": 0})
    jobs.sim.fault("too-large", "StartJobRun", name="^rejected$")
    jobs.sim.fault("denied", "StartJobRun", virtual_cluster_id=forbidden)
    jobs.submit("queued", virtualClusterId=full)
    jobs.submit("denied", virtualClusterId=forbidden)
    scripts = {"pending": "stuck=PENDING", "unknown": "show=RESIZING;run=10000", "completed": "run=0"}
    scripts |= {"failed": "reason=USER_ERROR", "deleting": f"{FOR_EVER};cancel=10000"}
    for name in EXPECTED:
        if name not in ("queued", "denied"):
            jobs.submit(name, scripts.get(name, FOR_EVER))
    jobs.sim.cancel(jobs.reaches("RUNNING", "cancelled")["id"])
    jobs.sim.forget(jobs.reaches("RUNNING", "lost")["id"])
    jobs.reaches("RUNNING", "deleting")
    jobs.runs.delete("deleting")
    jobs.explains("WaitingForPermission", "denied")
    return {name: jobs.runs.get(name) for name in EXPECTED}


def test_every_situation_is_read_right(jobs: Jobs, situations: dict[str, Json], kstatus: Path) -> None:
    seen: dict[str, str] = {}

    def settled() -> bool:
        objects = [jobs.runs.get(name) for name in EXPECTED]
        judged = verdicts(kstatus, objects)
        seen.update({name: verdict.status for name, verdict in zip(EXPECTED, judged, strict=True)})
        # Patience with a denial ends, and then it is a failure like any other.
        return {**seen, "denied": "InProgress"} == EXPECTED

    assert verdicts(kstatus, [situations["denied"]])[0].status == "InProgress"
    until(settled, 30, lambda: f"kstatus reads all as expected: {seen}")
    assert {jobs.status(name)["state"] for name in ("queued", "pending", "running", "unknown")} == {
        "QUEUED",
        "PENDING",
        "RUNNING",
        "RESIZING",
    }
    until(lambda: verdicts(kstatus, [jobs.runs.get("denied")])[0].status == "Failed", 30, "the denial is a failure")


def test_a_new_object_is_never_taken_for_finished(jobs: Jobs, kstatus: Path) -> None:
    """From its very first version to the end, and through the edit of a rejected one."""
    jobs.sim.fault("too-large", "StartJobRun", virtual_cluster_id=jobs.cluster, times=1)
    created = jobs.submit(script="run=1")
    jobs.reaches("REJECTED")
    jobs.shows(lambda status: "clientToken" not in status, "is open to change")
    edited = jobs.runs.patch_spec("job", releaseLabel="emr-7.8.0-latest")
    jobs.reaches("COMPLETED")

    versions = jobs.runs.history(created)
    judged = [verdict.status for verdict in verdicts(kstatus, versions)]

    number = versions.index(edited)
    assert set(judged[:number]) == {"InProgress", "Failed"}
    assert judged[0] == judged[number] == "InProgress"
    assert judged[number:].count("Current") == [
        version.get("status", {}).get("state") for version in versions[number:]
    ].count("COMPLETED")
    assert "Failed" not in judged[number:]
    assert judged[-1] == "Current"

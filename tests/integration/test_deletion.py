"""Deleting means stopping, unless `Retain`; and the object always goes in the end."""

import pytest

from tests.sandbox.emr.admin import Admin
from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs, ready, situation
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")

FINALIZER = "emrjobs.dev/job-run"


def finalizers(jobs: Jobs, name: str = "job") -> list[str]:
    found: list[str] = jobs.runs.get(name)["metadata"].get("finalizers", [])
    return found


def test_active_runs_are_cancelled_and_their_ends_waited_for(jobs: Jobs) -> None:
    names = {state.lower(): state for state in ("PENDING", "SUBMITTED", "RUNNING")}
    submitted = [jobs.submit(name, f"stuck={state};cancel=1.5") for name, state in names.items()]
    for name, state in names.items():
        jobs.reaches(state, name)

    for name in names:
        jobs.runs.delete(name)

    for name in names:
        status = jobs.reaches("CANCEL_PENDING", name)
        assert status["cancellation"]["reason"] == "Deleted"
        assert situation(status) == {"Ready": "False", "Reconciling": "True"}
    for name in names:
        jobs.gone(name)
    assert [jobs.run_of(job)["state"] for job in submitted] == ["CANCELLED"] * 3
    assert len(jobs.calls("CancelJobRun")) == 3


def test_the_decision_is_recorded_before_it_is_carried_out(jobs: Jobs, sim: Admin) -> None:
    """CancelJobRun gets no answer for a while: the record is there all the same."""
    sim.fault("unavailable", "CancelJobRun", virtual_cluster_id=jobs.cluster, times=3)
    job = jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")

    jobs.runs.delete("job")

    status = jobs.shows(lambda seen: "cancellation" in seen, "tells why it is cancelled")
    assert ready(status)["reason"] == "Cancelling"
    jobs.gone()
    assert jobs.run_of(job)["state"] == "CANCELLED"


def test_a_job_that_waits_goes_without_a_run(jobs: Jobs, sim: Admin) -> None:
    sim.put_cluster(jobs.cluster, schedulerConfiguration={"maxInQueueJobRuns": 0})
    jobs.submit()
    jobs.explains("ClusterBusy")

    jobs.runs.delete("job")

    jobs.gone()
    assert jobs.at_endpoint() == []
    assert jobs.calls("CancelJobRun") == []


def test_rejected_jobs_go(jobs: Jobs, sim: Admin) -> None:
    sim.fault("too-large", "StartJobRun", name="^wrong$")
    sim.fault("error", "StartJobRun", name="^odd$", status=400, code="ValidationException", message="Odd")
    names = ("wrong", "odd")
    for name in names:
        jobs.submit(name)
    for name in names:
        jobs.reaches("REJECTED", name)
        jobs.runs.delete(name)

    for name in names:
        jobs.gone(name)
    assert jobs.at_endpoint() == []


def test_finished_jobs_are_not_held(jobs: Jobs) -> None:
    scripts = {"completed": "run=0", "failed": "reason=USER_ERROR;run=0", "cancelled": "outcome=CANCELLED;run=0"}
    for name, script in scripts.items():
        jobs.submit(name, script)
    for name in scripts:
        jobs.shows(lambda status: "Finished" in situation(status), "is finished", name)
        until(lambda name=name: not finalizers(jobs, name), 10, "the finalizer is taken off")  # type: ignore[misc]

    for name in scripts:
        jobs.runs.delete(name)

    for name in scripts:
        jobs.gone(name, timeout=5)
    assert jobs.calls("CancelJobRun") == []


def test_retain_lets_the_run_go_on(jobs: Jobs) -> None:
    job = jobs.submit(script=FOR_EVER, deletionPolicy="Retain")
    jobs.reaches("RUNNING")
    assert finalizers(jobs) == []

    jobs.runs.delete("job")

    jobs.gone(timeout=5)
    assert jobs.run_of(job)["state"] == "RUNNING"
    assert jobs.calls("CancelJobRun") == []


def test_retain_set_while_a_deletion_waits_lets_go(jobs: Jobs, sim: Admin) -> None:
    sim.fault("denied", "CancelJobRun", virtual_cluster_id=jobs.cluster)
    job = jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")
    jobs.runs.delete("job")
    status = jobs.explains("CancelFailed")
    assert "Retain" in ready(status)["message"]

    jobs.runs.patch_spec("job", deletionPolicy="Retain")

    jobs.gone()
    assert jobs.run_of(job)["state"] == "RUNNING"


def test_a_run_that_aws_has_forgotten_holds_nothing(jobs: Jobs, sim: Admin) -> None:
    jobs.submit(script=FOR_EVER)
    run = jobs.reaches("RUNNING")["id"]
    sim.forget(run)

    jobs.runs.delete("job")

    jobs.gone()
    assert jobs.sim.run(run)["forgotten"]
    assert len(jobs.calls("StartJobRun")) == 1


def test_a_run_may_complete_while_it_is_cancelled(jobs: Jobs) -> None:
    """AWS says how it ended: the object goes, and nothing is cancelled a second time."""
    job = jobs.submit(script="run=4;cancel=60;race=lose")
    jobs.reaches("RUNNING")

    jobs.runs.delete("job")

    jobs.gone()
    assert jobs.run_of(job)["state"] == "COMPLETED"
    assert len(jobs.calls("CancelJobRun")) == 1


def test_a_cancellation_that_is_too_late_is_no_error(jobs: Jobs, sim: Admin) -> None:
    """The run ends behind the operator's back between its look and its cancellation."""
    job = jobs.submit(script=FOR_EVER)
    run = jobs.reaches("RUNNING")["id"]
    sim.fault("slow", "CancelJobRun", virtual_cluster_id=jobs.cluster, seconds=1)
    jobs.runs.delete("job")
    until(lambda: jobs.calls("CancelJobRun"), 10, "the cancellation is on its way")
    sim.put_state(run, "COMPLETED")

    jobs.gone()

    assert jobs.run_of(job)["state"] == "COMPLETED"
    assert [call["code"] for call in jobs.calls("CancelJobRun")] == ["ValidationException"]


def test_a_cancellation_with_a_lost_answer_is_seen_in_the_run(jobs: Jobs, sim: Admin) -> None:
    sim.fault("lost", "CancelJobRun", virtual_cluster_id=jobs.cluster, times=1)
    job = jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")

    jobs.runs.delete("job")

    jobs.gone()
    assert jobs.run_of(job)["state"] == "CANCELLED"


def test_a_namespace_goes_with_a_hundred_running_jobs(world: World, jobs: Jobs, namespace: str) -> None:
    submitted = jobs.submit_all((f"job-{number}" for number in range(100)), FOR_EVER)
    jobs.all_reach("RUNNING", 100)

    world.kube.delete_namespace(namespace)

    def there() -> bool:
        names = world.kube.request("GET", "/api/v1/namespaces")["items"]
        return namespace in [item["metadata"]["name"] for item in names]

    until(lambda: not there(), 60, lambda: f"the namespace goes; left: {jobs.states()}")
    assert {run["state"] for run in jobs.at_endpoint()} == {"CANCELLED"}
    jobs.one_run_each(submitted)

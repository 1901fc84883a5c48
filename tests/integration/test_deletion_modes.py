"""Foreground, background and orphaning deletion, owners, and a deletion policy that changes while one waits."""

import pytest

from tests.integration.test_ttl import owner
from tests.sandbox.emr.admin import Admin
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs, spark_pi
from tests.support.kube import Json
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")

FOREGROUND, FOREIGN = "foregroundDeletion", "example.com/theirs"


def delete(world: World, jobs: Jobs, policy: str) -> None:
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy}
    path = f"/apis/emrjobs.dev/v1alpha1/namespaces/{jobs.runs.namespace}/emrjobruns/job"
    world.kube.request("DELETE", path, body)


@pytest.mark.parametrize("policy", ["Foreground", "Background", "Orphan"])
@pytest.mark.parametrize("retain", [False, True])
def test_each_way_to_delete(world: World, jobs: Jobs, policy: str, retain: bool) -> None:
    job = jobs.submit(script=FOR_EVER, deletionPolicy="Retain" if retain else "Cancel")
    jobs.reaches("RUNNING")

    delete(world, jobs, policy)

    jobs.gone()
    assert jobs.run_of(job)["state"] == ("RUNNING" if retain else "CANCELLED")


@pytest.mark.parametrize("policy", ["Foreground", "Background"])
def test_a_job_goes_with_its_owner_and_its_run_is_cancelled(
    world: World, jobs: Jobs, namespace: str, policy: str
) -> None:
    reference: Json = {**owner(world, namespace), "blockOwnerDeletion": True}
    job = jobs.runs.create("job", spark_pi(jobs.cluster, f"{FOR_EVER};cancel=1"), ownerReferences=[reference])
    jobs.reaches("RUNNING")
    path = f"/api/v1/namespaces/{namespace}/configmaps/owner"

    world.kube.request("DELETE", path, {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy})

    jobs.gone()
    assert jobs.run_of(job)["state"] == "CANCELLED"


def test_a_policy_changed_while_a_deletion_waits(jobs: Jobs) -> None:
    job = jobs.submit(script=f"{FOR_EVER};cancel=100000")
    jobs.reaches("RUNNING")
    jobs.runs.delete("job")
    jobs.reaches("CANCEL_PENDING")

    jobs.runs.patch_spec("job", deletionPolicy="Retain")

    jobs.gone()
    assert jobs.run_of(job)["state"] == "CANCEL_PENDING"


def test_a_policy_changed_to_cancel_while_somebody_else_holds_the_deletion(jobs: Jobs) -> None:
    """Our finalizer cannot be added any more, and the run is cancelled all the same."""
    spec = spark_pi(jobs.cluster, FOR_EVER, deletionPolicy="Retain")
    job = jobs.runs.create("job", spec, finalizers=[FOREIGN])
    jobs.reaches("RUNNING")
    jobs.runs.delete("job")
    jobs.runs.patch_spec("job", deletionPolicy="Cancel")

    until(lambda: jobs.run_of(job)["state"] == "CANCELLED", 20, "the run is cancelled")

    jobs.runs.release("job")
    jobs.gone()


def test_a_run_that_was_to_be_cancelled_is_although_its_retained_object_went_at_once(
    world: World, jobs: Jobs, operator: OperatorProcess, namespace: str
) -> None:
    job = jobs.submit(script=FOR_EVER, deletionPolicy="Retain")
    jobs.reaches("RUNNING")
    operator.pause()
    jobs.runs.patch_spec("job", cancel=True)
    jobs.runs.delete("job")
    operator.resume()

    until(lambda: jobs.run_of(job)["state"] == "CANCELLED", 20, "the run is cancelled")
    told = {event["reason"] for event in world.kube.events(namespace, "job")}
    assert "RunOrphaned" in told


@pytest.mark.parametrize("wish", [{"suspend": True}, {"cancel": True}])
def test_deleted_while_another_wish_cancels_it(jobs: Jobs, wish: dict[str, bool]) -> None:
    job = jobs.submit(script=f"{FOR_EVER};cancel=1.5")
    jobs.reaches("RUNNING")
    jobs.runs.patch_spec("job", **wish)
    jobs.reaches("CANCEL_PENDING")

    jobs.runs.delete("job")

    jobs.gone()
    assert (jobs.run_of(job)["state"], len(jobs.calls("CancelJobRun"))) == ("CANCELLED", 1)


def test_deleted_while_held_after_a_run(jobs: Jobs) -> None:
    job = jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")
    jobs.runs.patch_spec("job", suspend=True)
    jobs.reaches("SUSPENDED")

    jobs.runs.delete("job")

    jobs.gone(timeout=10)
    jobs.one_run_each([job])


def test_a_namespace_goes_with_jobs_in_every_situation(world: World, jobs: Jobs, sim: Admin, namespace: str) -> None:
    sim.fault("too-large", "StartJobRun", name="^refused$")
    wait_long = {"limit": 1, "backoffSeconds": 600, "maxBackoffSeconds": 600}
    jobs.submit("held", suspend=True)
    jobs.submit("refused")
    jobs.submit("backing-off", "failure=internal", resubmitPolicy=wait_long)
    jobs.submit("running", f"{FOR_EVER};cancel=1")
    for name, state in (("held", "SUSPENDED"), ("refused", "REJECTED"), ("running", "RUNNING")):
        jobs.reaches(state, name)
    jobs.explains("Resubmitting", "backing-off")

    world.kube.delete_namespace(namespace)

    until(lambda: not jobs.runs.list(), 60, lambda: f"all go; left: {jobs.states()}")
    assert sorted(run["state"] for run in jobs.at_endpoint()) == ["CANCELLED", "FAILED"]

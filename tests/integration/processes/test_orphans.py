"""Runs whose object was torn away while no process looked: found by their tags, told of, cancelled only if asked."""

import boto3
import pytest

from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.world import REGION, World
from tests.support.fixtures import StartOperator
from tests.support.jobs import FOR_EVER, SCRIPT, Jobs
from tests.support.kube import Json
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

HERE = {**ENVIRONMENT, "EMRJOBS_INSTALLATION": "test/here", "EMRJOBS_ORPHAN_INTERVAL": "1"}
GAUGE = "emrjobs_orphaned_active_runs"


def tear_away(jobs: Jobs, name: str) -> None:
    jobs.runs.release(name)
    jobs.runs.delete(name)
    jobs.gone(name)


def lose(jobs: Jobs, world: World, operator: OperatorProcess, *names: str) -> None:
    """The process ends, and then somebody takes the finalizers off and deletes the objects."""
    operator.kill()
    world.forget_leases()
    for name in names:
        tear_away(jobs, name)


def start_elsewhere(world: World, **request: object) -> None:
    """As somebody who calls AWS without us."""
    boto3.client(
        "emr-containers",
        region_name=REGION,
        endpoint_url=world.emr_url,
        aws_access_key_id="AKIASANDBOXSANDBOX01",
        aws_secret_access_key="not-a-secret",
    ).start_job_run(**request)


def looks_again(operator: OperatorProcess) -> None:
    """More than once, so that what follows from the first look is settled."""

    def lists() -> float:
        return operator.metrics().get('emrjobs_aws_calls_total{operation="ListJobRuns",result="ok"}', 0.0)

    before = lists()
    until(lambda: lists() > before + 2, 60, "it looks again")


def events(world: World, jobs: Jobs) -> list[Json]:
    items = world.kube.events(jobs.runs.namespace)
    return [item for item in items if item["reason"] == "RunOrphaned"]


@pytest.mark.parametrize(("policy", "state"), [("Report", "RUNNING"), ("Cancel", "CANCELLED")])
def test_a_run_whose_object_went_while_no_operator_ran(
    world: World, jobs: Jobs, start_operator: StartOperator, policy: str, state: str
) -> None:
    environment = {**HERE, "EMRJOBS_ORPHAN_POLICY": policy, "EMRJOBS_ORPHAN_VIRTUAL_CLUSTERS": jobs.cluster}
    first = start_operator(**environment)
    lost = jobs.submit("lost", FOR_EVER)
    kept = jobs.submit("kept", FOR_EVER, deletionPolicy="Retain")
    jobs.all_reach("RUNNING", 2)
    lose(jobs, world, first, "lost", "kept")

    second = start_operator(**environment)

    until(lambda: events(world, jobs), 30, "the run is told of")
    until(lambda: jobs.run_of(lost)["state"] == state, 30, lambda: f"it is {state}")
    looks_again(second)
    (event,) = events(world, jobs)
    assert event["involvedObject"]["uid"] == lost["metadata"]["uid"]
    assert jobs.run_of(lost)["id"] in event["message"]
    assert jobs.run_of(kept)["state"] == "RUNNING", "it was meant to outlive its object"
    assert second.metrics()[GAUGE] == (1 if policy == "Report" else 0)
    assert {call["job_run_id"] for call in jobs.calls("CancelJobRun")} == (
        {jobs.run_of(lost)["id"]} if policy == "Cancel" else set()
    )


def test_a_standby_that_saw_the_object_go_needs_no_search(
    world: World, jobs: Jobs, start_operator: StartOperator
) -> None:
    environment = {**ENVIRONMENT, "EMRJOBS_ORPHAN_INTERVAL": "0"}
    leader = start_operator(**environment)
    lost = jobs.submit("lost", FOR_EVER)
    jobs.submit("other", FOR_EVER)
    jobs.all_reach("RUNNING", 2)
    standby = world.launch_operator(**environment)
    until(lambda: standby.metrics().get('emrjobs_objects{state="RUNNING"}') == 2, 30, "the standby knows both")
    leader.kill()
    tear_away(jobs, "lost")
    world.forget_leases()

    until(lambda: jobs.run_of(lost)["state"] == "CANCELLED", 60, "it is not forgotten")
    assert {call["job_run_id"] for call in jobs.calls("CancelJobRun")} == {jobs.run_of(lost)["id"]}


def test_others_runs_in_the_same_virtual_cluster_are_left_alone(
    world: World, jobs: Jobs, start_operator: StartOperator
) -> None:
    operator = start_operator(**HERE, EMRJOBS_ORPHAN_POLICY="Cancel")
    jobs.submit("ours", FOR_EVER)
    jobs.reaches("RUNNING", "ours")
    theirs = {"emrjobs.dev/installation": "test/elsewhere", "emrjobs.dev/namespace": "team-a", "emrjobs.dev/name": "x"}
    for token, tags in (("0e3c1a52-7a5e-4d0b-9f57-1f2b3c4d5e6f", theirs), ("airflow", {})):
        start_elsewhere(world, clientToken=token, **jobs.spec(FOR_EVER, tags={SCRIPT: FOR_EVER, **tags}))
    looks_again(operator)
    assert jobs.calls("CancelJobRun") == []
    assert operator.metrics()[GAUGE] == 0

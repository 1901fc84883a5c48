"""Virtual clusters and their limits as unchanged boto3 sees them."""

from typing import Any

import pytest

from tests.contract.emr_simulator.client import VC, refusal, start
from tests.sandbox.emr.process import Simulator
from tests.sandbox.emr.samples import request


def create(emr: Any, token: str = "c", namespace: str = "spark", **members: Any) -> str:
    info = {"eksInfo": {"namespace": namespace}}
    provider = {"type": "EKS", "id": "eks-1", "info": info}
    made = emr.create_virtual_cluster(name="vc", clientToken=token, containerProvider=provider, **members)
    return str(made["id"])


def state(emr: Any, run_id: str, vc: str = VC) -> str:
    return str(emr.describe_job_run(virtualClusterId=vc, id=run_id)["jobRun"]["state"])


def test_any_id_is_a_running_virtual_cluster(emr: Any) -> None:
    for cluster_id in (VC, "whatever0you0like00000000"):
        cluster = emr.describe_virtual_cluster(id=cluster_id)["virtualCluster"]
        assert (cluster["id"], cluster["state"]) == (cluster_id, "RUNNING")
        assert "schedulerConfiguration" not in cluster
    assert len(emr.list_virtual_clusters()["virtualClusters"]) == 2


def test_or_only_known_ones_are(emr: Any, simulator: Simulator) -> None:
    simulator.admin.settings(any_virtual_cluster=False)
    start(emr, "t")
    gone = "x" * 25
    message = f"Virtual cluster {gone} doesn't exist."
    for call, members in (
        (emr.start_job_run, request("t", virtualClusterId=gone)),
        (emr.describe_virtual_cluster, {"id": gone}),
    ):
        assert refusal(call, **members) == ("ResourceNotFoundException", message)
    # Listing runs has no such error in the model.
    assert refusal(emr.list_job_runs, virtualClusterId=gone) == ("ValidationException", message)


def test_a_virtual_cluster_lives_and_dies(emr: Any, simulator: Simulator) -> None:
    cluster_id = create(emr, tags={"a": "b"})
    assert len(cluster_id) == 25
    assert create(emr) == cluster_id
    shown = emr.describe_virtual_cluster(id=cluster_id)["virtualCluster"]
    assert (shown["state"], shown["tags"]) == ("RUNNING", {"a": "b"})
    assert shown["containerProvider"]["info"]["eksInfo"]["namespace"] == "spark"
    code, message = refusal(lambda **kw: create(emr, **kw), token="other")
    assert (code, message) == ("ValidationException", "A virtual cluster already exists in the given namespace")

    emr.delete_virtual_cluster(id=cluster_id)
    assert emr.describe_virtual_cluster(id=cluster_id)["virtualCluster"]["state"] == "TERMINATING"
    assert refusal(emr.start_job_run, **request("t", virtualClusterId=cluster_id)) == (
        "ValidationException",
        "Virtual cluster state TERMINATING is not valid to create resource JobRun.",
    )
    simulator.admin.advance(1)
    listed = emr.list_virtual_clusters(states=["TERMINATED"])["virtualClusters"]
    assert [cluster["id"] for cluster in listed] == [cluster_id]
    assert refusal(emr.delete_virtual_cluster, id=cluster_id)[0] == "ValidationException"
    assert create(emr, token="other") != cluster_id


def test_the_admin_interface_ends_a_virtual_cluster_in_every_region(emr: Any, simulator: Simulator) -> None:
    simulator.admin.put_cluster(VC, state="TERMINATED")
    for client in (emr, simulator.client("us-east-2")):
        code, message = refusal(client.start_job_run, **request("t"))
        assert (code, "TERMINATED is not valid" in message) == ("ValidationException", True)


def test_an_old_token_is_answered_although_the_virtual_cluster_ended(emr: Any, simulator: Simulator) -> None:
    run_id = start(emr, "t")
    simulator.admin.put_cluster(VC, state="TERMINATED")
    assert start(emr, "t") == run_id


def test_a_full_queue_refuses(emr: Any, simulator: Simulator) -> None:
    limits = {"maxInQueueJobRuns": 2, "maxConcurrentJobRuns": 1}
    cluster_id = create(emr, schedulerConfiguration=limits)
    first = start(emr, "t0", "stuck=RUNNING", virtualClusterId=cluster_id)
    simulator.admin.advance(1)
    for i in (1, 2):
        start(emr, f"t{i}", virtualClusterId=cluster_id)
    code, message = refusal(emr.start_job_run, **request("t3", virtualClusterId=cluster_id))
    assert (code, cluster_id in message) == ("ValidationException", True)
    shown = emr.describe_virtual_cluster(id=cluster_id)["virtualCluster"]
    assert shown["schedulerConfiguration"] == limits
    assert shown["schedulerStatus"] == {"currentInQueueJobRuns": 2, "currentConcurrentJobRuns": 1}
    emr.cancel_job_run(virtualClusterId=cluster_id, id=first)
    simulator.admin.advance(1)
    start(emr, "t3", virtualClusterId=cluster_id)


def test_runs_wait_for_a_slot_first_come_first_served(emr: Any, simulator: Simulator) -> None:
    simulator.admin.put_cluster(VC, schedulerConfiguration={"maxConcurrentJobRuns": 1})
    runs = [start(emr, f"t{i}") for i in range(3)]
    assert [state(emr, run) for run in runs] == ["PENDING"] * 3
    simulator.admin.advance(0.7)
    assert [state(emr, run) for run in runs] == ["RUNNING", "PENDING", "PENDING"]
    simulator.admin.advance(1.4)
    assert [state(emr, run) for run in runs] == ["COMPLETED", "RUNNING", "PENDING"]
    simulator.admin.advance(10)
    assert [state(emr, run) for run in runs] == ["COMPLETED"] * 3


def test_a_run_without_a_slot_fails_after_half_an_hour(emr: Any, simulator: Simulator) -> None:
    simulator.admin.put_cluster(VC, schedulerConfiguration={"maxConcurrentJobRuns": 1})
    start(emr, "t0", "stuck=RUNNING")
    waiting, cancelled = start(emr, "t1"), start(emr, "t2")
    simulator.admin.advance(60)
    emr.cancel_job_run(virtualClusterId=VC, id=cancelled)
    simulator.admin.advance(1700)
    assert [state(emr, run) for run in (waiting, cancelled)] == ["PENDING", "CANCELLED"]
    simulator.admin.advance(60)
    assert state(emr, waiting) == "FAILED"


@pytest.mark.parametrize(("race", "end"), [("win", "CANCELLED"), ("lose", "COMPLETED")])
def test_a_cancelled_run_that_waits_for_a_slot_starts_only_if_its_script_says_so(
    emr: Any, simulator: Simulator, race: str, end: str
) -> None:
    simulator.admin.put_cluster(VC, schedulerConfiguration={"maxConcurrentJobRuns": 1})
    start(emr, "t0", "run=10")
    waiting = start(emr, "t1", f"race={race};cancel=100")
    last = start(emr, "t2")
    simulator.admin.advance(1)
    emr.cancel_job_run(virtualClusterId=VC, id=waiting)
    simulator.admin.advance(50)
    assert state(emr, last) == "COMPLETED"
    simulator.admin.advance(100)
    assert state(emr, waiting) == end


def test_raised_limits_let_waiting_runs_in(emr: Any, simulator: Simulator) -> None:
    cluster_id = create(emr, schedulerConfiguration={"maxConcurrentJobRuns": 1})
    runs = [start(emr, f"t{i}", "stuck=RUNNING", virtualClusterId=cluster_id) for i in range(2)]
    simulator.admin.advance(1)
    emr.update_virtual_cluster(id=cluster_id, clientToken="u", schedulerConfiguration={"maxConcurrentJobRuns": 2})
    simulator.admin.advance(1)
    assert [state(emr, run, cluster_id) for run in runs] == ["RUNNING"] * 2
    emr.update_virtual_cluster(id=cluster_id, clientToken="u")
    assert "schedulerConfiguration" in emr.describe_virtual_cluster(id=cluster_id)["virtualCluster"]
    emr.update_virtual_cluster(id=cluster_id, clientToken="v")
    assert "schedulerConfiguration" not in emr.describe_virtual_cluster(id=cluster_id)["virtualCluster"]

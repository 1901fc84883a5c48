"""Lists of job runs as unchanged boto3 sees them, records that are lost, and what the admin does."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.emr_simulator.client import VC, described, refusal, start
from tests.sandbox.emr.process import Simulator
from tests.sandbox.emr.samples import request


def listed(emr: Any, **filters: Any) -> list[str]:
    pages = emr.get_paginator("list_job_runs").paginate(virtualClusterId=VC, **filters)
    return [run["id"] for page in pages for run in page["jobRuns"]]


def test_pages_hold_at_most_a_hundred_newest_first(emr: Any) -> None:
    runs = [start(emr, f"t{i}") for i in range(120)]
    page = emr.list_job_runs(virtualClusterId=VC, maxResults=1000)
    assert len(page["jobRuns"]) == 100
    late = start(emr, "late")
    rest = emr.list_job_runs(virtualClusterId=VC, maxResults=1000, nextToken=page["nextToken"])
    shown = [run["id"] for run in page["jobRuns"] + rest["jobRuns"]]
    assert shown == list(reversed(runs))
    assert "nextToken" not in rest
    assert listed(emr, PaginationConfig={"PageSize": 7})[0] == late


def test_lists_filter(emr: Any, simulator: Simulator) -> None:
    old = start(emr, "t1", "stuck=RUNNING", name="a")
    simulator.admin.advance(100)
    middle = datetime.fromtimestamp(simulator.admin.now() - 50, UTC)
    new = start(emr, "t2", name="b")
    assert listed(emr) == [new, old]
    assert listed(emr, name="a") == [old]
    assert listed(emr, states=["RUNNING", "FAILED"]) == [old]
    assert listed(emr, states=["RUNNING", "PENDING"]) == [new, old]
    assert listed(emr, createdAfter=middle) == [new]
    assert listed(emr, createdBefore=middle) == [old]
    assert listed(emr, createdAfter=middle + timedelta(days=1)) == []


def test_regions_and_accounts_are_worlds_of_their_own(emr: Any, simulator: Simulator) -> None:
    simulator.admin.settings(accounts={"AKIAOTHER": "210987654321"})
    other = simulator.client("us-east-2", "AKIAOTHER").start_job_run(**request("t"))
    assert other["arn"].startswith("arn:aws:emr-containers:us-east-2:210987654321:/")
    assert listed(emr) == []


def test_a_record_can_be_lost(emr: Any, simulator: Simulator) -> None:
    run_id = start(emr, "t")
    simulator.admin.forget(run_id)
    for call in (emr.describe_job_run, emr.cancel_job_run):
        found = refusal(call, virtualClusterId=VC, id=run_id)
        assert found == ("ResourceNotFoundException", f"Job run {run_id} doesn't exist.")
    assert listed(emr) == []
    assert listed(emr, states=["PENDING"]) == []


def test_records_can_expire(emr: Any, simulator: Simulator) -> None:
    simulator.admin.settings(retention=3600)
    run_id = start(emr, "t")
    simulator.admin.advance(3600)
    assert described(emr, run_id)["state"] == "COMPLETED"
    simulator.admin.advance(60)
    assert refusal(emr.describe_job_run, virtualClusterId=VC, id=run_id)[0] == "ResourceNotFoundException"


def test_a_state_that_no_model_knows_can_be_shown(emr: Any, simulator: Simulator) -> None:
    scripted = start(emr, "t1", "show=HIBERNATING;show_at=PENDING")
    forced = start(emr, "t2")
    simulator.admin.put_state(forced, "HIBERNATING")
    assert {described(emr, run)["state"] for run in (scripted, forced)} == {"HIBERNATING"}
    simulator.admin.put_state(forced, "FAILED", "by hand", "USER_ERROR")
    simulator.admin.advance(60)
    assert described(emr, scripted)["state"] == "COMPLETED"
    assert described(emr, forced)["stateDetails"] == "by hand"


def test_somebody_else_may_cancel(emr: Any, simulator: Simulator) -> None:
    run_id = start(emr, "t")
    simulator.admin.cancel(run_id)
    simulator.admin.advance(1)
    assert described(emr, run_id)["state"] == "CANCELLED"
    assert simulator.admin.count("CancelJobRun") == 0

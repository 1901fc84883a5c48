"""Job runs as unchanged boto3 sees them: life, tokens, scripts, cancellation, retries."""

from typing import Any

import pytest

from tests.contract.emr_simulator.client import VC, described, refusal, start
from tests.sandbox.emr.process import REGION, Simulator
from tests.sandbox.emr.samples import request

OTHER_VC = "some0other0cluster0000000"
FOR_EVER = 10_000_000


def test_a_run_goes_through_its_states_and_ends(emr: Any, simulator: Simulator) -> None:
    run_id = start(emr, "t")
    seen = []
    for seconds in (0, 0.29, 0.02, 0.3, 0.9, 0.2):
        simulator.admin.advance(seconds)
        seen.append(described(emr, run_id)["state"])
    assert seen == ["PENDING", "PENDING", "SUBMITTED", "RUNNING", "RUNNING", "COMPLETED"]


def test_an_answer_has_the_services_own_members(emr: Any, simulator: Simulator) -> None:
    answer = emr.start_job_run(**request("t", tags={"team": "a"}))
    answer.pop("ResponseMetadata")
    run_id = answer["id"]
    arn = f"arn:aws:emr-containers:{REGION}:123456789012:/virtualclusters/{VC}/jobruns/{run_id}"
    assert answer == {"id": run_id, "name": "sample", "arn": arn, "virtualClusterId": VC}
    assert len(run_id) == 19
    assert run_id.isalnum()

    now = simulator.admin.advance(60)
    run = described(emr, run_id)
    sent = request("t", tags={"team": "a"})
    assert {member: run[member] for member in sent} == sent
    assert run["createdBy"] == "arn:aws:sts::123456789012:assumed-role/sandbox/session"
    assert run["stateDetails"] == "JobRun completed successfully. It ran for 1 Seconds"
    assert "failureReason" not in run
    assert "retryPolicyExecution" not in run
    created, finished = (run[member].timestamp() for member in ("createdAt", "finishedAt"))
    truth = simulator.admin.run(run_id)
    assert truth["finished_at"] is not None
    assert (created, finished) == (int(truth["created_at"]), int(truth["finished_at"]))
    assert truth["finished_at"] == pytest.approx(now - 60 + 1.6)


def test_the_admin_interface_knows_everything_that_was_sent(emr: Any, simulator: Simulator) -> None:
    sent = request("t", tags={"team": "a"})
    emr.start_job_run(**sent)
    (run,) = simulator.admin.runs(name="sample")
    assert run["received"] == sent
    assert [moment["state"] for moment in run["history"]] == ["PENDING"]


@pytest.mark.parametrize("later", [0.0, 60.0], ids=["while it is active", "after its end"])
def test_one_token_is_one_run(emr: Any, simulator: Simulator, later: float) -> None:
    first = start(emr, "t")
    simulator.admin.advance(later)
    assert start(emr, "t") == first
    assert start(emr, "t", name="another") == first
    assert simulator.admin.tokens() == [{"client_token": "t", "runs": [first], "sends": 3}]
    assert [call["created"] for call in simulator.admin.calls("StartJobRun")] == [True, False, False]


def test_a_token_belongs_to_a_virtual_cluster(emr: Any, simulator: Simulator) -> None:
    runs = [start(emr, "t"), start(emr, "t", virtualClusterId=OTHER_VC)]
    assert simulator.admin.duplicates() == [{"client_token": "t", "runs": runs, "sends": 2}]


def test_a_different_request_under_one_token_can_be_an_error(emr: Any, simulator: Simulator) -> None:
    simulator.admin.settings(token_mismatch="error")
    first = start(emr, "t")
    assert start(emr, "t") == first
    code, message = refusal(emr.start_job_run, **request("t", name="another"))
    assert code == "ValidationException"
    assert "different parameters" in message


def test_a_token_can_be_forgotten(emr: Any, simulator: Simulator) -> None:
    simulator.admin.settings(token_lifetime=100)
    first = start(emr, "t")
    simulator.admin.advance(99)
    assert start(emr, "t") == first
    simulator.admin.advance(2)
    assert start(emr, "t") != first


@pytest.mark.parametrize(
    ("script", "reason", "details"),
    [
        ("outcome=FAILED", "USER_ERROR", "JobRun failed. Main Spark container terminated with errors."),
        ("outcome=FAILED;reason=INTERNAL_ERROR", "INTERNAL_ERROR", "submission failed due to an internal"),
        ("failure=cluster-missing", "CLUSTER_UNAVAILABLE", "does not exist."),
        ("failure=no-resources", "USER_ERROR", "does not have sufficient resources."),
        ("failure=monitor-unreachable", "CLUSTER_UNAVAILABLE", "Trouble monitoring your JobRun. "),
        ('{"outcome": "FAILED", "reason": "USER_ERROR", "details": "boom"}', "USER_ERROR", "boom"),
    ],
)
def test_a_tag_scripts_a_failure(emr: Any, simulator: Simulator, script: str, reason: str, details: str) -> None:
    run_id = start(emr, "t", script)
    simulator.admin.advance(10)
    run = described(emr, run_id)
    assert (run["state"], run["failureReason"]) == ("FAILED", reason)
    assert details in run["stateDetails"]


def test_a_rule_scripts_runs_by_name_until_it_is_spent(emr: Any, simulator: Simulator) -> None:
    simulator.admin.script("outcome=FAILED", name="^etl-", times=1)
    runs = [start(emr, f"t{i}", name=name) for i, name in enumerate(["other", "etl-1", "etl-2"])]
    simulator.admin.advance(10)
    assert [described(emr, run)["state"] for run in runs] == ["COMPLETED", "FAILED", "COMPLETED"]


def test_an_unsupported_classification_fails_the_run_after_it_was_accepted(emr: Any, simulator: Simulator) -> None:
    overrides = {"applicationConfiguration": [{"classification": "bogus", "properties": {"a": "b"}}]}
    run_id = start(emr, "t", configurationOverrides=overrides)
    simulator.admin.advance(1)
    run = described(emr, run_id)
    assert (run["state"], run["failureReason"]) == ("FAILED", "VALIDATION_ERROR")
    assert run["stateDetails"] == "JobRun submission failed. Classification bogus not supported."


def test_cancelling_takes_time(emr: Any, simulator: Simulator) -> None:
    run_id = start(emr, "t")
    answer = emr.cancel_job_run(virtualClusterId=VC, id=run_id)
    assert (answer["id"], answer["virtualClusterId"]) == (run_id, VC)
    assert described(emr, run_id)["state"] == "CANCEL_PENDING"
    simulator.admin.advance(0.4)
    run = described(emr, run_id)
    assert (run["state"], run["stateDetails"]) == ("CANCELLED", "JobRun CANCELLED successfully.")
    assert "failureReason" not in run


@pytest.mark.parametrize(
    ("race", "cancel", "end"),
    [("lose", 0.1, "COMPLETED"), ("race", 0.1, "CANCELLED"), ("race", 5, "COMPLETED"), ("win", 5, "CANCELLED")],
)
def test_a_cancellation_may_lose_against_the_end(
    emr: Any, simulator: Simulator, race: str, cancel: float, end: str
) -> None:
    run_id = start(emr, "t", f"race={race};cancel={cancel}")
    simulator.admin.advance(0.7)
    emr.cancel_job_run(virtualClusterId=VC, id=run_id)
    assert described(emr, run_id)["state"] == "CANCEL_PENDING"
    simulator.admin.advance(20)
    assert described(emr, run_id)["state"] == end


@pytest.mark.parametrize("seconds", [60.0, 0.1], ids=["ended", "being cancelled"])
def test_what_is_over_cannot_be_cancelled(emr: Any, simulator: Simulator, seconds: float) -> None:
    run_id = start(emr, "t")
    if seconds < 1:
        emr.cancel_job_run(virtualClusterId=VC, id=run_id)
    simulator.admin.advance(seconds)
    code, message = refusal(emr.cancel_job_run, virtualClusterId=VC, id=run_id)
    assert (code, message) == ("ValidationException", f"Job run {run_id} is not in a cancellable state")


def test_driver_attempts_are_counted_and_end_in_success(emr: Any, simulator: Simulator) -> None:
    run_id = start(emr, "t", "fails=2", retryPolicyConfiguration={"maxAttempts": 5})
    assert described(emr, run_id)["retryPolicyExecution"] == {"currentAttemptCount": 1}
    simulator.admin.advance(0.6 + 1.1)
    assert described(emr, run_id)["retryPolicyExecution"] == {"currentAttemptCount": 2}
    simulator.admin.advance(60)
    run = described(emr, run_id)
    assert (run["state"], run["retryPolicyExecution"]) == ("COMPLETED", {"currentAttemptCount": 3})
    assert run["retryPolicyConfiguration"] == {"maxAttempts": 5}


def test_driver_attempts_run_out(emr: Any, simulator: Simulator) -> None:
    run_id = start(emr, "t", "outcome=FAILED", retryPolicyConfiguration={"maxAttempts": 3})
    simulator.admin.advance(60)
    run = described(emr, run_id)
    assert (run["state"], run["retryPolicyExecution"]) == ("FAILED", {"currentAttemptCount": 3})


@pytest.mark.parametrize(("timeout", "waited"), [(None, 900), ("1800", 1800)])
def test_a_run_that_cannot_start_times_out(emr: Any, simulator: Simulator, timeout: str | None, waited: int) -> None:
    item = {"classification": "emr-containers-defaults", "properties": {"job-start-timeout": timeout}}
    overrides = {"applicationConfiguration": [item]} if timeout else None
    run_id = start(emr, "t", f"submitted={FOR_EVER}", configurationOverrides=overrides)
    simulator.admin.advance(0.3 + waited - 1)
    assert described(emr, run_id)["state"] == "SUBMITTED"
    simulator.admin.advance(2)
    run = described(emr, run_id)
    assert (run["state"], run["stateDetails"]) == ("FAILED", "cluster timeout")


@pytest.mark.parametrize("state", ["PENDING", "SUBMITTED", "RUNNING"])
def test_a_run_can_be_stuck(emr: Any, simulator: Simulator, state: str) -> None:
    run_id = start(emr, "t", f"stuck={state}")
    simulator.admin.advance(FOR_EVER)
    assert described(emr, run_id)["state"] == state

"""Faults, quotas, lagging and partial lists: what reaches boto3, and what was really done."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError

from tests.contract.emr_simulator.client import VC, failure, start
from tests.sandbox.emr.process import Simulator
from tests.sandbox.emr.samples import request
from tests.support.poll import until


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("throttle", 400, "ThrottlingException"),
        ("expired", 403, "ExpiredTokenException"),
        ("unrecognized", 403, "UnrecognizedClientException"),
        ("denied", 403, "AccessDeniedException"),
        ("opt-in", 403, "OptInRequired"),
        ("internal", 500, "InternalServerException"),
        ("unavailable", 503, "ServiceUnavailableException"),
        ("too-large", 413, "RequestEntityTooLargeException"),
    ],
)
def test_refused_calls_do_nothing(emr: Any, simulator: Simulator, kind: str, status: int, code: str) -> None:
    simulator.admin.fault(kind, "StartJobRun", times=1)
    assert failure(emr.start_job_run, **request("t"))[:2] == (status, code)
    assert simulator.admin.runs() == []
    start(emr, "t")
    assert [call["code"] for call in simulator.admin.calls("StartJobRun")] == [code, "OK"]


def test_any_error_can_be_made_up(emr: Any, simulator: Simulator) -> None:
    simulator.admin.fault("error", "DescribeJobRun", status=418, code="TeapotException", message="short")
    found = failure(emr.describe_job_run, virtualClusterId=VC, id="0" * 19)
    assert found == (418, "TeapotException", "short")


@pytest.mark.parametrize("kind", ["lost", "error-after", "garbage"])
def test_accepted_though_the_answer_does_not_say_so(emr: Any, simulator: Simulator, kind: str) -> None:
    simulator.admin.fault(kind, "StartJobRun", nth=[1])
    with pytest.raises((BotoCoreError, ClientError, KeyError)):
        start(emr, "t")
    (run,) = simulator.admin.runs()
    assert start(emr, "t") == run["id"]
    first, second = simulator.admin.calls("StartJobRun")
    assert (first["done"], first["created"], second["created"]) == (True, True, False)
    assert first["answered"] is (kind != "lost")


def test_a_cut_connection_did_nothing(emr: Any, simulator: Simulator) -> None:
    simulator.admin.fault("cut", "StartJobRun", times=1)
    with pytest.raises(ConnectionClosedError):
        start(emr, "t")
    assert simulator.admin.runs() == []
    assert [call["done"] for call in simulator.admin.calls()] == [False]


@pytest.mark.parametrize(("kind", "made"), [("hang", 0), ("hang-after", 1)])
def test_an_answer_may_never_come(simulator: Simulator, kind: str, made: int) -> None:
    simulator.admin.fault(kind, "StartJobRun")
    with pytest.raises(ReadTimeoutError):
        start(simulator.client(read_timeout=0.5), "t")
    assert len(simulator.admin.runs()) == made


def test_a_request_may_be_carried_out_when_nobody_waits_any_more(simulator: Simulator) -> None:
    simulator.admin.fault("slow", "StartJobRun", seconds=1)
    with pytest.raises(ReadTimeoutError):
        start(simulator.client(read_timeout=0.2), "t")
    until(simulator.admin.runs, 10, "the run of the late request")


def test_faults_pick_their_calls(emr: Any, simulator: Simulator) -> None:
    simulator.admin.fault("internal", "StartJobRun", name="^bad", after=1, times=1)
    codes = []
    for i, name in enumerate(["good", "bad", "bad", "good", "bad"]):
        with contextlib.suppress(ClientError):
            start(emr, f"t{i}", name=name)
    codes = [call["code"] for call in simulator.admin.calls()]
    assert codes == ["OK", "OK", "InternalServerException", "OK", "OK"]
    (fault,) = simulator.admin.faults()
    assert (fault["seen"], fault["struck"]) == (3, 1)


@pytest.mark.parametrize(
    ("picked", "missed"),
    [
        ({"virtual_cluster_id": VC}, {"virtual_cluster_id": "x" * 25}),
        ({"client_token": "t"}, {"client_token": "u"}),
        ({"role": "job-exec"}, {"role": "admin"}),
        ({"region": "eu-west-1"}, {"region": "us-east-1"}),
    ],
)
def test_faults_can_be_narrow(emr: Any, simulator: Simulator, picked: dict[str, str], missed: dict[str, str]) -> None:
    simulator.admin.fault("internal", "StartJobRun", **missed)
    start(emr, "t")
    simulator.admin.fault("internal", "StartJobRun", **picked)
    assert failure(emr.start_job_run, **request("t"))[0] == 500


def test_a_fault_can_strike_one_run(emr: Any, simulator: Simulator) -> None:
    one, other = start(emr, "t"), start(emr, "u")
    simulator.admin.fault("internal", "DescribeJobRun", job_run_id=one)
    emr.describe_job_run(virtualClusterId=VC, id=other)
    assert failure(emr.describe_job_run, virtualClusterId=VC, id=one)[0] == 500


def test_chance_is_seeded(emr: Any, simulator: Simulator) -> None:
    patterns = []
    for _ in range(2):
        simulator.admin.reset(seed=7)
        simulator.admin.fault("unavailable", probability=0.5)
        for i in range(30):
            with contextlib.suppress(ClientError):
                start(emr, f"t{i}")
        patterns.append([call["code"] for call in simulator.admin.calls()])
    assert patterns[0] == patterns[1]
    assert len(set(patterns[0])) == 2


def test_boto3_retries_are_seen(simulator: Simulator) -> None:
    simulator.admin.fault("unavailable", "StartJobRun", times=1)
    start(simulator.client(retries={"total_max_attempts": 2}), "t")
    headers = [call["sdk_attempt"] or "" for call in simulator.admin.calls()]
    assert ["attempt=1" in headers[0], "attempt=2" in headers[1]] == [True, True]


def test_lists_may_lag(emr: Any, simulator: Simulator) -> None:
    run_id = start(emr, "t", "stuck=RUNNING")
    simulator.admin.advance(1)
    simulator.admin.settings(list_lag=10)

    def shown(**filters: Any) -> list[str]:
        return [run["state"] for run in emr.list_job_runs(virtualClusterId=VC, **filters)["jobRuns"]]

    assert shown() == []
    simulator.admin.advance(9.1)
    assert shown() == ["PENDING"]
    assert shown(states=["RUNNING"]) == []
    assert emr.describe_job_run(virtualClusterId=VC, id=run_id)["jobRun"]["state"] == "RUNNING"
    simulator.admin.advance(5)
    simulator.admin.put_state(run_id, "COMPLETED")
    assert shown(states=["RUNNING"]) == ["RUNNING"]
    assert "finishedAt" not in emr.list_job_runs(virtualClusterId=VC)["jobRuns"][0]
    simulator.admin.advance(11)
    assert shown(states=["RUNNING"]) == []
    assert shown() == ["COMPLETED"]


def test_one_list_may_lag(emr: Any, simulator: Simulator) -> None:
    start(emr, "t")
    simulator.admin.fault("lag", "ListJobRuns", nth=[2], seconds=30)
    assert [len(emr.list_job_runs(virtualClusterId=VC)["jobRuns"]) for _ in range(3)] == [1, 0, 1]


def test_lists_may_be_partial_or_short(emr: Any, simulator: Simulator) -> None:
    for i in range(40):
        start(emr, f"t{i}")
    fault = simulator.admin.fault("partial", "ListJobRuns", share=0.5)
    assert 0 < len(emr.list_job_runs(virtualClusterId=VC)["jobRuns"]) < 40
    simulator.admin.drop_fault(fault)
    assert len(emr.list_job_runs(virtualClusterId=VC)["jobRuns"]) == 40
    simulator.admin.fault("short", "ListJobRuns")
    assert "nextToken" not in emr.list_job_runs(virtualClusterId=VC, maxResults=10)


def test_list_items_may_lack_members(emr: Any, simulator: Simulator) -> None:
    start(emr, "t", retryPolicyConfiguration={"maxAttempts": 2})
    simulator.admin.settings(list_omits=["retryPolicyConfiguration", "retryPolicyExecution"])
    (item,) = emr.list_job_runs(virtualClusterId=VC)["jobRuns"]
    assert "retryPolicyConfiguration" not in item
    assert item["name"] == "sample"


def test_quotas_are_aws_own_when_switched_on(emr: Any, simulator: Simulator) -> None:
    simulator.admin.settings(quotas={"enabled": True})
    calls = 40
    with ThreadPoolExecutor(8) as pool:
        for i in range(calls):
            pool.submit(start, emr, f"t{i}")
    accepted, throttled = (simulator.admin.count("StartJobRun", code) for code in ("OK", "ThrottlingException"))
    assert accepted + throttled == calls == simulator.admin.count("StartJobRun")
    assert accepted == len(simulator.admin.runs())
    assert throttled > 0
    assert accepted >= 25


def test_the_quota_of_all_calls_together_binds_too(emr: Any, simulator: Simulator) -> None:
    total = {"total": {"burst": 3, "rate": 0.001}}
    simulator.admin.settings(quotas={"enabled": True, "buckets": total})
    for _ in range(3):
        emr.list_job_runs(virtualClusterId=VC)
    assert failure(emr.start_job_run, **request("t")) == (400, "ThrottlingException", "Rate exceeded")
    other_region = simulator.client("us-east-1")
    start(other_region, "t")


def test_quotas_refill(emr: Any, simulator: Simulator) -> None:
    simulator.admin.settings(quotas={"enabled": True, "buckets": {"StartJobRun": {"burst": 1, "rate": 5}}})
    start(emr, "t")
    until(lambda: start(emr, "t2"), 10, "a refilled bucket", ignore=(ClientError,))


def test_a_reset_is_a_new_world(emr: Any, simulator: Simulator) -> None:
    old = start(emr, "t")
    simulator.admin.fault("internal")
    simulator.admin.settings(list_lag=5, token_mismatch="error")
    simulator.admin.script("outcome=FAILED")
    simulator.admin.reset()
    assert (simulator.admin.runs(), simulator.admin.calls(), simulator.admin.faults()) == ([], [], [])
    assert simulator.admin.settings()["list_lag"] == 0
    assert start(emr, "t") != old


def test_wrong_admin_calls_say_why(simulator: Simulator) -> None:
    with pytest.raises(ValueError, match="kind"):
        simulator.admin.fault("no such kind")
    with pytest.raises(ValueError, match="cannot read the script"):
        simulator.admin.script("outcome=MAYBE")
    with pytest.raises(ValueError, match="no_such_setting"):
        simulator.admin.settings(no_such_setting=1)
    with pytest.raises(ValueError, match="KeyError"):
        simulator.admin.run("0" * 19)

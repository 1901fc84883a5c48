"""Job arguments and Spark properties may hold secrets: no log line and no event ever shows one."""

import json

import pytest

from tests.sandbox.emr.admin import Admin
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.world import World
from tests.support.fixtures import StartOperator
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import Json
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

SECRET = "hunter2-0f8b"
DRIVER: Json = {
    "sparkSubmitJobDriver": {
        "entryPoint": f"s3://bucket/{SECRET}-entry.py",
        "entryPointArguments": ["--password", f"{SECRET}-argument"],
        "sparkSubmitParameters": f"--conf spark.hadoop.fs.s3a.secret.key={SECRET}-parameter",
    }
}
OVERRIDES: Json = {
    "applicationConfiguration": [
        {"classification": "spark-defaults", "properties": {f"spark.{SECRET}-key": f"{SECRET}-property"}}
    ]
}
ECHO = f"1 validation error detected: Value '{SECRET}-echo' at 'jobDriver' failed to satisfy constraint: Member"


@pytest.fixture(params=["json", "console"])
def talkative(request: pytest.FixtureRequest, start_operator: StartOperator) -> OperatorProcess:
    """An operator that says all it ever says."""
    return start_operator(**ENVIRONMENT, EMRJOBS_LOG_LEVEL="DEBUG", EMRJOBS_LOG_FORMAT=request.param)


def test_no_value_of_a_request_is_logged_or_announced(
    world: World, jobs: Jobs, sim: Admin, namespace: str, talkative: OperatorProcess
) -> None:
    refusal: Json = {"status": 400, "code": "ValidationException"}
    sim.fault("error", "StartJobRun", **refusal, message=ECHO, name="^refused$")
    sim.fault("error", "StartJobRun", **refusal, message=f"odd {SECRET}", name="^unclear$")
    sim.fault("lost", "StartJobRun", name="^lost$", times=2)
    sim.fault("internal", "StartJobRun", name="^late$", times=2)
    sim.fault("garbage", "DescribeJobRun", times=1)
    names = ("good", "bad", "refused", "unclear", "lost", "late", "going")
    scripts = {"bad": f"reason=USER_ERROR;details=died of {SECRET}-details", "going": FOR_EVER}
    for name in names:
        jobs.submit(name, scripts.get(name, "run=0"), jobDriver=DRIVER, configurationOverrides=OVERRIDES)

    for name in ("good", "lost", "late"):
        jobs.reaches("COMPLETED", name)
    for name in ("refused", "unclear"):
        jobs.reaches("REJECTED", name)
    failed = jobs.reaches("FAILED", "bad")
    jobs.reaches("RUNNING", "going")
    jobs.runs.delete("going")
    jobs.gone("going")
    until(lambda: len(world.kube.events(namespace)) > 12, 10, "events are there")

    assert SECRET in failed["stateDetails"], "AWS's own words belong into the status"
    assert SECRET not in talkative.logs()
    assert SECRET not in json.dumps(world.kube.events(namespace))
    assert SECRET not in talkative.get("/metrics")


def test_every_line_is_json_and_names_the_object(jobs: Jobs, start_operator: StartOperator) -> None:
    operator = start_operator(**ENVIRONMENT)
    job = jobs.submit(script="run=0")
    run = jobs.reaches("COMPLETED")["id"]

    lines = [json.loads(line) for line in operator.logs().splitlines()]

    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    spoken = [line for line in lines if line.get("uid") == job["metadata"]["uid"]]
    assert {line["object"] for line in spoken} == {f"{jobs.runs.namespace}/job"}
    changes = [(line["state"], line.get("run")) for line in spoken if line["message"] == "state changed"]
    assert changes[0] == ("SUBMITTING", None)
    assert changes[1] == ("PENDING", run)
    assert changes[-1] == ("COMPLETED", run)

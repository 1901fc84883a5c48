"""Objects that cannot be read, stored by an older schema, are told so, can go, and stop nobody else."""

import copy
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs, ready, situation, spark_pi
from tests.support.kube import ApiError, Json
from tests.support.poll import until

# Tests read what they wrote, and here that is deep.
sys.setrecursionlimit(100_000)

CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/emrjobruns.emrjobs.dev"
CONTROL = '\x1b[31mred\r\n{"level": "FORGED"}\u2028\u0000'[:-1]
POISON: dict[str, Json] = {
    "nothing": {},
    "wrong-types": {"virtualClusterId": 7, "configurationOverrides": "none", "deletionPolicy": 7},
    "two-drivers": {"jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "a"}, "sparkSqlJobDriver": {}}},
    "bad-policy": {"deletionPolicy": "Perhaps"},
    "control": {"name": CONTROL},
}


def loosened(crd: Json) -> Json:
    """The same kind with a schema that takes any spec."""
    loose = copy.deepcopy(crd)
    for version in loose["spec"]["versions"]:
        schema = version["schema"]["openAPIV3Schema"]
        schema.pop("x-kubernetes-validations", None)
        schema.pop("required", None)
        schema["properties"]["spec"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return loose


def put_schema(world: World, wanted: Json) -> None:
    """Make the schema what `wanted` has; the API server obeys it a little later."""
    patch = [{"op": "replace", "path": "/spec/versions", "value": wanted["spec"]["versions"]}]
    world.kube.request("PATCH", CRD, patch, content_type="application/json-patch+json")


def takes_anything(jobs: Jobs) -> bool:
    """Whether the API server takes a spec without any known member, tried without keeping it."""
    body = {"apiVersion": "emrjobs.dev/v1alpha1", "kind": "EmrJobRun", "metadata": {"name": "try"}, "spec": {"a": 1}}
    path = f"/apis/emrjobs.dev/v1alpha1/namespaces/{jobs.runs.namespace}/emrjobruns"
    try:
        jobs.runs._kube.request("POST", path, body, query={"dryRun": "All", "fieldValidation": "Strict"})
    except ApiError:
        return False
    return True


@contextmanager
def older_schema(world: World, jobs: Jobs, operator: OperatorProcess) -> Iterator[None]:
    """Meanwhile any spec is taken, and the operator sees nothing of it until the schema of today is back."""
    crd = world.kube.request("GET", CRD)
    operator.pause()
    put_schema(world, loosened(crd))
    try:
        until(lambda: takes_anything(jobs), 30, "the loose schema is there")
        yield
    finally:
        put_schema(world, crd)
        until(lambda: not takes_anything(jobs), 30, "the schema of today is back")
        operator.resume()


@pytest.fixture
def poisoned(world: World, jobs: Jobs, operator: OperatorProcess) -> dict[str, Json]:
    """Objects of every poison."""
    with older_schema(world, jobs, operator):
        return {
            name: jobs.runs.create(name, {**spark_pi(jobs.cluster), **spec} if spec else {})
            for name, spec in POISON.items()
        }


def test_poison_is_told_can_go_and_stops_nobody(
    jobs: Jobs, poisoned: dict[str, Json], operator: OperatorProcess
) -> None:
    good = jobs.submit("good", "run=0")

    jobs.reaches("COMPLETED", "good")
    for name in poisoned:
        status = jobs.explains("InvalidSpec", name)
        assert (status["state"], situation(status)) == ("REJECTED", {"Ready": "False", "Stalled": "True"}), name
        assert "spec" in ready(status)["message"], name
    assert good["metadata"]["uid"] in {run["client_token"] for run in jobs.at_endpoint()}

    for name in poisoned:
        jobs.runs.delete(name)
        jobs.gone(name)
    for line in operator.logs().splitlines():
        assert json.loads(line)["level"] in {"INFO", "WARNING"}, line


def test_what_the_api_server_itself_cannot_handle_any_more_stops_nobody(
    world: World, jobs: Jobs, operator: OperatorProcess
) -> None:
    """A text where rules of the schema expect members: nobody can change such an object, but it can go."""
    with older_schema(world, jobs, operator):
        jobs.runs.create("untouchable", {"jobDriver": "spark"})
    with pytest.raises(ApiError, match="422"):
        jobs.runs.patch("untouchable", {"metadata": {"labels": {"a": "b"}}})

    jobs.submit("good", "run=0")

    jobs.reaches("COMPLETED", "good")
    until(
        lambda: "StatusRefused" in {event["reason"] for event in world.kube.events(jobs.runs.namespace, "untouchable")},
        20,
        "an event says so",
    )
    jobs.runs.delete("untouchable")
    jobs.gone("untouchable")


def test_a_poisoned_object_can_be_healed(jobs: Jobs, poisoned: dict[str, Json]) -> None:
    jobs.explains("InvalidSpec", "two-drivers")

    jobs.runs.patch_spec("two-drivers", jobDriver={"sparkSqlJobDriver": None})

    jobs.reaches("COMPLETED", "two-drivers")


def nested(levels: int) -> Json:
    innermost: Json = {"classification": "spark-env", "properties": {"a": "b"}}
    for _ in range(levels):
        innermost = {"classification": "spark-env", "configurations": [innermost]}
    return innermost


@pytest.mark.parametrize(("levels", "state"), [(100, "COMPLETED"), (300, "REJECTED"), (2000, "REJECTED")])
def test_a_request_of_great_depth_stops_nobody(jobs: Jobs, operator: OperatorProcess, levels: int, state: str) -> None:
    jobs.submit("deep", configurationOverrides={"applicationConfiguration": [nested(levels)]})

    jobs.reaches(state, "deep")

    jobs.submit("good", "run=0")
    jobs.reaches("COMPLETED", "good")
    assert operator.running


def test_control_characters_never_break_a_log_line(jobs: Jobs, operator: OperatorProcess) -> None:
    hostile = f"x{CONTROL}y"
    driver = {"entryPoint": hostile, "entryPointArguments": [hostile, "a\tb"], "sparkSubmitParameters": hostile}
    before = len(operator.logs().splitlines())
    jobs.submit("accepted", FOR_EVER, jobDriver={"sparkSubmitJobDriver": driver})
    jobs.sim.fault("error", "StartJobRun", status=400, code="ValidationException", message=hostile, name="^refused$")
    jobs.submit("refused", FOR_EVER, jobDriver={"sparkSubmitJobDriver": driver})

    jobs.reaches("RUNNING", "accepted")
    jobs.reaches("REJECTED", "refused")

    lines = operator.logs().splitlines()[before:]
    levels = [json.loads(line)["level"] for line in lines]
    assert set(levels) <= {"INFO", "WARNING"}
    [sent] = [run["request"]["jobDriver"] for run in jobs.at_endpoint()]
    assert sent["sparkSubmitJobDriver"] == driver

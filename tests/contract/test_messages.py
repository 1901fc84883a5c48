"""What `kubectl apply` says to people who made a typical mistake: it names the member and the rule."""

import json
from typing import Any

import pytest

from tests.contract.corpus.cases import Place, at, full, put, sql, without
from tests.sandbox.world import World
from tests.support.kube import Json

MONITORING: Place = ("configurationOverrides", "monitoringConfiguration")
SIZE: Place = (*MONITORING, "containerLogRotationConfiguration", "rotationSize")
DRIVER: Place = ("jobDriver", "sparkSubmitJobDriver")
BOTH = {**full()["jobDriver"], **sql()["jobDriver"]}
NESTED: Place = ("configurationOverrides", "applicationConfiguration", 0, "configurations", 0)

MISTAKES: dict[str, tuple[Any, list[str]]] = {
    "misspelt member": (
        put(without(full(), (*DRIVER, "entryPoint")), (*DRIVER, "entrypoint"), "s3://bucket/main.py"),
        ['unknown field "spec.jobDriver.sparkSubmitJobDriver.entrypoint"', "strict decoding error"],
    ),
    "misspelt member of a nested configuration": (
        put(full(), (*NESTED, "property"), {"a": "b"}),
        ['unknown field "spec.configurationOverrides.applicationConfiguration[0].configurations[0].property"'],
    ),
    "wrong ARN": (
        put(full(), ("executionRoleArn",), "arn:aws:iam::123456789012:user/somebody"),
        ["spec.executionRoleArn", "should match '^arn:aws"],
    ),
    "two drivers": (put(full(), ("jobDriver",), BOTH), ["spec.jobDriver", "must have exactly one member"]),
    "name too long": (put(full(), ("name",), "n" * 65), ["spec.name", "may not be more than 64"]),
    "rotation size without a unit": (put(full(), SIZE, "1000"), [".".join(("spec", *map(str, SIZE))), "[KMG]"]),
    "rotation size too large": (put(full(), SIZE, "4GB"), [".".join(map(str, SIZE)), "from 2KB to 2GB"]),
    "word that is none": (
        put(full(), (*MONITORING, "persistentAppUI"), "On"),
        ["spec.configurationOverrides.monitoringConfiguration.persistentAppUI", '"ENABLED", "DISABLED"'],
    ),
    "log URI without s3": (
        put(full(), (*MONITORING, "s3MonitoringConfiguration", "logUri"), "bucket/logs"),
        ["s3MonitoringConfiguration.logUri", "logUri must begin with s3://"],
    ),
    "51 tags": (
        put(full(), ("tags",), {f"key{n}": "value" for n in range(51)}),
        ["spec.tags", "must have at most 50 items"],
    ),
    "number in place of a text": (
        put(full(), (*DRIVER, "entryPointArguments"), ["1000", 1000]),
        ["spec.jobDriver.sparkSubmitJobDriver.entryPointArguments[1]", "must be of type string"],
    ),
    "blank tag": (put(full(), ("tags",), {" ": "value"}), ["spec.tags", "keys must hold a character"]),
}


def _applied(world: World, namespace: str, spec: Json) -> tuple[int, str]:
    body = {"apiVersion": "emrjobs.dev/v1alpha1", "kind": "EmrJobRun", "metadata": {"name": "run"}, "spec": spec}
    done = world.cluster.kubectl("apply", "-n", namespace, "-f", "-", input=json.dumps(body), check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake: str, world: World, namespace: str) -> None:
    spec, expected = MISTAKES[mistake]
    code, said = _applied(world, namespace, spec)
    assert code == 1
    assert [words for words in expected if words not in said] == [], said


def test_an_edit_after_submission_is_named(world: World, namespace: str) -> None:
    assert _applied(world, namespace, full()) == (0, "")
    world.kube.runs(namespace).patch("run", {"status": {"clientToken": "token"}}, subresource="status")
    code, said = _applied(world, namespace, put(full(), (*DRIVER, "entryPoint"), "s3://bucket/other.py"))
    assert code == 1
    assert "spec.jobDriver is immutable once the run has been submitted" in said
    assert at(full(), (*DRIVER, "entryPoint")) not in said

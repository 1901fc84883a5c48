"""A request that worked with the AWS CLI works when pasted: the same arrives at the endpoint, field by field."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from emrjobs.cli.render import Wanted
from emrjobs.cli.render import main as render
from tests.sandbox.emr.admin import Admin
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.paths import ROOT
from tests.sandbox.world import REGION, World
from tests.support.awscli import AwsCli, CannotInstall, installed
from tests.support.kube import Json, Runs
from tests.support.poll import until

SAMPLES: list[Json] = yaml.safe_load((ROOT / "tests" / "data" / "aws_requests.yaml").read_text(encoding="utf-8"))
ENOUGH = 12
by_name = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["name"])

Received = dict[str, Json]
"""By sample: what arrived at the endpoint, less its token."""


def manifest(sample: Json) -> Json:
    return {
        "apiVersion": "emrjobs.dev/v1alpha1",
        "kind": "EmrJobRun",
        "metadata": {"name": sample["name"]},
        "spec": sample["request"],
    }


def less(received: Json, *members: str) -> Json:
    return {name: value for name, value in received.items() if name not in members}


@pytest.fixture(scope="module")
def by_cli(world: World, tmp_path_factory: pytest.TempPathFactory) -> Received:
    """Every sample, sent by the real CLI."""
    world.sim.reset()
    try:
        cli = AwsCli(installed(), world.emr_url, REGION)
    except CannotInstall as why:
        pytest.skip(f"the AWS CLI cannot be installed: {why}")
    folder = tmp_path_factory.mktemp("requests")

    def flags(sample: Json) -> list[str]:
        if "cli" in sample:
            return [str(flag) for flag in sample["cli"]]
        path = folder / f"{sample['name']}.json"
        path.write_text(json.dumps(sample["request"]), encoding="utf-8")
        return ["--cli-input-json", path.as_uri()]

    with ThreadPoolExecutor(2) as pool:
        ids = list(pool.map(lambda sample: cli.start_job_run(flags(sample)), SAMPLES))
    received = (dict(world.sim.run(run_id)["received"]) for run_id in ids)
    return {sample["name"]: less(body, "clientToken") for sample, body in zip(SAMPLES, received, strict=True)}


@pytest.fixture(scope="module")
def by_operator(world: World, by_cli: Received, operator_of_module: OperatorProcess) -> Received:
    """Every sample, pasted into a manifest, applied, and sent by the operator."""
    world.kube.create_namespace("aws-cli")
    runs = world.kube.runs("aws-cli")
    objects = {sample["name"]: _applied(world, runs, sample) for sample in SAMPLES}
    received = {}
    for name, stored in objects.items():
        run = until(_submitted(world.sim, stored["metadata"]["uid"]), 60, f"{name} is sent")
        received[name] = less(run, "clientToken")
    world.remove_namespace("aws-cli")
    return received


@pytest.fixture(scope="module")
def operator_of_module(world: World, shared_operator: Any) -> OperatorProcess:
    found: OperatorProcess = shared_operator.running()
    return found


def _applied(world: World, runs: Runs, sample: Json) -> Json:
    text = yaml.safe_dump(manifest(sample), allow_unicode=True)
    world.cluster.kubectl("apply", "-n", runs.namespace, "-f", "-", input=text)
    return runs.get(sample["name"])


def _submitted(sim: Admin, uid: str) -> Callable[[], Json | None]:
    def look() -> Json | None:
        found = sim.runs(client_token=uid)
        return dict(found[0]["received"]) if found else None

    return look


def test_there_are_enough_samples_of_all_kinds() -> None:
    assert len(SAMPLES) >= ENOUGH
    assert len({sample["name"] for sample in SAMPLES}) == len(SAMPLES)
    members = {member for sample in SAMPLES for member in sample["request"]}
    assert members == {
        *("name", "virtualClusterId", "executionRoleArn", "releaseLabel", "jobDriver", "configurationOverrides"),
        *("tags", "jobTemplateId", "jobTemplateParameters", "retryPolicyConfiguration"),
    }


@pytest.mark.timeout(600)  # the first one installs the CLI
@by_name
def test_the_operator_sends_what_the_cli_sends(sample: Json, by_cli: Received, by_operator: Received) -> None:
    expected = by_cli[sample["name"]]
    if "name" not in expected:
        expected = {**expected, "name": sample["name"]}
    assert by_operator[sample["name"]] == expected


@pytest.mark.timeout(600)
@by_name
def test_render_prints_what_the_cli_sends(
    sample: Json, by_cli: Received, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_text(yaml.safe_dump(manifest(sample), allow_unicode=True), encoding="utf-8")
    assert render(Wanted([str(path)])) == 0
    assert json.loads(capsys.readouterr().out) == {"name": sample["name"], **by_cli[sample["name"]]}

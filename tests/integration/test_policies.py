"""Policies from a file: what runs under them, what is refused and why, and what a change of them does."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sandbox.emr.admin import Admin
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.world import World
from tests.support.fixtures import StartOperator
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import Json
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

ACCOUNT = "123456789012"
CODE = "local:///usr/lib/spark/examples/"


@dataclass(slots=True)
class PolicyFile:
    """The file that the operator reads."""

    path: Path

    def write(self, *policies: tuple[str, Json]) -> None:
        """Put other policies there, at once and whole."""
        head = {"apiVersion": "emrjobs.dev/v1alpha1", "kind": "EmrJobPolicy"}
        documents = [{**head, "metadata": {"name": name}, "spec": spec} for name, spec in policies]
        self.put(yaml.safe_dump_all(documents))

    def put(self, text: str) -> None:
        part = self.path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(self.path)


@pytest.fixture
def policy_file(tmp_path: Path) -> PolicyFile:
    return PolicyFile(tmp_path / "policies.yaml")


@pytest.fixture
def other(world: World, sim: Admin) -> Iterator[Jobs]:
    """The jobs of another team."""
    name = f"other-{secrets.token_hex(4)}"
    world.kube.create_namespace(name)
    yield Jobs(world.kube.runs(name), sim)
    world.remove_namespace(name)


@pytest.fixture
def start(start_operator: StartOperator, policy_file: PolicyFile) -> Callable[..., OperatorProcess]:
    """Start an operator with the file."""

    def begin(**environment: str) -> OperatorProcess:
        of_policies = {"EMRJOBS_POLICY": "required", "EMRJOBS_POLICY_FILE": str(policy_file.path)}
        return start_operator(**{**ENVIRONMENT, **of_policies, **environment})

    return begin


def policy_of(jobs: Jobs, role: str = "team", **members: Any) -> Json:
    """What a platform team gives to the team of a namespace."""
    return {
        "namespaces": {"names": [jobs.runs.namespace]},
        "defaults": {
            "virtualClusterId": jobs.cluster,
            "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
            "releaseLabel": "emr-7.9.0-latest",
        },
        "allow": {"entryPoints": [CODE]},
        **members,
    }


def five_lines(jobs: Jobs, script: str = "run=0", **members: Any) -> Json:
    """What is the user's own."""
    driver = jobs.spec(script)["jobDriver"]
    # The simulator reads its script in a tag.
    return {"jobDriver": driver, "tags": jobs.spec(script)["tags"], **members}


def test_each_team_runs_its_own_and_is_refused_the_others(
    jobs: Jobs, other: Jobs, policy_file: PolicyFile, start: Callable[..., OperatorProcess]
) -> None:
    policy_file.write(("a", policy_of(jobs, "team-a")), ("b", policy_of(other, "team-b")))
    start()
    for team, name in ((jobs, "team-a"), (other, "team-b")):
        made = team.runs.create("own", five_lines(team))
        status = team.reaches("COMPLETED", "own")
        assert team.run_of(made)["received"]["executionRoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/{name}"
        assert team.run_of(made)["tags"]["emrjobs.dev/namespace"] == team.runs.namespace
        assert status["policy"] == {"name": name[-1]}
        assert status["defaults"]["executionRoleArn"].endswith(name)
        assert "executionRoleArn" not in team.runs.get("own")["spec"]
    foreign = {
        "role": {"executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/team-b"},
        "cluster": {"virtualClusterId": other.cluster},
        "template": {"jobTemplateId": "0000000b"},
    }
    for name, members in foreign.items():
        jobs.runs.create(name, five_lines(jobs, **members))
        ready = jobs.explains("NotAllowed", name)["conditions"][0]
        assert "is not allowed in this namespace" in ready["message"], ready
        assert other.runs.namespace not in ready["message"]
    jobs.runs.create("conf", {**five_lines(jobs), "jobDriver": with_parameters(jobs, "--conf spark.master=x")})
    jobs.explains("NotAllowed", "conf")
    assert len(jobs.at_endpoint()) == 1


def with_parameters(jobs: Jobs, parameters: str) -> Json:
    driver = jobs.spec()["jobDriver"]["sparkSubmitJobDriver"]
    return {"sparkSubmitJobDriver": {**driver, "sparkSubmitParameters": parameters}}


def test_a_namespace_without_a_policy_runs_nothing_until_it_has_one(
    jobs: Jobs, other: Jobs, policy_file: PolicyFile, start: Callable[..., OperatorProcess]
) -> None:
    policy_file.write(("b", policy_of(other)))
    start()
    made = jobs.runs.create("early", five_lines(jobs))
    jobs.explains("NoPolicy", "early")

    policy_file.write(("a", policy_of(jobs)), ("b", policy_of(other)))

    jobs.reaches("COMPLETED", "early")
    jobs.one_run_each([made])


def test_a_narrower_policy_refuses_what_waits_and_leaves_what_runs(
    jobs: Jobs, policy_file: PolicyFile, start: Callable[..., OperatorProcess]
) -> None:
    policy_file.write(("a", policy_of(jobs)))
    start(EMRJOBS_QUOTAS='{"StartJobRun": [2, 0.01]}')
    jobs.runs.create("runs", five_lines(jobs, FOR_EVER))
    jobs.reaches("RUNNING", "runs")
    jobs.runs.create("waits", five_lines(jobs))
    jobs.reaches("QUEUED", "waits")
    before = jobs.status("runs")

    allow, limits = {"entryPoints": ["s3://elsewhere/"]}, {"maxActiveDeadlineSeconds": 1}
    policy_file.write(("a", policy_of(jobs, allow=allow, limits=limits)))

    jobs.explains("NotAllowed", "waits")
    assert jobs.status("runs") == before
    assert len(jobs.at_endpoint()) == 1


def test_a_run_does_not_outgrow_its_policy_by_an_edit(
    jobs: Jobs, policy_file: PolicyFile, start: Callable[..., OperatorProcess]
) -> None:
    """Members that may change after submission: a longer deadline, and going on without the object."""
    narrow = {"entryPoints": [CODE], "deletionPolicies": ["Cancel"]}
    policy_file.write(("a", policy_of(jobs, allow=narrow, limits={"maxActiveDeadlineSeconds": 5})))
    start()
    made = jobs.runs.create("long", five_lines(jobs, FOR_EVER))
    retained = jobs.runs.create("retained", five_lines(jobs, FOR_EVER))
    jobs.reaches("RUNNING", "long")
    jobs.reaches("RUNNING", "retained")
    jobs.runs.patch_spec("long", activeDeadlineSeconds=86400)
    jobs.runs.patch_spec("retained", deletionPolicy="Retain")
    jobs.runs.delete("retained")

    jobs.explains("DeadlineExceeded", "long")
    jobs.gone("retained")

    assert jobs.run_of(made)["state"] == "CANCELLED"
    assert jobs.run_of(retained)["state"] == "CANCELLED"


def test_a_broken_file_changes_nothing_and_is_told(
    jobs: Jobs, policy_file: PolicyFile, start: Callable[..., OperatorProcess]
) -> None:
    policy_file.write(("a", policy_of(jobs)))
    operator = start()
    policy_file.put("kind: EmrJobPolicy\nspec: {namespaces: {names: [s3cr3t*]}, allow: {buckets: []}}")
    until(lambda: operator.metrics().get("emrjobs_policy_file_errors_total") == 1, 30, "the error is counted")
    made = jobs.runs.create("job", five_lines(jobs))
    jobs.reaches("COMPLETED", "job")
    jobs.one_run_each([made])
    assert "spec.allow.buckets: is not a member of this API" in operator.logs()
    assert "s3cr3t" not in operator.logs()

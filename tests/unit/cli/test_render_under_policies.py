"""``emrjobs render --policy``: the request as a policy makes it, or why it may not run."""

import json
from pathlib import Path

import pytest
import yaml

from emrjobs.cli.main import main
from tests.unit.core.job_policy.policies import CLUSTER, POLICY, ROLE, Json, submit

MARKS = {"emrjobs.dev/namespace": "team-a", "emrjobs.dev/name": "etl", "emrjobs.dev/policy": "team-a"}
VERSION = "emrjobs.dev/v1alpha1"


@pytest.fixture
def policy_file(tmp_path: Path) -> str:
    return written(tmp_path / "policy.yaml", policy("team-a", POLICY))


def policy(name: str, spec: Json) -> Json:
    return {"apiVersion": VERSION, "kind": "EmrJobPolicy", "metadata": {"name": name}, "spec": spec}


def run(spec: Json, **metadata: str) -> Json:
    return {"apiVersion": VERSION, "kind": "EmrJobRun", "metadata": {"name": "etl", **metadata}, "spec": spec}


def written(path: Path, *documents: Json) -> str:
    path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    return str(path)


def test_five_lines_become_a_whole_request(
    tmp_path: Path, policy_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = written(tmp_path / "run.yaml", run(submit()))
    assert main(["render", manifest, "--policy", policy_file, "--namespace", "team-a"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "name": "etl",
        "virtualClusterId": CLUSTER,
        "executionRoleArn": ROLE,
        "releaseLabel": "emr-7.9.0-latest",
        "jobDriver": submit()["jobDriver"],
        "tags": {"cost-center": "4711", **MARKS},
    }
    assert "allowed by EmrJobPolicy team-a, which supplied {" in said.err


def test_a_refusal_is_what_the_object_would_say(
    tmp_path: Path, policy_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = written(tmp_path / "run.yaml", run(submit("--conf spark.master=s3cr3t"), namespace="team-a"))
    assert main(["render", manifest, "--policy", policy_file]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "NotAllowed: spec.jobDriver.sparkSubmitJobDriver.sparkSubmitParameters, --conf, spark.master may" in said.err
    assert "s3cr3t" not in said.err


@pytest.mark.parametrize(
    ("namespace", "arguments", "code", "said"),
    [
        (None, [], 1, "metadata.namespace: is required under a policy; or give --namespace"),
        ("elsewhere", [], 1, "NoPolicy: no EmrJobPolicy is for this namespace"),
        (None, ["--namespace", "elsewhere", "--namespace-label", "example.com/team=a"], 0, "allowed by"),
        ("other", ["--namespace", "elsewhere", "--namespace-label", "example.com/team=a"], 1, "NoPolicy"),
    ],
    ids=["no namespace", "another namespace", "by its label", "labels are those of --namespace"],
)
def test_the_namespace_decides(
    namespace: str | None,
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    policy_file: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    manifest = written(tmp_path / "run.yaml", run(submit(), **({"namespace": namespace} if namespace else {})))
    assert main(["render", manifest, "--policy", policy_file, *arguments]) == code
    assert said in capsys.readouterr().err


BROKEN: dict[str, tuple[Json, str]] = {
    "a glob in a bucket": (
        {"allow": {"entryPoints": ["s3://team-a-*/x/"]}},
        "spec.allow.entryPoints[0]: must be a URI",
    ),
    "a glob in an account": ({"allow": {"executionRoleArns": ["arn:aws:iam::*:role/x"]}}, "partition and account"),
    "five stars": ({"allow": {"releaseLabels": ["*a*b*c*d*"]}}, "at most 4 of * and **"),
    "a member that there is not": ({"allow": {"buckets": []}}, "spec.allow.buckets: is not a member of this API"),
    "no namespaces": ({"namespaces": {}}, "must have names or selector"),
    "an external id alone": ({"aws": {"externalId": "x1"}}, "aws.externalId needs aws.roleArn"),
    "a default that is not allowed": ({"defaults": {"virtualClusterId": "x"}}, "must be in allow.virtualClusterIds"),
    "values for Exists": (
        {"namespaces": {"selector": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}}},
        "values must be given for In and NotIn",
    ),
    "too large": ({"enforce": {"tags": {"k": "v" * 70_000}}}, "may have 65536"),
}


@pytest.mark.parametrize(("members", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_policy_is_explained_and_nothing_is_rendered(
    members: Json, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = written(tmp_path / "run.yaml", run(submit()))
    broken = written(tmp_path / "policy.yaml", policy("broken", POLICY | members))
    assert main(["render", manifest, "--policy", broken, "--namespace", "team-a"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert f"{broken}: EmrJobPolicy broken: " in told.err
    assert said in told.err


def test_a_file_without_policies_is_no_open_door(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = written(tmp_path / "run.yaml", run(submit()))
    assert main(["render", manifest, "--policy", manifest, "--namespace", "team-a"]) == 1
    assert "holds no EmrJobPolicy" in capsys.readouterr().err


def test_a_template_is_judged_by_its_content_and_without_it_not_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    allow = {**POLICY["allow"], "jobTemplateIds": ["0template"]}
    policies = written(tmp_path / "policy.yaml", policy("team-a", {**POLICY, "allow": allow}))
    manifest = written(tmp_path / "run.yaml", run({"jobTemplateId": "0template"}, namespace="team-a"))
    data = {"executionRoleArn": ROLE, "releaseLabel": "emr-7.9.0-latest", **submit()}
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"jobTemplate": {"id": "0template", "jobTemplateData": data}}), encoding="utf-8")

    assert main(["render", manifest, "--policy", policies]) == 1
    assert "CannotBeJudged: spec.jobTemplateId cannot be judged without" in capsys.readouterr().err
    assert main(["render", manifest, "--policy", policies, "--template", str(template)]) == 0
    rendered = json.loads(capsys.readouterr().out)
    assert rendered["jobTemplateId"] == "0template"
    assert "executionRoleArn" not in rendered


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is not the answer of DescribeJobTemplate"),
        ('{"jobTemplate": {"id": "0a", "jobTemplateData": {}, "decryptionError": "no"}}', "could not decrypt"),
    ],
)
def test_a_file_that_is_no_template_is_explained(
    content: str, said: str, tmp_path: Path, policy_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = written(tmp_path / "run.yaml", run(submit(), namespace="team-a"))
    template = tmp_path / "template.json"
    template.write_text(content, encoding="utf-8")
    assert main(["render", manifest, "--policy", policy_file, "--template", str(template)]) == 2
    assert said in capsys.readouterr().err

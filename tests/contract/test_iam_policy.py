"""The IAM policy names what the code can call, no more and no less, in the form that AWS documents."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name

from emrjobs.__main__ import main
from emrjobs.cli.iam_policy import ACTIONS, PolicyError, Scope, policy
from tests.sandbox.paths import EXAMPLES, OPERATOR_SOURCE
from tests.support.iam import actions, allows

Json = dict[str, Any]

ADAPTERS = OPERATOR_SOURCE / "emrjobs" / "adapters"
CLUSTER, OTHER = "0b0example0cluster0sandbx", "0b0another0cluster0sandbx"
ROLE = "arn:aws:iam::123456789012:role/emr-on-eks-job"
TEMPLATE = "0b0example0template0sandb"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:emrjobs-events"
SUBMIT_ROLE = "arn:aws:iam::222222222222:role/emr-submit"
FULL = Scope(
    "eu-west-1", [CLUSTER], [ROLE], job_templates=[TEMPLATE], event_queues=[QUEUE], assumed_roles=[SUBMIT_ROLE]
)
HOME = "arn:aws:emr-containers:eu-west-1:123456789012:"
VIRTUAL_CLUSTER = f"{HOME}/virtualclusters/{CLUSTER}"
JOB_RUN = f"{VIRTUAL_CLUSTER}/jobruns/00000030714ur9hgns3"
EXAMPLE = EXAMPLES / "aws" / "iam-policy.json"

# The service asks for these on our behalf: no line of the code calls them.
ASKED_BY_THE_SERVICE = {"emr-containers:TagResource", "emr-containers:DescribeJobTemplate", "sts:TagSession"}


def operations(service: str) -> dict[str, str]:
    """The operations of a service as boto3 spells its methods."""
    model = boto3.session.Session().client(service, region_name="eu-west-1").meta.service_model
    return {xform_name(name): name for name in model.operation_names}


def called(path: Path, service: str) -> set[str]:
    """The operations that a module calls: by method, or by the name that a paginator is asked for."""
    known = operations(service)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spelled = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    spelled |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {known[name] for name in spelled & set(known)}


def clients() -> set[tuple[str, str]]:
    """Every module below the source root that makes a boto3 client, and the service's name."""
    pattern = re.compile(r"""\.(?:client|resource)\(\s*["']([a-z0-9-]+)["']""")
    found = set()
    for path in OPERATOR_SOURCE.rglob("*.py"):
        found |= {(path.name, service) for service in pattern.findall(path.read_text(encoding="utf-8"))}
    return found


def test_no_other_module_talks_to_aws() -> None:
    assert clients() == {
        ("assumed_role.py", "sts"),
        ("emr_containers.py", "emr-containers"),
        ("event_queue.py", "sqs"),
    }


def test_the_calls_of_the_code_are_the_calls_of_the_policy() -> None:
    modules = {"emr_containers.py": "emr-containers", "event_queue.py": "sqs", "assumed_role.py": "sts"}
    made = set().union(*(called(ADAPTERS / module, service) for module, service in modules.items()))

    assert made == set(ACTIONS)
    assert actions(policy(FULL)) == set(ACTIONS.values()) | ASKED_BY_THE_SERVICE


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ListJobRuns", VIRTUAL_CLUSTER),
        ("DescribeVirtualCluster", VIRTUAL_CLUSTER),
        ("DescribeJobRun", JOB_RUN),
        ("CancelJobRun", JOB_RUN),
        ("TagResource", JOB_RUN),
        ("DescribeJobTemplate", f"{HOME}/jobtemplates/{TEMPLATE}"),
    ],
)
def test_an_action_is_allowed_on_what_was_named_and_nowhere_else(action: str, resource: str) -> None:
    name, other = f"emr-containers:{action}", resource.replace(CLUSTER, OTHER).replace(TEMPLATE, "0b0other")
    assert allows(policy(FULL), name, resource)
    assert not allows(policy(FULL), name, other)
    assert not allows(policy(FULL), name, resource.replace("eu-west-1", "eu-west-2"))


def test_a_run_starts_with_the_named_roles_only() -> None:
    def may_start(scope: Scope, role: str | None) -> bool:
        context = {"emr-containers:ExecutionRoleArn": role} if role else {}
        return allows(policy(scope), "emr-containers:StartJobRun", VIRTUAL_CLUSTER, context)

    team = Scope("eu-west-1", [CLUSTER], ["arn:aws:iam::123456789012:role/team-a-*"])

    assert may_start(FULL, ROLE)
    assert not may_start(FULL, f"{ROLE}-admin")
    assert not may_start(FULL, None)
    assert may_start(team, "arn:aws:iam::123456789012:role/team-a-etl")
    assert not may_start(team, "arn:aws:iam::123456789012:role/team-b-etl")


def test_resources_are_in_the_form_that_the_service_uses() -> None:
    """The patterns are those of botocore's description."""
    model = boto3.session.Session().client("emr-containers", region_name="eu-west-1").meta.service_model
    for shape, arn in (
        ("VirtualClusterArn", VIRTUAL_CLUSTER),
        ("JobArn", JOB_RUN),
        ("JobTemplateArn", f"{HOME}/jobtemplates/{TEMPLATE}"),
        ("IAMRoleArn", ROLE),
    ):
        pattern = model.shape_for(shape).metadata["pattern"].replace("\\u002F", "/")
        pattern = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), pattern)
        assert re.fullmatch(pattern, arn), shape


@pytest.mark.parametrize(
    ("change", "gone", "added"),
    [
        ({"tags": False}, {"emr-containers:TagResource"}, set()),
        ({"job_templates": []}, {"emr-containers:DescribeJobTemplate"}, set()),
        ({"event_queues": []}, {"sqs:ReceiveMessage", "sqs:DeleteMessage"}, set()),
        ({"assumed_roles": []}, {"sts:AssumeRole", "sts:TagSession"}, set()),
        ({"pod_identity": True}, set(), {"iam:PassRole"}),
    ],
)
def test_what_is_not_used_is_not_granted(change: Json, gone: set[str], added: set[str]) -> None:
    members = {name: getattr(FULL, name) for name in Scope.__slots__}
    changed = actions(policy(Scope(**{**members, **change})))
    assert changed == actions(policy(FULL)) - gone | added


def test_a_role_is_passed_to_pod_identity_only() -> None:
    granted = policy(Scope("eu-west-1", [CLUSTER], [ROLE], pod_identity=True))
    assert allows(granted, "iam:PassRole", ROLE, {"iam:PassedToService": "pods.eks.amazonaws.com"})
    assert not allows(granted, "iam:PassRole", ROLE, {"iam:PassedToService": "ec2.amazonaws.com"})


def test_other_partitions_keep_their_name() -> None:
    granted = policy(Scope("cn-north-1", [CLUSTER], ["arn:aws-cn:iam::123456789012:role/job"]))
    assert allows(
        granted,
        "emr-containers:ListJobRuns",
        VIRTUAL_CLUSTER.replace("aws:", "aws-cn:").replace("eu-west-1", "cn-north-1"),
    )


@pytest.mark.parametrize(
    "scope",
    [
        Scope("eu-west-1", [], [ROLE]),
        Scope("eu-west-1", [CLUSTER], []),
        Scope("us-gov-west-1", [CLUSTER], [ROLE]),
        Scope("eu-west-1", [CLUSTER], ["arn:aws-cn:iam::123456789012:role/job"]),
        Scope("eu-west-1", ["a/b"], [ROLE]),
        Scope("eu-west-1", [CLUSTER], ["job"]),
        Scope("eu-west-1", [CLUSTER], [ROLE, "arn:aws:iam::999999999999:role/job"]),
        Scope("eu-west-1", [CLUSTER], [ROLE], event_queues=["https://sqs.eu-west-1.amazonaws.com/1/q"]),
    ],
)
def test_what_makes_no_policy_is_refused(scope: Scope) -> None:
    with pytest.raises(PolicyError):
        policy(scope)


def test_the_example_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--region", "eu-west-1", "--virtual-cluster", CLUSTER, "--execution-role", ROLE]
    asked += ["--job-template", TEMPLATE, "--event-queue", QUEUE, "--assume-role", SUBMIT_ROLE]

    assert main(["iam-policy", *asked]) == 0

    printed = capsys.readouterr().out
    assert printed == EXAMPLE.read_text(encoding="utf-8")
    assert json.loads(printed) == policy(FULL)


def test_the_command_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["iam-policy", "--region", "eu-west-1", "--virtual-cluster", CLUSTER]) == 2
    assert "execution role" in capsys.readouterr().err


POLICIES = """
apiVersion: emrjobs.dev/v1alpha1
kind: EmrJobPolicy
metadata: {name: own}
spec:
  namespaces: {names: [own]}
  defaults: {virtualClusterId: 0own, executionRoleArn: "arn:aws:iam::123456789012:role/own"}
---
apiVersion: emrjobs.dev/v1alpha1
kind: EmrJobPolicy
metadata: {name: team-a}
spec:
  namespaces: {names: [team-a]}
  aws: {roleArn: "arn:aws:iam::222222222222:role/emr-submit"}
  defaults: {virtualClusterId: 0a, executionRoleArn: "arn:aws:iam::222222222222:role/team-a"}
  allow: {executionRoleArns: ["arn:aws:iam::222222222222:role/team-a-*"], jobTemplateIds: [0template]}
---
apiVersion: emrjobs.dev/v1alpha1
kind: EmrJobPolicy
metadata: {name: team-b}
spec:
  namespaces: {names: [team-b]}
  aws: {roleArn: "arn:aws:iam::222222222222:role/emr-submit", region: us-east-1}
  allow: {virtualClusterIds: [0b], executionRoleArns: ["arn:aws:iam::222222222222:role/team-b"]}
"""


def test_policies_say_what_each_role_needs_and_the_operators_own_may_assume_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(POLICIES, encoding="utf-8")
    assert main(["iam-policy", "--region", "eu-west-1", "--policy", str(file), "--event-queue", QUEUE]) == 0
    documents = json.loads(capsys.readouterr().out)
    assert set(documents) == {"operator", SUBMIT_ROLE}
    operator, theirs = documents["operator"], documents[SUBMIT_ROLE]
    assert {statement["Sid"] for statement in theirs["Statement"]} >= {"StartJobRunsInEuWest1", "StartJobRunsInUsEast1"}
    for document, account, region, cluster, role in (
        (operator, "123456789012", "eu-west-1", "0own", "own"),
        (theirs, "222222222222", "eu-west-1", "0a", "team-a-etl"),
        (theirs, "222222222222", "us-east-1", "0b", "team-b"),
    ):
        arn = f"arn:aws:emr-containers:{region}:{account}:/virtualclusters/{cluster}"
        context = {"emr-containers:ExecutionRoleArn": f"arn:aws:iam::{account}:role/{role}"}
        for other in (operator, theirs):
            assert allows(other, "emr-containers:StartJobRun", arn, context) == (other is document)
    assert allows(operator, "sts:AssumeRole", SUBMIT_ROLE)
    assert allows(operator, "sqs:ReceiveMessage", QUEUE)
    assert not {"sts:AssumeRole", "sqs:ReceiveMessage"} & actions(theirs)


WRONG: dict[str, tuple[list[str], str]] = {
    "no such file": (["--policy", "/nowhere"], "/nowhere: cannot be read"),
    "both": (["--policy", "FILE", "--virtual-cluster", "0a"], "are those of the EmrJobPolicies"),
}


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG)
def test_policies_that_make_none_are_told(
    given: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(POLICIES, encoding="utf-8")
    asked = [str(file) if word == "FILE" else word for word in given]
    assert main(["iam-policy", "--region", "eu-west-1", *asked]) == 2
    assert said in capsys.readouterr().err

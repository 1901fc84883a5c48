"""The CloudFormation template of the event queue: sound, and of one mind with what AWS sends and what we read."""

import json
import subprocess
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from emrjobs.cli.iam_policy import Scope, policy
from emrjobs.core.job_run.hints import Hint, read_hint
from tests.sandbox.emr.events import SEVERITY, message
from tests.sandbox.emr.settings import Events
from tests.sandbox.paths import EXAMPLES
from tests.support.own_environment import CannotInstall, installed

Json = dict[str, Any]
TEMPLATE = EXAMPLES / "aws" / "events.yaml"
KINDS = ["EMR Job Run State Change", "EmrContainers Job Run State Change"]
REGION = SimpleNamespace(name="eu-west-1", account="123456789012")
CLUSTER, RUN_ID = "0b0example0cluster0sandbx", "00000030714ur9hgns3"
ARN = f"arn:aws:emr-containers:eu-west-1:123456789012:/virtualclusters/{CLUSTER}/jobruns/{RUN_ID}"
RUN = SimpleNamespace(id=RUN_ID, arn=ARN, cluster=CLUSTER, request={"name": "job"})


class _Template(yaml.SafeLoader):
    """Reads CloudFormation's short functions as mappings of one member."""


def _function(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> Json:
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    raise TypeError(f"{name} of a mapping")


_Template.add_multi_constructor("!", _function)


@pytest.fixture(scope="module")
def resources() -> Json:
    found: Json = yaml.load(TEMPLATE.read_text(encoding="utf-8"), _Template)["Resources"]
    return found


def pattern(resources: Json, some: bool) -> Json:
    """The pattern of the rule where some virtual clusters are named, or none."""
    found = dict(resources["Changes"]["Properties"]["EventPattern"])
    condition, narrow, wide = found.pop("detail")["If"]
    assert (condition, wide) == ("SomeVirtualClusters", {"Ref": "AWS::NoValue"})
    assert narrow == {"virtualClusterId": {"Ref": "VirtualClusterIds"}}
    return {**found, "detail": {"virtualClusterId": [CLUSTER]}} if some else found


def matches(wanted: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """EventBridge's rule for patterns of plain values: every named member has one of the values."""
    return all(
        matches(values, event.get(name, {})) if isinstance(values, dict) else event.get(name) in values
        for name, values in wanted.items()
    )


def sent(state: str, kind: str = KINDS[0], attempt: int = 1) -> Json:
    """What the endpoint sends of a change."""
    moment = SimpleNamespace(state=state, attempt=attempt, at=0.0)
    found = message(cast(Any, REGION), cast(Any, RUN), cast(Any, moment), Events(detail_type=kind))
    assert found is not None
    return found


def test_the_template_passes_the_linter() -> None:
    try:
        program = installed("cfnlint", "cfn-lint")
    except CannotInstall as why:
        pytest.skip(f"cfn-lint cannot be installed: {why}")
    argv = [str(program), "--non-zero-exit-code", "informational", str(TEMPLATE)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("some", [True, False], ids=["some clusters", "all"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", SEVERITY)
def test_every_change_passes_the_rule_and_is_a_hint(resources: Json, state: str, kind: str, some: bool) -> None:
    event = sent(state, kind)
    assert matches(pattern(resources, some), event)
    assert read_hint(json.dumps(event)) == Hint(RUN_ID)


def test_so_does_a_new_driver(resources: Json) -> None:
    event = sent("RUNNING", attempt=2)
    assert event["detail-type"] == "EMR Job Run New Driver Attempt"
    assert matches(pattern(resources, True), event)
    assert read_hint(json.dumps(event)) == Hint(RUN_ID)


def test_the_rule_lets_nothing_else_through(resources: Json) -> None:
    event = sent("RUNNING")
    assert not matches(pattern(resources, False), {**event, "source": "aws.emr-serverless"})
    assert not matches(pattern(resources, False), {**event, "detail-type": "AWS API Call via CloudTrail"})
    assert not matches(pattern(resources, True), {**event, "detail": {**event["detail"], "virtualClusterId": "other"}})


def test_only_the_rule_may_send(resources: Json) -> None:
    (statement,) = resources["WhoMaySend"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"GetAtt": "Changes.Arn"}}}


def test_the_operator_may_do_what_it_does_and_no_more(resources: Json) -> None:
    (ours,) = resources["ReadEvents"]["Properties"]["PolicyDocument"]["Statement"]
    queue = "arn:aws:sqs:eu-west-1:123456789012:events"
    scope = Scope("eu-west-1", [CLUSTER], ["arn:aws:iam::123456789012:role/job"], event_queues=[queue])
    (printed,) = [found for found in policy(scope)["Statement"] if found["Sid"] == ours["Sid"]]
    assert ours == {**printed, "Resource": {"GetAtt": "Events.Arn"}}

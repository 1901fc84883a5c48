"""Which policy decides, and what its author and the request's are told."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.decision import Allowed, PolicyMode, RefusalReason, Refused, decide
from emrjobs.core.job_policy.problems import Problem, Rule
from emrjobs.core.job_policy.selector import Namespace
from tests.unit.core.job_policy.policies import ACCOUNT, CLUSTER, POLICY, ROLE, TEAM_A, Json, policy, refused, submit

OTHER = "0b0other0cluster0sandbx0"
HERE = Namespace("team-a", {})


def for_cluster(name: str, cluster: str) -> CompiledPolicy:
    """A policy that gives one virtual cluster."""
    given: dict[str, Any] = {
        "defaults": {**POLICY["defaults"], "virtualClusterId": cluster},
        "allow": {**POLICY["allow"], "virtualClusterIds": [cluster]},
    }
    return policy(name, **given)


def test_without_a_policy_for_it_a_namespace_runs_all_or_nothing() -> None:
    elsewhere = Namespace("elsewhere", {})
    assert decide(submit(), elsewhere, [TEAM_A], PolicyMode.OPTIONAL, object_name="etl") == Allowed(submit())
    decision = decide(submit(), elsewhere, [TEAM_A], PolicyMode.REQUIRED, object_name="etl")
    assert isinstance(decision, Refused)
    assert decision.reason is RefusalReason.NO_POLICY
    assert TEAM_A.name not in decision.message


def test_the_first_by_name_that_allows_decides_in_whatever_order_they_come() -> None:
    policies = [for_cluster("c", OTHER), for_cluster("a", CLUSTER), for_cluster("b", OTHER)]
    for order in itertools.permutations(policies):
        for spec, name in ((submit(), "a"), (submit() | {"virtualClusterId": OTHER}, "b")):
            decision = decide(spec, HERE, order, object_name="etl")
            assert isinstance(decision, Allowed)
            assert decision.policy is not None
            assert decision.policy.name == name


@given(st.lists(st.sampled_from([CLUSTER, OTHER]), max_size=3), st.sampled_from([CLUSTER, OTHER, "0b0third"]))
def test_one_policy_more_never_takes_anything_away(clusters: list[str], wanted: str) -> None:
    spec = submit() | {"virtualClusterId": wanted}
    policies = [for_cluster(f"p{number}", cluster) for number, cluster in enumerate(clusters)]
    before = decide(spec, HERE, policies, object_name="etl")
    after = decide(spec, HERE, [*policies, policy("a", ready=False), for_cluster("z", OTHER)], object_name="etl")
    assert isinstance(after, Allowed) or not isinstance(before, Allowed)


def test_the_refusal_that_is_told_is_that_of_the_policy_for_the_virtual_cluster() -> None:
    spec = submit("--conf spark.master=x") | {"virtualClusterId": OTHER}
    decision = decide(spec, HERE, [for_cluster("a", CLUSTER), for_cluster("b", OTHER)], object_name="etl")
    assert isinstance(decision, Refused)
    assert decision.policy is not None
    assert decision.policy.name == "b"
    assert "--conf, spark.master may not be set" in decision.message


@pytest.mark.parametrize("member", ["virtualClusterId", "executionRoleArn", "releaseLabel", "jobDriver"])
def test_what_neither_the_request_nor_the_policy_has_is_named(member: str) -> None:
    by = policy(defaults={name: value for name, value in POLICY["defaults"].items() if name != member})
    spec = {name: value for name, value in submit().items() if name != member}
    decision = refused(spec, by)
    assert [problem.field for problem in decision.problems] == [f"spec.{member}"]
    assert decision.problems[0].rule is Rule.REQUIRED


PARAMETERS = "spec.jobDriver.sparkSubmitJobDriver.sparkSubmitParameters"
MESSAGES = {
    "a role": (
        submit() | {"executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/secret"},
        (
            f"spec.executionRoleArn is not allowed in this namespace. Allowed: arn:aws:iam::{ACCOUNT}:role/team-a-*; "
            f"or leave it out: {ROLE} is the default"
        ),
    ),
    "an image": (
        submit("--conf spark.kubernetes.container.image=secret/x"),
        (
            f"{PARAMETERS}, --conf, spark.kubernetes.container.image is not "
            f"allowed in this namespace. Allowed: {POLICY['allow']['images'][0]}"
        ),
    ),
    "a template": (
        submit() | {"jobTemplateId": "secret"},
        "spec.jobTemplateId is not allowed in this namespace. Nothing is allowed there",
    ),
    "several": (
        submit("--conf spark.master=secret --conf spark.remote=secret"),
        (f"{PARAMETERS}, --conf, spark.master may not be set in this namespace (and 1 more)"),
    ),
    "what cannot be read": (
        submit("--conf 'secret"),
        (
            f"{PARAMETERS} cannot be read in one way: a quote is not closed, "
            "or holds a backslash, $, backquote or control character that is read in two ways"
        ),
    ),
}


@pytest.mark.parametrize(("spec", "message"), MESSAGES.values(), ids=MESSAGES)
def test_a_message_says_what_is_allowed_and_never_the_value(spec: Json, message: str) -> None:
    decision = refused(spec)
    assert decision.message == message
    assert "secret" not in str(decision.problems)
    unclear = message.startswith(f"{PARAMETERS} cannot")
    assert decision.reason is (RefusalReason.CANNOT_BE_JUDGED if unclear else RefusalReason.NOT_ALLOWED)


def test_a_long_list_is_cut() -> None:
    problem = Problem("spec.x", Rule.NOT_ALLOWED, "is not allowed", tuple("abcdefgh"))
    assert str(problem) == "spec.x is not allowed. Allowed: a, b, c, d, e and 3 more"


LABELS = {"team": "a", "stage": "test"}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ({}, True),
        ({"matchLabels": {"team": "a"}}, True),
        ({"matchLabels": {"team": "a", "stage": "prod"}}, False),
        ({"matchLabels": {"other": "a"}}, False),
        ({"matchExpressions": [{"key": "team", "operator": "In", "values": ["a", "b"]}]}, True),
        ({"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["a"]}]}, False),
        ({"matchExpressions": [{"key": "other", "operator": "NotIn", "values": ["a"]}]}, True),
        ({"matchExpressions": [{"key": "team", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"team": "a"}, "matchExpressions": [{"key": "other", "operator": "Exists"}]}, False),
    ],
)
def test_a_selector_reads_labels_as_kubernetes_does(selector: Json, matches: bool) -> None:
    by = policy(namespaces={"selector": selector})
    assert by.namespaces.match(Namespace("x", LABELS)) == matches
    assert not by.namespaces.match(Namespace("x", None))

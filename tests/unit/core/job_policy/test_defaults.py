"""What a policy supplies: nothing of the user's is overwritten, and what was added is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.core.job_policy.decision import Allowed
from emrjobs.core.job_policy.defaults import supplied, with_defaults, with_supplied
from tests.unit.core.job_policy.policies import POLICY, TEAM_A, Json, decided, submit

WORDS = st.sampled_from(["a", "b", "c"])
MAPS = st.dictionaries(WORDS, WORDS, max_size=3)


def configurations(depth: int) -> st.SearchStrategy[list[Json]]:
    """Classifications, each at most once."""
    members: dict[str, Any] = {"properties": MAPS}
    if depth:
        members["configurations"] = configurations(depth - 1)
    one = st.fixed_dictionaries({"classification": WORDS}, optional=members)
    return st.lists(one, max_size=3, unique_by=lambda each: each["classification"])


def spec() -> st.SearchStrategy[Json]:
    monitoring = st.fixed_dictionaries(
        {},
        optional={
            "persistentAppUI": WORDS,
            "s3MonitoringConfiguration": st.fixed_dictionaries({"logUri": WORDS}, optional={"encryptionKeyArn": WORDS}),
        },
    )
    overrides = st.fixed_dictionaries(
        {}, optional={"applicationConfiguration": configurations(1), "monitoringConfiguration": monitoring}
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "virtualClusterId": WORDS,
            "tags": MAPS,
            "configurationOverrides": overrides,
            "retryPolicyConfiguration": st.fixed_dictionaries({"maxAttempts": st.integers(1, 3)}),
            "activeDeadlineSeconds": st.integers(1, 3),
        },
    )


@given(spec(), spec())
def test_given_twice_is_given_once(mine: Json, defaults: Json) -> None:
    once = with_defaults(mine, defaults)
    assert with_defaults(once, defaults) == once


@given(spec(), spec())
def test_what_the_user_says_stays(mine: Json, defaults: Json) -> None:
    assert kept(mine, with_defaults(mine, defaults))


@given(spec(), spec())
def test_what_was_added_makes_the_one_of_the_other(mine: Json, defaults: Json) -> None:
    effective = with_defaults(mine, defaults)
    assert with_supplied(mine, supplied(mine, effective)) == effective


@given(spec())
def test_without_defaults_nothing_is_added(mine: Json) -> None:
    assert with_defaults(mine, {}) == mine
    assert supplied(mine, mine) == {}


def kept(mine: Any, effective: Any) -> bool:
    """Whether all of the one is in the other; of classifications in their order."""
    if isinstance(mine, dict):
        return all(name in effective and kept(value, effective[name]) for name, value in mine.items())
    if isinstance(mine, list):
        return len(mine) <= len(effective) and all(map(kept, mine, effective))
    return bool(mine == effective)


OURS = {"logUri": "s3://team-a-logs/", "encryptionKeyArn": "arn:aws:kms:eu-west-1:222222222222:key/1"}


@pytest.mark.parametrize(
    ("mine", "defaults", "effective"),
    [
        ({"tags": {"a": "1"}}, {"tags": {"a": "2", "b": "2"}}, {"tags": {"a": "1", "b": "2"}}),
        (
            {"configurationOverrides": {"monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": "x"}}}},
            {"configurationOverrides": {"monitoringConfiguration": {"s3MonitoringConfiguration": OURS}}},
            {"configurationOverrides": {"monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": "x"}}}},
        ),
        (
            {"configurationOverrides": {"monitoringConfiguration": {"persistentAppUI": "DISABLED"}}},
            {"configurationOverrides": {"monitoringConfiguration": {"s3MonitoringConfiguration": OURS}}},
            {
                "configurationOverrides": {
                    "monitoringConfiguration": {"persistentAppUI": "DISABLED", "s3MonitoringConfiguration": OURS}
                }
            },
        ),
        (
            {"retryPolicyConfiguration": {"maxAttempts": 1}},
            {"retryPolicyConfiguration": {"maxAttempts": 2}},
            {"retryPolicyConfiguration": {"maxAttempts": 1}},
        ),
    ],
    ids=["tags by key", "a bucket without another's key", "monitoring by member", "retries whole"],
)
def test_members_that_both_have(mine: Json, defaults: Json, effective: Json) -> None:
    assert with_defaults(mine, defaults) == effective


def test_what_a_policy_supplied_is_told_and_nothing_else() -> None:
    decision = decided(submit() | {"releaseLabel": "emr-7.1.0-latest"})
    assert isinstance(decision, Allowed)
    defaults = {name: value for name, value in POLICY["defaults"].items() if name != "releaseLabel"}
    marks = {"emrjobs.dev/namespace": "team-a", "emrjobs.dev/name": "etl", "emrjobs.dev/policy": "team-a"}
    tags = {"cost-center": "4711", **marks}
    assert decision.supplied == {**defaults, "tags": tags, "activeDeadlineSeconds": 86400}
    assert decision.policy is TEAM_A

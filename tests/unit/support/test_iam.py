"""The judge of IAM policies that the tests use."""

from typing import Any

import pytest

from tests.support.iam import actions, allows

POLICY: dict[str, Any] = {
    "Statement": [
        {"Effect": "Allow", "Action": ["s:Read", "s:Write"], "Resource": ["arn:a/*", "arn:b"]},
        {
            "Effect": "Allow",
            "Action": ["s:Pass"],
            "Resource": ["arn:a/1"],
            "Condition": {"ArnLike": {"s:Role": ["role/x-*"]}, "StringEquals": {"s:To": "pods"}},
        },
        {"Effect": "Deny", "Action": ["s:Never"], "Resource": ["*"]},
    ]
}


@pytest.mark.parametrize(
    ("action", "resource", "context", "expected"),
    [
        ("s:Read", "arn:a/1", {}, True),
        ("s:Write", "arn:b", {}, True),
        ("s:Read", "arn:b/1", {}, False),
        ("s:Other", "arn:b", {}, False),
        ("s:Never", "arn:b", {}, False),
        ("s:Pass", "arn:a/1", {"s:Role": "role/x-1", "s:To": "pods"}, True),
        ("s:Pass", "arn:a/1", {"s:Role": "role/y-1", "s:To": "pods"}, False),
        ("s:Pass", "arn:a/1", {"s:Role": "role/x-1"}, False),
    ],
)
def test_a_request_is_judged(action: str, resource: str, context: dict[str, str], expected: bool) -> None:
    assert allows(POLICY, action, resource, context) is expected


def test_an_operator_that_it_does_not_know_is_an_error() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    policy = {"Statement": [{"Effect": "Allow", "Action": ["a"], "Resource": ["*"], "Condition": condition}]}
    with pytest.raises(ValueError, match="IpAddress"):
        allows(policy, "a", "r")


def test_all_actions() -> None:
    assert actions(POLICY) == {"s:Read", "s:Write", "s:Pass", "s:Never"}

"""Sessions with a role: one for each namespace, renewed in time, and nobody else's when there is none."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from emrjobs.adapters import assumed_role
from emrjobs.adapters.assumed_role import CALLER, AssumedRole, Caller, Role
from emrjobs.adapters.aws_errors import RoleNotAssumedError
from emrjobs.core.backoff import Backoff
from tests.support.clock import Clock, stopped_clock

ARN = "arn:aws:iam::222222222222:role/emr-submit"
TEAM = Caller("team-a", "policy-a")
HOUR = timedelta(hours=1)


class Sts:
    """Gives numbered sessions, or what stands in ``trouble``."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.trouble: Exception | None = None
        self.troubles: list[Exception | None] = []
        """Those of the next calls, before it."""
        self.length = HOUR

    def assume_role(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        trouble = self.troubles.pop(0) if self.troubles else self.trouble
        if trouble is not None:
            raise trouble
        key = f"ASIA{len(self.asked)}"
        expires = datetime.now(UTC) + self.length
        return {"Credentials": {"AccessKeyId": key, "SecretAccessKey": "s", "SessionToken": "t", "Expiration": expires}}


@pytest.fixture
def sts() -> Sts:
    return Sts()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch, assumed_role)


@pytest.fixture(autouse=True)
def nobody() -> Iterator[None]:
    yield
    CALLER.set(None)


def a_role(sts: Sts, **members: Any) -> AssumedRole:
    retry = Backoff(timedelta(seconds=10), timedelta(seconds=40))
    return AssumedRole(Role(ARN, "eu-west-1", retry=retry, **members), lambda: sts)


def key(role: AssumedRole, caller: Caller | None = None) -> str:
    CALLER.set(caller)
    return str(role.get_frozen_credentials().access_key)


def denied() -> ClientError:
    return ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")


def test_each_namespace_has_a_session_of_its_own_that_says_so(sts: Sts) -> None:
    role = a_role(sts, external_id="secret", cluster="main")
    keys = [key(role, who) for who in (TEAM, None, TEAM, Caller("team-b", "policy-a"), None)]
    assert keys == ["ASIA1", "ASIA2", "ASIA1", "ASIA3", "ASIA2"]
    assert sts.asked[0] == {
        "RoleArn": ARN,
        "RoleSessionName": "emrjobs-team-a",
        "DurationSeconds": 3600,
        "ExternalId": "secret",
        "Tags": [
            {"Key": "emrjobs-namespace", "Value": "team-a"},
            {"Key": "emrjobs-policy", "Value": "policy-a"},
            {"Key": "emrjobs-cluster", "Value": "main"},
        ],
    }
    assert sts.asked[1] == {
        "RoleArn": ARN,
        "RoleSessionName": "emrjobs",
        "DurationSeconds": 3600,
        "ExternalId": "secret",
    }


def test_where_tagging_is_not_granted_sessions_are_told_apart_by_name_only(sts: Sts) -> None:
    role = a_role(sts, tag_sessions=False)
    key(role, Caller("n" * 63, "p"))
    assert "Tags" not in sts.asked[0]
    assert "ExternalId" not in sts.asked[0]
    assert sts.asked[0]["RoleSessionName"] == ("emrjobs-" + "n" * 63)[:64]


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(denied(), "AccessDenied"), (EndpointConnectionError(endpoint_url="x"), "EndpointConnectionError")],
    ids=["denied", "away"],
)
def test_a_refusal_is_everybodys_answer_until_its_time_is_over(
    sts: Sts, clock: Clock, trouble: Exception, code: str
) -> None:
    role = a_role(sts)
    sts.trouble = trouble
    for _ in range(3):
        with pytest.raises(RoleNotAssumedError, match=code):
            key(role)
    assert len(sts.asked) == 1
    clock.now += 11
    with pytest.raises(RoleNotAssumedError, match=code):
        key(role)
    assert len(sts.asked) == 2
    sts.trouble = None
    assert key(role, TEAM) == "ASIA3", "another's refusal is not this one's"
    clock.now += 21
    assert key(role) == "ASIA4"


def test_a_session_is_renewed_before_its_end_and_serves_on_where_that_fails(sts: Sts, clock: Clock) -> None:
    role = a_role(sts)
    sts.length = timedelta(minutes=14)
    assert key(role) == "ASIA2", "the first is so near its end that it is renewed at once"
    sts.trouble = denied()
    assert key(role) == "ASIA2"
    assert key(role) == "ASIA2"
    assert len(sts.asked) == 3
    sts.trouble, sts.length = None, HOUR
    clock.now += 11
    assert key(role) == "ASIA4"
    assert key(role) == "ASIA4"


def test_a_session_that_is_over_serves_nobody(sts: Sts) -> None:
    role = a_role(sts)
    sts.length, sts.troubles = timedelta(seconds=5), [None, denied()]
    with pytest.raises(RoleNotAssumedError):
        key(role)

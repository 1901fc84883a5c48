"""The spec as Python sees it: names on the wire, what is ours, and how strictly it is read."""

from typing import Any

import pytest
from pydantic import ValidationError

from emrjobs.api.job_run.spec import DeletionPolicy, EmrJobRunSpec
from tests.contract.corpus.cases import full, put, sql, templated, without

RETRIES = ("retryPolicyConfiguration", "maxAttempts")
MONITORING = ("configurationOverrides", "monitoringConfiguration")


def read(spec: Any) -> EmrJobRunSpec:
    return EmrJobRunSpec.model_validate(spec)


@pytest.mark.parametrize("spec", [full(), sql(), templated()], ids=["submit", "sql", "template"])
def test_what_is_read_is_written_back_under_the_same_names(spec: dict[str, Any]) -> None:
    assert read(spec).model_dump(by_alias=True, exclude_none=True, mode="json") == spec


def test_members_are_aws_s_or_ours() -> None:
    ours = {"deletionPolicy", "suspend", "cancel", "activeDeadlineSeconds", "startDeadlineSeconds"}
    assert set(EmrJobRunSpec.own_members()) == ours | {"ttlSecondsAfterFinished", "resubmitPolicy"}
    assert set(EmrJobRunSpec.request_members()) == set(templated()) - {"deletionPolicy"}


def test_python_names_are_not_names_on_the_wire() -> None:
    with pytest.raises(ValidationError):
        read({**without(full(), ("virtualClusterId",)), "virtual_cluster_id": "abc"})


def test_a_spec_cannot_be_changed() -> None:
    spec = read(full())
    with pytest.raises(ValidationError):
        spec.name = "other"  # type: ignore[misc]  # that is the point


def test_deleting_cancels_unless_told_otherwise() -> None:
    assert read(without(full(), ("deletionPolicy",))).deletion_policy is DeletionPolicy.CANCEL
    assert read({**full(), "deletionPolicy": "Retain"}).deletion_policy is DeletionPolicy.RETAIN


@pytest.mark.parametrize("member", ["name", "tags", "configurationOverrides", "deletionPolicy"])
def test_a_null_is_an_absent_member(member: str) -> None:
    assert read({**full(), member: None}) == read(without(full(), (member,)))


def test_the_nulls_of_a_map_are_absent_too() -> None:
    assert read({**full(), "tags": {"a": "b", "c": None}}).tags == {"a": "b"}


@pytest.mark.parametrize(("value", "read_as"), [(1, 1), (3.0, 3), (2147483647, 2147483647)])
def test_whole_numbers_are_numbers(value: float, read_as: int) -> None:
    policy = read(put(full(), RETRIES, value)).retry_policy_configuration
    assert policy is not None
    assert policy.max_attempts == read_as
    assert isinstance(policy.max_attempts, int)


@pytest.mark.parametrize("value", ["3", True, 3.5, 0, -1, 2147483648, float("inf"), float("nan"), [3]])
def test_nothing_else_is_a_number_of_attempts(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(put(full(), RETRIES, value))


@pytest.mark.parametrize("size", ["2KB", "2.0K", "0.002M", "2048M", "2GB", "2.0Gb", "000000010MB"])
def test_rotation_sizes_from_2kb_to_2gb(size: str) -> None:
    rotating = put(full(), (*MONITORING, "containerLogRotationConfiguration", "rotationSize"), size)
    assert read(rotating).model_dump(by_alias=True, exclude_none=True, mode="json") == rotating


@pytest.mark.parametrize("size", ["1.99K", "0GB", "2049M", "2.01G", "10", "10TB", "10mb", "1.MB"])
def test_other_rotation_sizes_are_refused(size: str) -> None:
    with pytest.raises(ValidationError):
        read(put(full(), (*MONITORING, "containerLogRotationConfiguration", "rotationSize"), size))


def test_errors_hold_no_input() -> None:
    with pytest.raises(ValidationError) as refused:
        read({**full(), "name": "s3cr3t with spaces"})
    assert "s3cr3t" not in str(refused.value)

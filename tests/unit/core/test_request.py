"""From a spec to the arguments of StartJobRun."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.api.job_run.spec import EmrJobRunSpec
from emrjobs.api.job_run.status import LogLocations
from emrjobs.core.job_run.request import job_name, log_locations, request, start_job_run
from tests.contract.corpus.cases import full, put, sql, templated, without

MONITORING = ("configurationOverrides", "monitoringConfiguration")
ANY_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,64}")


def spec(raw: dict[str, Any]) -> EmrJobRunSpec:
    return EmrJobRunSpec.model_validate(raw)


def test_signs_that_the_service_refuses_become_dashes() -> None:
    nameless = spec(without(full(), ("name",)))
    assert job_name(nameless, "a b").startswith("a-b-")


def test_our_own_members_are_never_sent() -> None:
    ours = {"suspend": True, "cancel": False, "activeDeadlineSeconds": 60, "resubmitPolicy": {"limit": 1}}
    assert request(spec({**full(), **ours}), object_name="object") == without(full(), ("deletionPolicy",))


@pytest.mark.parametrize("raw", [full(), sql(), templated()], ids=["submit", "sql", "template"])
def test_everything_but_our_own_members_is_sent_as_written_with_the_token(raw: dict[str, Any]) -> None:
    expected = {**without(raw, ("deletionPolicy",)), "clientToken": "uid"}
    assert start_job_run(spec(raw), object_name="object", client_token="uid") == expected


def test_the_token_is_the_only_difference_to_the_request() -> None:
    sent = start_job_run(spec(full()), object_name="object", client_token="uid")
    assert sent.pop("clientToken") == "uid"
    assert sent == request(spec(full()), object_name="object")


def test_only_what_is_given_is_sent() -> None:
    least = {key: full()[key] for key in ("virtualClusterId", "executionRoleArn", "releaseLabel", "jobDriver")}
    assert request(spec(least), object_name="object") == {**least, "name": "object"}


@pytest.mark.parametrize(
    "empty",
    [{"tags": {}}, {"configurationOverrides": {}}, {"configurationOverrides": {"applicationConfiguration": []}}],
)
def test_an_empty_member_is_sent_as_empty(empty: dict[str, Any]) -> None:
    sent = request(spec({**full(), **empty}), object_name="object")
    assert {key: sent[key] for key in empty} == empty


def test_the_spec_s_own_name_wins() -> None:
    assert job_name(spec({**full(), "name": "etl/a#1"}), "object") == "etl/a#1"


@pytest.mark.parametrize("name", ["a", "a.b-c", "n" * 64])
def test_without_one_the_object_s_name_is_taken_as_it_stands(name: str) -> None:
    assert job_name(spec(without(full(), ("name",))), name) == name


def test_a_long_name_is_shortened_and_still_told_apart() -> None:
    nameless = spec(without(full(), ("name",)))
    assert len(job_name(nameless, "n" * 65)) == 64
    assert job_name(nameless, "n" * 65) != job_name(nameless, "n" * 66)
    assert job_name(nameless, "n" * 65).startswith("n" * 55)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_object_name_becomes_one_that_the_service_takes(first: str, second: str) -> None:
    nameless = spec(without(full(), ("name",)))
    one, other = job_name(nameless, first), job_name(nameless, second)
    assert ANY_NAME.fullmatch(one)
    assert one == job_name(nameless, first)
    assert (one == other) == (first == second)


def _logs(s3: str | None, group: str | None, prefix: str | None) -> LogLocations:
    cloud_watch = {"logGroupName": group, "logStreamNamePrefix": prefix} if group else None
    monitoring = {
        "s3MonitoringConfiguration": {"logUri": s3} if s3 else None,
        "cloudWatchMonitoringConfiguration": cloud_watch,
    }
    return log_locations(spec(put(full(), MONITORING, monitoring)), "cluster", "run")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("s3://bucket", "s3://bucket/cluster/jobs/run/"),
        ("s3://bucket/", "s3://bucket/cluster/jobs/run/"),
        ("s3://bucket/a/b", "s3://bucket/a/b/cluster/jobs/run/"),
        ("s3://bucket/LX/", "s3://bucket/LX/cluster/jobs/run/"),
    ],
)
def test_logs_in_s3_are_below_the_uri(uri: str, expected: str) -> None:
    assert _logs(uri, None, None) == LogLocations(s3_uri=expected)


@pytest.mark.parametrize(
    ("prefix", "expected"), [(None, "cluster/jobs/run/"), ("p", "p/cluster/jobs/run/"), ("p/", "p/cluster/jobs/run/")]
)
def test_logs_in_cloud_watch_are_in_the_group_under_the_prefix(prefix: str | None, expected: str) -> None:
    assert _logs(None, "/emr", prefix) == LogLocations(
        cloud_watch_log_group="/emr", cloud_watch_log_stream_prefix=expected
    )


@pytest.mark.parametrize("dropped", [("configurationOverrides",), MONITORING])
def test_without_monitoring_nothing_is_known_of_logs(dropped: tuple[str, ...]) -> None:
    assert log_locations(spec(without(full(), dropped)), "cluster", "run") == LogLocations()
    assert _logs(None, None, None) == LogLocations()

"""What the simulator refuses: more than boto3 does, in the service's shape, codes and wording."""

import http.client
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contract.emr_simulator.client import VC, refusal
from tests.sandbox.emr.process import Simulator
from tests.sandbox.emr.samples import request

PATH = f"/virtualclusters/{VC}/jobruns"
SUBMIT = {"entryPoint": "s3://b/x.py"}
NOT_A_ROLE = "arn:aws:iam::123456789012:user/x"


def monitoring(**members: Any) -> dict[str, Any]:
    return {"configurationOverrides": {"monitoringConfiguration": members}}


def classified(*items: dict[str, Any]) -> dict[str, Any]:
    return {"configurationOverrides": {"applicationConfiguration": list(items)}}


DEEP = classified({"classification": "core-site", "configurations": [{"classification": "x" * 1025}]})
ROTATION = {"rotationSize": "10MB", "maxFilesToKeep": 51}
MODEL_BREACHES: list[tuple[str, dict[str, Any], str]] = [
    ("name too long", {"name": "x" * 65}, "at 'name' failed to satisfy constraint: Member must have length less"),
    ("name with a space", {"name": "a b"}, "Value 'a b' at 'name' failed to satisfy constraint: Member must sa"),
    ("pattern is anchored", {"name": "good bad"}, "regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"),
    ("no other alphabets", {"releaseLabel": "emr-7.0.0-lätest"}, "at 'releaseLabel' failed"),
    ("virtual cluster id", {"virtualClusterId": "UPPER"}, "Value 'UPPER' at 'virtualClusterId' failed"),
    ("token too long", {"clientToken": "x" * 65}, "less than or equal to 64"),
    ("blank token", {"clientToken": " "}, "at 'clientToken' failed"),
    ("role", {"executionRoleArn": NOT_A_ROLE}, f"Value '{NOT_A_ROLE}' at 'executionRoleArn' failed"),
    ("other digits", {"executionRoleArn": "arn:aws:iam::١٢٣٤٥٦٧٨٩٠١٢:role/x"}, "at 'executionRoleArn' failed"),
    ("51 tags", {"tags": {f"k{i}": "v" for i in range(51)}}, "at 'tags' failed to satisfy constraint: Member"),
    ("tag key", {"tags": {"k" * 129: "v"}}, "Map keys must satisfy constraint: [Member must have length less"),
    ("tag value", {"tags": {"k": "v" * 257}}, "Map value must satisfy constraint: [Member must have length less"),
    ("enum", monitoring(persistentAppUI="MAYBE"), "Member must satisfy enum value set: [ENABLED, DISABLED]"),
    (
        "number",
        monitoring(containerLogRotationConfiguration=ROTATION),
        "at 'configurationOverrides.monitoringConfiguration.containerLogRotationConfiguration.maxFilesToKeep'",
    ),
    ("deep in a list", DEEP, "applicationConfiguration.1.member.configurations.1.member.classification' failed"),
    (
        "too many configurations",
        classified(*({"classification": "core-site"} for _ in range(101))),
        "at 'configurationOverrides.applicationConfiguration' failed to satisfy constraint: Member must have",
    ),
    (
        "argument",
        {"jobDriver": {"sparkSubmitJobDriver": {**SUBMIT, "entryPointArguments": ["ok", "x" * 10281]}}},
        "Member must satisfy constraint: [Member must have length less than or equal to 10280]",
    ),
    ("template parameter", {"jobTemplateParameters": {"a b": "c"}}, "at 'jobTemplateParameters' failed"),
]


@pytest.mark.parametrize(("members", "text"), [row[1:] for row in MODEL_BREACHES], ids=[r[0] for r in MODEL_BREACHES])
def test_the_models_limits_hold(emr: Any, members: dict[str, Any], text: str) -> None:
    code, message = refusal(emr.start_job_run, **{**request("t"), **members})
    assert code == "ValidationException"
    assert message.startswith("1 validation error detected: ")
    assert text in message


def test_several_breaches_are_counted(emr: Any) -> None:
    code, message = refusal(emr.start_job_run, **request("t", name="a b", releaseLabel="c d"))
    assert code == "ValidationException"
    assert message.startswith("2 validation errors detected: ")


def test_sensitive_values_are_not_repeated(emr: Any) -> None:
    driver = {"sparkSubmitJobDriver": {"entryPoint": "s" * 257}}
    _, message = refusal(emr.start_job_run, **request("t", jobDriver=driver))
    assert "Value at 'jobDriver.sparkSubmitJobDriver.entryPoint' failed" in message
    assert "sss" not in message


BOTH_DRIVERS = {"sparkSubmitJobDriver": SUBMIT, "sparkSqlJobDriver": {"entryPoint": "s3://b/x.sql"}}
SMALL = {"rotationSize": "1KB", "maxFilesToKeep": 2}
RULES: list[tuple[str, dict[str, Any], str]] = [
    ("two drivers", {"jobDriver": BOTH_DRIVERS}, "Exactly one job driver"),
    ("no driver", {"jobDriver": {}}, "Exactly one job driver"),
    ("no role", {"executionRoleArn": None}, "executionRoleArn must be provided"),
    ("no release", {"releaseLabel": None}, "releaseLabel must be provided"),
    ("nothing", {"jobDriver": None, "releaseLabel": None}, "releaseLabel, jobDriver must be provided"),
    (
        "log uri",
        monitoring(s3MonitoringConfiguration={"logUri": "http://x"}),
        "monitoringConfiguration.s3MonitoringConfiguration.logUri failed to satisfy constraint : ",
    ),
    ("rotation size", monitoring(containerLogRotationConfiguration=SMALL), "rotationSize failed to satisfy"),
    ("no attempts", {"retryPolicyConfiguration": {"maxAttempts": 0}}, "maxAttempts must be between 1 and"),
    (
        "retries too early",
        {"retryPolicyConfiguration": {"maxAttempts": 2}, "releaseLabel": "emr-6.8.0-latest"},
        "from release emr-6.9.0",
    ),
]


@pytest.mark.parametrize(("members", "text"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_the_services_own_rules_hold(emr: Any, members: dict[str, Any], text: str) -> None:
    code, message = refusal(emr.start_job_run, **request("t", **members))
    assert code == "ValidationException"
    assert text in message


def test_what_is_allowed_passes(emr: Any, simulator: Simulator) -> None:
    overrides = {
        "monitoringConfiguration": {
            "persistentAppUI": "DISABLED",
            "managedLogs": {"allowAWSToRetainLogs": "ENABLED"},
            "s3MonitoringConfiguration": {"logUri": "s3://bucket/logs/"},
            "cloudWatchMonitoringConfiguration": {"logGroupName": "/emr/x", "logStreamNamePrefix": "a b"},
            "containerLogRotationConfiguration": {"rotationSize": "2KB", "maxFilesToKeep": 50},
        },
        "applicationConfiguration": [{"classification": "spark-defaults", "properties": {"a": "ü" * 1024}}],
    }
    driver = {"sparkSqlJobDriver": {"sparkSqlParameters": "--x\n--y"}}
    sent = request("t", jobDriver=driver, configurationOverrides=overrides, tags={"empty": ""}, name="a/b#c.d-e_f")
    emr.start_job_run(**sent)
    assert simulator.admin.runs()[0]["received"] == sent


def test_an_execution_role_of_another_account_can_be_refused(emr: Any, simulator: Simulator) -> None:
    simulator.admin.settings(same_account_role=True)
    role = "arn:aws:iam::210987654321:role/job-execution"
    code, message = refusal(emr.start_job_run, **request("t", executionRoleArn=role))
    assert code == "AccessDeniedException"
    assert "is not authorized to perform: emr-containers:StartJobRun on resource: arn:aws:emr-cont" in message


def test_unknown_runs(emr: Any, simulator: Simulator) -> None:
    for call in (emr.describe_job_run, emr.cancel_job_run):
        gone = "0" * 19
        assert refusal(call, virtualClusterId=VC, id=gone) == (
            "ResourceNotFoundException",
            f"Job run {gone} doesn't exist.",
        )
        assert refusal(call, virtualClusterId=VC, id="short") == ("ValidationException", "Invalid job run short id")
    simulator.admin.settings(cancel_unknown="ValidationException")
    assert refusal(emr.cancel_job_run, virtualClusterId=VC, id="0" * 19)[0] == "ValidationException"


def test_lists_refuse_what_is_no_filter(emr: Any) -> None:
    bad: list[dict[str, Any]] = [
        {"states": ["DREAMING"]},
        {"states": ["RUNNING"] * 11},
        {"maxResults": 0},
        {"nextToken": "made up"},
        {"name": "a b"},
    ]
    for filters in bad:
        assert refusal(emr.list_job_runs, virtualClusterId=VC, **filters)[0] == "ValidationException", filters


def test_a_token_of_a_page_fits_only_its_own_filters(emr: Any) -> None:
    for i in range(3):
        emr.start_job_run(**request(f"t{i}"))
    page = emr.list_job_runs(virtualClusterId=VC, maxResults=1)
    emr.list_job_runs(virtualClusterId=VC, maxResults=2, nextToken=page["nextToken"])
    code, message = refusal(emr.list_job_runs, virtualClusterId=VC, name="x", nextToken=page["nextToken"])
    assert (code, message) == ("ValidationException", "The nextToken is not valid.")


def raw(
    simulator: Simulator, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, str | None, dict[str, Any]]:
    """Status, error type and body of a request that boto3 would not send."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = "AKIA/20260101/eu-west-1/emr-containers/aws4_request"
    signed = {
        "x-amz-date": stamp,
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    address = urlsplit(simulator.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.request(method, path, body, {k: v for k, v in signed.items() if v})
        response = connection.getresponse()
        return response.status, response.headers["x-amzn-ErrorType"], json.loads(response.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(-5.1, "Signature expired: {} is now earlier than "), (5.1, "Signature not yet current: {} is still later")],
)
def test_signatures_have_a_date(simulator: Simulator, minutes: float, text: str) -> None:
    stamp = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")
    status, kind, body = raw(simulator, "GET", PATH, x_amz_date=stamp)
    assert (status, kind) == (403, "InvalidSignatureException")
    assert text.format(stamp) in body["message"]
    assert "5 min." in body["message"]
    near = (datetime.now(UTC) + timedelta(minutes=minutes * 0.9)).strftime("%Y%m%dT%H%M%SZ")
    assert raw(simulator, "GET", PATH, x_amz_date=near)[0] == 200


def test_signatures_are_needed(simulator: Simulator) -> None:
    assert raw(simulator, "GET", PATH, authorization="")[:2] == (403, "MissingAuthenticationTokenException")
    assert raw(simulator, "GET", PATH, authorization="Basic x")[:2] == (403, "IncompleteSignatureException")
    s3 = "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/s3/aws4_request, Signature=0"
    assert raw(simulator, "GET", PATH, authorization=s3)[:2] == (403, "InvalidSignatureException")


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"name": 5}', b'{"tags": []}', b'{"jobDriver": "x"}', b'{"name": {"a": 1}}', b"\xff"],
)
def test_what_cannot_be_read_is_a_serialization_error(simulator: Simulator, body: bytes) -> None:
    assert raw(simulator, "POST", PATH, body)[:2] == (400, "SerializationException")


def test_bodies_have_a_limit_and_null_members_are_absent(simulator: Simulator) -> None:
    huge = json.dumps({"name": "x" * 2_000_000}).encode()
    assert raw(simulator, "POST", PATH, huge)[:2] == (413, "RequestEntityTooLargeException")
    status, kind, body = raw(simulator, "POST", PATH, b'{"clientToken": null, "unknown": 1}')
    assert (status, kind) == (400, "ValidationException")
    assert "Value null at 'clientToken' failed to satisfy constraint: Member must not be null" in body["message"]


def test_unknown_routes_are_no_operations(simulator: Simulator) -> None:
    assert raw(simulator, "GET", "/clusters")[:2] == (404, "UnknownOperationException")
    assert raw(simulator, "PUT", PATH)[:2] == (404, "UnknownOperationException")
    assert simulator.admin.count("Unknown", "UnknownOperationException") == 2

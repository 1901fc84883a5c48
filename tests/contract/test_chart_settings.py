"""The operator's environment in the chart: exactly its settings, with the operator's own defaults."""

import json
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import yaml

from emrjobs.settings import Settings
from tests.chart.settings import ELSEWHERE, value_name, variable
from tests.chart.variants import NAMED, NAMESPACE, RELEASE
from tests.sandbox.paths import CHART
from tests.support.charts import Chart, Json

pytestmark = pytest.mark.timeout(600)

VALUES: Json = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
FIELDS = list(Settings.model_fields)
CLUSTER_WIDE = {"policy_selectors"}
"""Settings that exclude named namespaces."""
SPECIAL: dict[str, Any] = {
    "namespace": list(NAMED),
    "aws_region": "eu-west-1",
    "quotas": {"StartJobRun": [100, 10]},
    "leader_election": False,
    "quota_share": 0.5,
    "http_host": "::",
    "lease_duration": 60,
    "lease_renew_deadline": 11.5,
    "lease_retry": 1.5,
    "default_ttl": 3600,
    "default_active_deadline": 7200.5,
    "default_start_deadline": 60,
}


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the operator makes of an environment."""

    def read(environment: dict[str, str]) -> Settings:
        for field in FIELDS:
            monkeypatch.delenv(variable(field), raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return Settings()

    return read


def ours(environment: dict[str, str]) -> set[str]:
    return {name for name in environment if name.startswith("EMRJOBS_") or name == "AWS_REGION"}


def other_value(field: str) -> Any:
    """A value that is not the default, and that the schema takes."""
    default = Settings.model_fields[field].get_default(call_default_factory=True)
    if field in SPECIAL:
        return SPECIAL[field]
    if isinstance(default, tuple):
        return ["first", "second"]
    if isinstance(default, Enum):
        return next(member.value for member in type(default) if member is not default)
    if isinstance(default, timedelta):
        return default.total_seconds() + 1.25
    if default is True:
        return False
    if isinstance(default, int):
        # Large, so that a form that is no integer would show.
        return 9090 if field == "http_port" else default + 1_000_000
    return "text"


def values_with(fields: dict[str, Any]) -> Json:
    values: Json = {"replicaCount": 1}
    for field, value in fields.items():
        group, name = value_name(field).split(".")
        values.setdefault(group, {})[name] = value
    return values


def as_read(value: Any, kind: type) -> Any:
    """What the operator makes of a value that is shown."""
    if kind is timedelta:
        return timedelta(seconds=value)
    return tuple(value) if kind is tuple else value or None


def test_every_setting_has_a_value_and_every_value_is_a_setting() -> None:
    elsewhere = {path.split(".")[0] for path in ELSEWHERE.values()}
    assert {f"settings.{name}" for name in VALUES["settings"]} == {value_name(f) for f in FIELDS if f not in ELSEWHERE}
    assert elsewhere == {"watch", "aws", "policy"}


def test_with_no_values_the_operator_has_its_own_defaults(chart: Chart, settings_of: Any) -> None:
    environment = chart.render().environment()
    assert ours(environment) == {"EMRJOBS_LEASE_NAME"}
    assert settings_of(environment) == settings_of({"EMRJOBS_LEASE_NAME": RELEASE})


def test_the_defaults_shown_are_the_operators(settings_of: Any) -> None:
    own = settings_of({})
    for field in FIELDS:
        if field not in {*ELSEWHERE, "lease_name", "quotas"}:
            shown = VALUES["settings"][value_name(field).removeprefix("settings.")]
            actual = getattr(own, field)
            assert as_read(shown, type(actual)) == actual, field


def test_every_value_becomes_the_variable_that_the_operator_reads(chart: Chart, settings_of: Any) -> None:
    """All settings at once, all other than their defaults: nothing of ours is missing, nothing unknown is there."""
    wanted = {field: other_value(field) for field in FIELDS if field not in CLUSTER_WIDE}
    environment = chart.render(values_with(wanted)).environment()
    assert ours(environment) == {variable(field) for field in wanted}
    read, plain = settings_of(environment), settings_of({})
    for field, value in wanted.items():
        actual = getattr(read, field)
        assert actual != getattr(plain, field), field
        match actual:
            case timedelta():
                assert actual == timedelta(seconds=value), field
            case tuple():
                assert list(actual) == value
            case dict():
                assert actual["StartJobRun"] == (100, 10)
            case Path():
                assert str(actual) == value
            case _:
                assert actual == value, field


def test_policies_that_select_by_labels_are_of_the_whole_cluster(chart: Chart, settings_of: Any) -> None:
    values = values_with({"policy_selectors": True})
    assert settings_of(chart.render(values).environment()).policy_selectors is True
    assert "watch.namespaces must be empty" in chart.refusal({**values, "watch": {"namespaces": list(NAMED)}})


def test_quotas_can_be_off(chart: Chart, settings_of: Any) -> None:
    assert settings_of(chart.render({"settings": {"quotas": "off"}}).environment()).quotas is None


def test_a_variable_of_the_users_wins(chart: Chart, settings_of: Any) -> None:
    values = {"settings": {"workers": 7}, "extraEnv": [{"name": "EMRJOBS_WORKERS", "value": "8"}]}
    assert settings_of(chart.render(values).environment()).workers == 8


def test_what_boto_reads_comes_from_the_values_for_aws(chart: Chart) -> None:
    endpoints = {"emrContainers": "https://emr.example.com", "sts": "https://sts.example.com", "sqs": "http://sqs"}
    values = {"region": "eu-west-1", "endpoints": endpoints, "useFipsEndpoint": True, "useDualstackEndpoint": True}
    environment = chart.render({"aws": values}).environment()
    assert {name: value for name, value in environment.items() if name.startswith("AWS_")} == {
        "AWS_REGION": "eu-west-1",
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_ENDPOINT_URL_EMR_CONTAINERS": "https://emr.example.com",
        "AWS_ENDPOINT_URL_STS": "https://sts.example.com",
        "AWS_ENDPOINT_URL_SQS": "http://sqs",
    }


def test_the_port_is_the_same_everywhere(chart: Chart) -> None:
    rendered = chart.render({"settings": {"httpPort": 9090}})
    container = rendered.container()
    assert container["ports"] == [{"name": "http", "containerPort": 9090, "protocol": "TCP"}]
    assert {container[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")} == {"http"}
    assert rendered.of("Service")[0]["spec"]["ports"][0]["port"] == 9090
    assert rendered.of("NetworkPolicy")[0]["spec"]["ingress"][0]["ports"] == [{"port": 9090, "protocol": "TCP"}]


@pytest.mark.parametrize(("stop_limit", "period"), [(20, 30), (0.5, 11), (90, 100)])
def test_a_pod_has_longer_to_end_than_the_operator_takes(stop_limit: float, period: int, chart: Chart) -> None:
    spec = chart.render({"settings": {"stopLimit": stop_limit}}).deployment()["spec"]["template"]["spec"]
    assert spec["terminationGracePeriodSeconds"] == period


def test_times_of_the_lease_that_cannot_work_are_refused(chart: Chart) -> None:
    assert "leaseRetry < settings.leaseRenewDeadline" in chart.refusal({"settings": {"leaseRetry": 10}})
    assert "leaseRenewDeadline < settings.leaseDuration" in chart.refusal({"settings": {"leaseDuration": 10}})


def test_without_a_lease_there_is_one_operator_and_never_two_for_a_while(chart: Chart) -> None:
    assert "set replicaCount to 1" in chart.refusal({"settings": {"leaderElection": False}})
    rendered = chart.render({"settings": {"leaderElection": False}, "replicaCount": 1})
    assert rendered.deployment()["spec"]["strategy"] == {"type": "Recreate"}
    assert not [role for role in rendered.of("Role") if role["metadata"]["name"].endswith("-lease")]


def test_the_lease_is_that_of_the_release_unless_said_otherwise(chart: Chart) -> None:
    assert chart.render().environment()["EMRJOBS_LEASE_NAME"] == RELEASE
    rendered = chart.render({"settings": {"leaseName": "mine", "leaseNamespace": "leases"}})
    assert rendered.environment()["EMRJOBS_LEASE_NAME"] == "mine"
    assert rendered.environment()["EMRJOBS_LEASE_NAMESPACE"] == "leases"
    assert rendered.one("Role", f"{RELEASE}-lease")["metadata"]["namespace"] == "leases"
    assert chart.render().one("Role", f"{RELEASE}-lease")["metadata"]["namespace"] == NAMESPACE


def test_quotas_reach_the_operator_as_json(chart: Chart) -> None:
    quotas = {"StartJobRun": [100, 0.5], "total": [400, 50]}
    assert json.loads(chart.render({"settings": {"quotas": quotas}}).environment()["EMRJOBS_QUOTAS"]) == quotas

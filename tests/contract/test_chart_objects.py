"""The chart's other objects: CRDs, network policy, metrics, and what Helm says in the end."""

from typing import Any

import pytest
import yaml

from tests.chart.crds import template
from tests.chart.variants import NAMED, NAMESPACE, OPTIONS, RELEASE, VARIANTS
from tests.sandbox.paths import CHART, CRDS
from tests.support.charts import Chart, Json, Rendered

pytestmark = pytest.mark.timeout(600)

KEEP = "helm.sh/resource-policy"


def crds(rendered: Rendered) -> dict[str, Json]:
    return {item["metadata"]["name"]: item for item in rendered.of("CustomResourceDefinition")}


@pytest.mark.parametrize("values", [{}, OPTIONS], ids=["as it comes", "with every option"])
def test_the_crds_are_those_of_the_repository(values: Json, chart: Chart) -> None:
    committed = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in CRDS.glob("*.yaml")]
    rendered = crds(chart.render(values))
    assert set(rendered) == {crd["metadata"]["name"] for crd in committed}
    assert [rendered[crd["metadata"]["name"]]["spec"] for crd in committed] == [crd["spec"] for crd in committed]


def test_the_crds_stay_unless_they_are_to_go(chart: Chart) -> None:
    for crd in crds(chart.render()).values():
        assert crd["metadata"]["annotations"] == {KEEP: "keep"}
    for crd in crds(chart.render({"crds": {"keep": False}})).values():
        assert "annotations" not in crd["metadata"]
    assert crds(chart.render({"crds": {"install": False}})) == {}


def test_text_of_a_crd_that_looks_like_a_template_stays_text() -> None:
    text = template('metadata:\n  name: x\nspec:\n  description: "{{ .Values }}"\n')
    assert '"{{ "{{" }} .Values }}"' in text


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_names_are_unique_valid_and_in_the_releases_namespace_or_a_watched_one(values: Json, chart: Chart) -> None:
    rendered = chart.render(values)
    keys = [(i["kind"], i["metadata"].get("namespace"), i["metadata"]["name"]) for i in rendered.objects]
    assert len(keys) == len(set(keys))
    allowed = {NAMESPACE, None, *values.get("watch", {}).get("namespaces", ())}
    assert {namespace for _, namespace, _ in keys} <= allowed


def test_long_names_stay_within_what_kubernetes_takes(chart: Chart) -> None:
    long = "a" * 53
    for item in chart.render({"fullnameOverride": long}).objects:
        # Admission policies are called nothing but their names, which are those of a DNS subdomain.
        longest = 253 if item["kind"].startswith("ValidatingAdmission") else 63
        assert len(item["metadata"]["name"]) <= longest
    assert chart.render({"fullnameOverride": long}).deployment()["metadata"]["name"] == long


@pytest.mark.parametrize(
    ("release", "expected"), [("emrjobs", "emrjobs"), ("my-emrjobs", "my-emrjobs"), ("prod", "prod-emrjobs")]
)
def test_the_releases_name_is_in_the_names_of_its_objects(release: str, expected: str, chart: Chart) -> None:
    said = chart.helm.run("template", release, str(CHART), "--show-only", "templates/deployment.yaml").stdout
    assert yaml.safe_load(said)["metadata"]["name"] == expected


def test_what_goes_out_is_names_api_server_aws_and_the_agent_of_pod_identity(chart: Chart) -> None:
    (policy,) = chart.render().of("NetworkPolicy")
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert [ports(rule) for rule in policy["spec"]["egress"]] == [
        [(53, "UDP"), (53, "TCP")],
        [(443, "TCP"), (6443, "TCP")],
        [(443, "TCP")],
        [(80, "TCP")],
    ]
    assert blocks(policy["spec"]["egress"][3]) == ["169.254.170.23/32", "fd00:ec2::23/128"]
    assert [ports(rule) for rule in policy["spec"]["ingress"]] == [[(8080, "TCP")]]


def test_every_direction_can_be_narrowed(chart: Chart) -> None:
    spec = chart.render(OPTIONS).of("NetworkPolicy")[0]["spec"]
    given = OPTIONS["networkPolicy"]
    assert spec["ingress"][0]["from"] == given["metricsFrom"]
    names, api_server, aws, _, metadata_service, extra = spec["egress"]
    assert [names["to"], api_server["to"], aws["to"]] == [given[k]["to"] for k in ("dns", "apiServer", "aws")]
    assert blocks(metadata_service)[0] == "169.254.169.254/32"
    assert [extra] == given["extraEgress"]
    off = {"networkPolicy": {"podIdentityAgent": False}}
    assert len(chart.render(off).of("NetworkPolicy")[0]["spec"]["egress"]) == 3


def ports(rule: Json) -> list[tuple[int, str]]:
    return [(port["port"], port["protocol"]) for port in rule["ports"]]


def blocks(rule: Json) -> list[Any]:
    return [peer["ipBlock"]["cidr"] for peer in rule["to"]]


def test_a_service_monitor_finds_the_service_of_metrics_and_no_other(chart: Chart) -> None:
    rendered = chart.render({"metrics": {"serviceMonitor": {"enabled": True, "namespace": "monitoring"}}})
    (monitor,), (service,) = rendered.of("ServiceMonitor"), rendered.of("Service")
    assert monitor["metadata"]["namespace"] == "monitoring"
    assert monitor["spec"]["namespaceSelector"] == {"matchNames": [NAMESPACE]}
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["spec"]["endpoints"] == [
        {"port": "http", "path": "/metrics", "interval": "30s", "scrapeTimeout": "10s"}
    ]
    (other,) = chart.render(OPTIONS).of("ServiceMonitor")
    assert (other["spec"]["jobLabel"], other["spec"]["endpoints"][0]["honorLabels"]) == ("app", True)
    assert service["spec"]["ports"][0]["name"] == "http"
    assert service["spec"]["clusterIP"] == "None"


def test_there_is_no_service_monitor_unless_asked_for(chart: Chart) -> None:
    assert chart.render().of("ServiceMonitor") == []
    values = {"metrics": {"service": {"enabled": False}, "serviceMonitor": {"enabled": True}}}
    assert len(chart.render(values).of("Service")) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "watches all namespaces"),
        ({}, "kubectl --all-namespaces get emrjobruns --watch"),
        ({}, "rollout status deployment/emrjobs"),
        ({}, f"helm --namespace {NAMESPACE} test {RELEASE}"),
        ({}, "No aws.region is set"),
        ({}, "No image.registry is set"),
        ({"watch": {"namespaces": list(NAMED)}}, "watches the namespaces team-a, team-b."),
        ({"watch": {"namespaces": list(NAMED)}}, "kubectl --namespace team-a get emrjobruns"),
        ({"uninstall": {"release": False}}, "run `emrjobs release`"),
        ({"crds": {"install": False}}, "the cluster does not have them"),
    ],
)
def test_the_notes_say_what_comes_next(values: Json, expected: str, chart: Chart) -> None:
    assert expected in notes(chart, values)


def test_the_notes_are_silent_about_what_is_well(chart: Chart) -> None:
    said = notes(chart, {"aws": {"region": "eu-west-1"}, "image": {"registry": "registry.example.com"}})
    assert "No aws.region" not in said
    assert "No image.registry" not in said
    assert "uninstall.release" not in said
    assert "CustomResourceDefinitions" not in said
    # Three commands, no more.
    assert len([line for line in said.splitlines() if line.startswith("  ")]) == 3


def notes(chart: Chart, values: Json) -> str:
    path = chart.folder / "notes.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    where = ("--namespace", NAMESPACE, "--values", str(path))
    said = chart.helm.run("install", RELEASE, str(CHART), *where, "--dry-run=client").stdout
    return said.split("NOTES:\n")[1]

"""Every variant of the chart before a real API server, which takes all of it and changes nothing."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.chart.variants import NAMED, VARIANTS
from tests.sandbox.paths import CHART
from tests.sandbox.world import World
from tests.support.charts import Chart, Json, Rendered
from tests.support.poll import until

# The first use may build Helm.
pytestmark = [pytest.mark.controlplane, pytest.mark.timeout(600)]

# Only so much of the Prometheus Operator's kind that the API server knows it.
SERVICE_MONITORS: Json = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "servicemonitors.monitoring.coreos.com"},
    "spec": {
        "group": "monitoring.coreos.com",
        "scope": "Namespaced",
        "names": {"kind": "ServiceMonitor", "plural": "servicemonitors", "singular": "servicemonitor"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}


@pytest.fixture(scope="module")
def prepared(world: World) -> Iterator[World]:
    """The namespaces that the variants watch, and the kind that one of them uses."""
    world.cluster.kubectl("apply", "-f", "-", input=json.dumps(SERVICE_MONITORS))
    world.cluster.kubectl("wait", "--for=condition=Established", "crd", SERVICE_MONITORS["metadata"]["name"])
    for name in NAMED:
        world.kube.create_namespace(name)
    yield world
    for name in NAMED:
        world.kube.delete_namespace(name)
    world.cluster.kubectl("delete", "crd", SERVICE_MONITORS["metadata"]["name"])


@pytest.fixture
def restricted(prepared: World) -> Iterator[str]:
    """A namespace that refuses pods which are not `restricted`."""
    name = f"restricted-{secrets.token_hex(4)}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    prepared.kube.request("POST", "/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})
    until(lambda: has_default_account(prepared, name), 30, "the namespace has its default account")
    yield name
    prepared.kube.delete_namespace(name)


def has_default_account(world: World, namespace: str) -> bool:
    found = world.cluster.kubectl("get", "serviceaccount", "default", "-n", namespace, check=False)
    return found.returncode == 0


def listed(objects: list[Json]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


def in_namespace(rendered: Rendered, namespace: str) -> list[Json]:
    """Objects of the release's namespace moved to one that is there."""
    moved = []
    for item in rendered.objects:
        metadata = item["metadata"]
        own = metadata.get("namespace") not in (None, *NAMED)
        moved.append({**item, "metadata": {**metadata, "namespace": namespace}} if own else item)
    return moved


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_the_api_server_takes_every_object_without_a_warning(
    values: Json, prepared: World, restricted: str, chart: Chart
) -> None:
    objects = in_namespace(chart.render(values), restricted)
    strict = ("--dry-run=server", "--validate=strict", "--server-side", "--force-conflicts")
    done = prepared.cluster.kubectl("apply", *strict, "-f", "-", input=listed(without_pods(objects)))
    assert len(done.stdout.splitlines()) == len(without_pods(objects))
    assert "Warning" not in done.stderr


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_every_pod_is_let_into_a_restricted_namespace(
    values: Json, prepared: World, restricted: str, chart: Chart
) -> None:
    pods = as_pods(chart.render(values))
    for pod in pods:
        prepared.cluster.kubectl("create", "--dry-run=server", "-n", restricted, "-f", "-", input=json.dumps(pod))
    open_pod = {**pods[0], "spec": {**pods[0]["spec"], "hostNetwork": True}}
    refused = prepared.cluster.kubectl(
        *("create", "--dry-run=server", "-n", restricted, "-f", "-"), input=json.dumps(open_pod), check=False
    )
    assert 'violates PodSecurity "restricted' in refused.stderr


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_helm_would_install_it(values: Json, prepared: World, restricted: str, chart: Chart) -> None:
    """With what this API server can do, and what is there already: the CRDs belong to nobody."""
    admin = chart_for(prepared, chart)
    path = chart.folder / "values.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    args = ("--namespace", restricted, "--values", str(path), "--take-ownership", "--dry-run=server")
    said = admin.helm.run("install", f"dry-{secrets.token_hex(4)}", str(CHART), *args).stdout
    assert "STATUS: pending-install" in said
    assert "NOTES:" in said
    found = prepared.cluster.kubectl("get", "deployments,roles", "-n", restricted, "-o", "name")
    assert found.stdout == ""


def chart_for(world: World, chart: Chart) -> Chart:
    kubeconfig: Path = world.cluster.admin_kubeconfig
    return replace(chart, helm=replace(chart.helm, kubeconfig=kubeconfig))


def without_pods(objects: list[Json]) -> list[Json]:
    """A pod is refused while its account is only imagined; the test below this one sees to them."""
    return [item for item in objects if item["kind"] != "Pod"]


def as_pods(rendered: Rendered) -> list[Json]:
    """The pods that would be made, under the account that every namespace has."""
    return [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"generateName": f"{component}-"},
            "spec": {**spec, "serviceAccountName": "default", "restartPolicy": "Always"},
        }
        for component, spec in rendered.pod_specs().items()
    ]

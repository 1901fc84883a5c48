"""The chart's pods: image, security, spread, probes, and those of hooks."""

from typing import Any

import pytest

from tests.chart.variants import BARE, DIGEST, GUESTS, NAMED, OPTIONS, RELEASE, VARIANTS
from tests.support.charts import Chart, Json, Rendered

pytestmark = pytest.mark.timeout(600)

SELECTOR = {"app.kubernetes.io/name": "emrjobs", "app.kubernetes.io/instance": RELEASE}
OPERATORS = {**SELECTOR, "app.kubernetes.io/component": "operator"}


def images(rendered: Rendered) -> set[str]:
    return {spec["containers"][0]["image"] for spec in rendered.pod_specs().values()}


def pod_labels(rendered: Rendered) -> dict[str, Json]:
    """Labels of pods by component."""
    found = {item["metadata"]["labels"]["app.kubernetes.io/component"]: item["metadata"] for item in rendered.of("Pod")}
    for item in rendered.of("Deployment", "Job"):
        metadata = item["spec"]["template"]["metadata"]
        found[metadata["labels"]["app.kubernetes.io/component"]] = metadata
    return {component: metadata["labels"] for component, metadata in found.items()}


def matches(selector: Json, labels: Json) -> bool:
    return selector.items() <= labels.items()


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({}, "emrjobs:0.1.0"),
        ({"tag": "1.2.3"}, "emrjobs:1.2.3"),
        ({"digest": DIGEST}, f"emrjobs@{DIGEST}"),
        ({"tag": "1.2.3", "digest": DIGEST}, f"emrjobs@{DIGEST}"),
        ({"registry": "registry.example.com:5000", "repository": "a/b", "tag": "x"}, "registry.example.com:5000/a/b:x"),
    ],
    ids=["the operator's version", "a tag", "a digest", "a digest wins over a tag", "a registry"],
)
def test_all_pods_run_the_image_that_is_named(image: Json, expected: str, chart: Chart) -> None:
    assert images(chart.render({"image": image})) == {expected}


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_every_pod_is_restricted_and_cannot_write_to_its_root(values: Json, chart: Chart) -> None:
    for spec in chart.render(values).pod_specs().values():
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        (container,) = spec["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["resources"]["limits"].keys() == {"memory"}
        assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]
        assert spec["automountServiceAccountToken"] is True
        assert spec["enableServiceLinks"] is False
        assert container["command"] == ["emrjobs"]


def test_the_operator_is_run_probed_and_replaced_without_a_gap(chart: Chart) -> None:
    rendered = chart.render()
    spec, container = rendered.deployment()["spec"], rendered.container()
    assert container["args"] == ["run"]
    assert container["livenessProbe"]["httpGet"] == container["startupProbe"]["httpGet"]
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
    assert spec["replicas"] == 2
    assert spec["minReadySeconds"] == 5
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    annotations = spec["template"]["metadata"]["annotations"]
    assert annotations == {"kubectl.kubernetes.io/default-container": container["name"]}


def test_pods_of_hooks_belong_to_neither_deployment_budget_nor_service(chart: Chart) -> None:
    rendered = chart.render()
    labels = pod_labels(rendered)
    assert set(labels) == {"operator", "release", "check"}
    selectors = [
        rendered.deployment()["spec"]["selector"]["matchLabels"],
        rendered.of("PodDisruptionBudget")[0]["spec"]["selector"]["matchLabels"],
        rendered.of("Service")[0]["spec"]["selector"],
    ]
    for selector in selectors:
        assert selector == OPERATORS
        assert [component for component in labels if matches(selector, labels[component])] == ["operator"]
    everyone = rendered.of("NetworkPolicy")[0]["spec"]["podSelector"]["matchLabels"]
    assert all(matches(everyone, found) for found in labels.values())


def test_a_new_version_of_the_chart_alone_replaces_no_pod(chart: Chart) -> None:
    assert pod_labels(chart.render())["operator"] == OPERATORS


def test_labels_of_the_users_never_take_the_place_of_what_selects(chart: Chart) -> None:
    mine = {"app.kubernetes.io/name": "mine", "app.kubernetes.io/part-of": "mine", "team": "data"}
    rendered = chart.render({"commonLabels": mine, "podLabels": {**mine, "team": "platform"}})
    assert pod_labels(rendered)["operator"] == {**OPERATORS, "app.kubernetes.io/part-of": "mine", "team": "platform"}
    for item in rendered.objects:
        labels = item["metadata"]["labels"]
        assert (labels["app.kubernetes.io/name"], labels["app.kubernetes.io/part-of"]) == ("emrjobs", "mine")


def test_pods_spread_over_zones_and_nodes(chart: Chart) -> None:
    constraints = chart.render().deployment()["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert [(c["topologyKey"], c["whenUnsatisfiable"]) for c in constraints] == [
        ("topology.kubernetes.io/zone", "ScheduleAnyway"),
        ("kubernetes.io/hostname", "ScheduleAnyway"),
    ]
    assert [c["labelSelector"] for c in constraints] == [{"matchLabels": OPERATORS}] * 2


def test_a_spread_with_a_selector_keeps_it(chart: Chart) -> None:
    own: Json = {"topologyKey": "rack", "maxSkew": 2, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {}}
    own["labelSelector"] = {"matchLabels": {"a": "b"}}
    spec = chart.render({"topologySpreadConstraints": [own]}).deployment()["spec"]["template"]["spec"]
    assert spec["topologySpreadConstraints"][0]["topologyKey"] == "rack"
    assert spec["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]["a"] == "b"


def test_every_option_of_a_pod_reaches_the_pods_that_it_is_for(chart: Chart) -> None:
    rendered = chart.render(OPTIONS)
    for component, spec in rendered.pod_specs().items():
        (container,) = spec["containers"]
        assert spec["imagePullSecrets"] == [{"name": "pull"}]
        assert spec["nodeSelector"] == OPTIONS["nodeSelector"]
        assert spec["tolerations"] == OPTIONS["tolerations"]
        assert spec["priorityClassName"] == "system-cluster-critical"
        for name in ("dnsPolicy", "dnsConfig", "hostAliases"):
            assert spec[name] == OPTIONS[name], component
        assert OPTIONS["extraEnv"][0] in container["env"], component
        assert container["envFrom"] == OPTIONS["extraEnvFrom"]
        assert OPTIONS["extraVolumes"][0] in spec["volumes"]
        assert OPTIONS["extraVolumeMounts"][0] in container["volumeMounts"]
        assert ("affinity" in spec) == (component == "operator")
    template = rendered.deployment()["spec"]["template"]["metadata"]
    assert template["annotations"]["example.com/scraped"] == "yes"
    assert template["labels"]["tier"] == "control"
    assert rendered.of("PodDisruptionBudget")[0]["spec"]["maxUnavailable"] == "34%"
    for item in rendered.objects:
        assert item["metadata"]["labels"]["team"] == "data"
        assert item["metadata"]["annotations"]["owner"] == "data"
        assert item["metadata"]["name"].startswith(("emr-operator", "emrjobruns", "emrjobpolicies"))


def test_containers_and_objects_of_the_users_come_along(chart: Chart) -> None:
    rendered = chart.render(GUESTS)
    operator = rendered.pod_specs()["operator"]
    assert operator["runtimeClassName"] == "gvisor"
    assert operator["initContainers"] == GUESTS["initContainers"]
    assert operator["containers"][1:] == GUESTS["extraContainers"]
    assert [item["metadata"]["name"] for item in rendered.of("ConfigMap")] == ["emrjobs-more", "emrjobs-text"]
    assert all(len(spec["containers"]) == 1 for name, spec in rendered.pod_specs().items() if name != "operator")


def test_everything_that_can_be_left_out_is_left_out(chart: Chart) -> None:
    assert [item["kind"] for item in chart.render(BARE).objects] == ["Deployment"]


@pytest.mark.parametrize("namespaces", [(), NAMED], ids=["whole cluster", "named namespaces"])
def test_uninstalling_first_stops_the_operator_then_releases(namespaces: tuple[str, ...], chart: Chart) -> None:
    rendered = chart.render({"watch": {"namespaces": list(namespaces)}})
    job = rendered.one("Job", f"{RELEASE}-release")
    named: list[Any] = [f"--namespace={namespace}" for namespace in namespaces]
    assert job["spec"]["template"]["spec"]["containers"][0]["args"] == [
        *("release", f"--stop-deployment={RELEASE}", "--stop-timeout=60", f"--delete-lease={RELEASE}"),
        *named,
        *(["--skip-forbidden"] if namespaces else []),
    ]
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-delete"
    # It fails before Helm's own five minutes are over, and it waits for pods longer than they take to end.
    assert 60 + 30 < job["spec"]["activeDeadlineSeconds"] < 300
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    pods = rendered.deployment()["spec"]["template"]["spec"]
    assert pods["terminationGracePeriodSeconds"] < 60


def test_the_test_looks_at_deployment_lease_and_objects(chart: Chart) -> None:
    pod = chart.render().one("Pod", f"{RELEASE}-check")
    assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
    assert pod["spec"]["restartPolicy"] == "Never"
    assert pod["spec"]["containers"][0]["args"] == [
        *("check", "--timeout=120", f"--deployment={RELEASE}"),
        *(f"--lease={RELEASE}", "--lease-namespace=emrjobs-system"),
    ]
    values = {"settings": {"leaderElection": False}, "replicaCount": 1, "watch": {"namespaces": ["a"]}}
    args = chart.render(values).one("Pod", f"{RELEASE}-check")["spec"]["containers"][0]["args"]
    assert args == ["check", "--timeout=120", "--namespace=a", f"--deployment={RELEASE}"]

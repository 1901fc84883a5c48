"""Deployments, jobs, budgets and services come to life as in a cluster."""

from typing import Any

from tests.integration.pods.web import server
from tests.sandbox.pods.runner import PodRunner
from tests.sandbox.world import World
from tests.support.pod_fixtures import pods, workloads
from tests.support.poll import until
from tests.support.workloads import APPS, BATCH, Workloads, condition, first_container, pod_spec

__all__ = ["pods", "workloads"]

Json = dict[str, Any]


def spread(name: str) -> Json:
    selector = {"matchLabels": {"app": name}}
    rule = {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "labelSelector": selector}
    return {"topologySpreadConstraints": [{**rule, "whenUnsatisfiable": "DoNotSchedule"}]}


def test_a_deployment_becomes_available_in_two_zones(workloads: Workloads) -> None:
    workloads.deployment("web", pod_spec(server(), **spread("web")), replicas=4)

    found = workloads.rolled_out("web")

    assert condition(found, "Available") == "True"
    nodes = [pod["spec"]["nodeName"] for pod in workloads.pods()]
    assert sorted(nodes) == ["node-1", "node-1", "node-2", "node-2"]
    assert len({pod["status"]["podIP"] for pod in workloads.pods()}) == 4


def test_a_rolling_update_keeps_to_its_bounds(workloads: Workloads) -> None:
    strategy = {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    workloads.deployment("web", pod_spec(server()), strategy=strategy)
    workloads.rolled_out("web")
    before = workloads.names()

    changed = workloads.patch_deployment("web", {"env": [{"name": "VERSION", "value": "2"}]})
    after = workloads.rolled_out("web")

    def over(found: Json) -> bool:
        return bool(found["metadata"]["resourceVersion"] == after["metadata"]["resourceVersion"])

    seen = [version["status"] for version in workloads.history(f"{APPS}/deployments", changed, over)]
    assert min(status.get("availableReplicas", 0) for status in seen) == 2
    assert max(status["replicas"] for status in seen) == 3
    until(lambda: len(workloads.names()) == 2, 20, "the old pods are gone")
    assert workloads.names().isdisjoint(before)


def test_an_image_that_is_nowhere_holds_an_update_up(world: World, workloads: Workloads) -> None:
    strategy = {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    workloads.deployment("web", pod_spec(server()), strategy=strategy)
    workloads.rolled_out("web")
    before = workloads.names()

    workloads.patch_deployment("web", {"image": "nowhere:1"})

    def waiting() -> set[str]:
        states = (first_container(pod).get("state", {}) for pod in workloads.pods())
        return {state["waiting"]["reason"] for state in states if "waiting" in state}

    until(lambda: waiting() == {"ImagePullBackOff"}, 20, "the new pod says why it waits")
    assert before < workloads.names()
    assert workloads.get(f"{APPS}/deployments", "web")["status"]["availableReplicas"] == 2
    world.cluster.kubectl("rollout", "undo", "deployment/web", "-n", workloads.namespace)
    said = world.cluster.kubectl("rollout", "status", "deployment/web", "-n", workloads.namespace, "--timeout=30s")
    assert "successfully rolled out" in said.stdout
    until(lambda: workloads.names() == before, 20, "only the old pods are left")


def test_a_job_completes(workloads: Workloads) -> None:
    workloads.job("sum", "print(1 + 1)")

    until(lambda: condition(workloads.get(f"{BATCH}/jobs", "sum"), "Complete") == "True", 30, "the job is complete")

    [pod] = workloads.pods()
    assert pod["status"]["phase"] == "Succeeded"
    assert workloads.log(pod["metadata"]["name"]) == "2\n"


def test_a_job_fails_after_as_many_pods_as_it_may_have(workloads: Workloads) -> None:
    workloads.job("broken", "raise SystemExit(3)", backoffLimit=1)

    until(lambda: condition(workloads.get(f"{BATCH}/jobs", "broken"), "Failed") == "True", 60, "the job failed")

    ends = [first_container(pod)["state"]["terminated"]["exitCode"] for pod in workloads.pods()]
    assert ends == [3, 3]


def test_a_disruption_budget_refuses_an_eviction(workloads: Workloads) -> None:
    budget = {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}}
    workloads.create("/apis/policy/v1/poddisruptionbudgets", "web", budget)
    # The one that replaces an evicted pod never becomes ready here: its probe asks for what nobody serves.
    workloads.deployment("web", pod_spec(server()))
    workloads.rolled_out("web")
    workloads.patch_deployment("web", {"image": "nowhere:1"})
    first, second = sorted(
        pod["metadata"]["name"] for pod in until(lambda: _ready_pods(workloads, 2), 20, "two are ready")
    )

    def allowed() -> bool:
        found = workloads.get("/apis/policy/v1/poddisruptionbudgets", "web")
        return bool(found["status"].get("disruptionsAllowed") == 1)

    until(allowed, 20, "one may go")
    assert workloads.evict(first) == 201
    until(lambda: first not in workloads.names(), 20, "the first is gone")

    assert workloads.evict(second) == 429
    assert second in workloads.names()


def _ready_pods(workloads: Workloads, count: int) -> list[Json] | None:
    ready = [pod for pod in workloads.pods() if condition(pod, "Ready") == "True"]
    return ready if len(ready) == count else None


def test_a_service_leads_to_a_pod_that_is_ready(workloads: Workloads) -> None:
    workloads.deployment("web", pod_spec(server()))
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    workloads.create("/api/v1/services", "web", {"spec": {"selector": {"app": "web"}, "ports": ports}})
    workloads.rolled_out("web")
    script = "import urllib.request as r; print(r.urlopen('http://web/').status, r.urlopen('http://web/').status)"

    workloads.job("ask", script, backoffLimit=3)

    until(lambda: condition(workloads.get(f"{BATCH}/jobs", "ask"), "Complete") == "True", 40, "the job is complete")
    [name] = [name for name in workloads.names() if name.startswith("ask-")]
    assert workloads.log(name) == "200 200\n"


def test_a_cordoned_node_gets_no_pods(world: World, pods: PodRunner, workloads: Workloads) -> None:
    world.cluster.kubectl("cordon", "node-1")
    try:
        workloads.deployment("web", pod_spec(server()))
        workloads.rolled_out("web")
        assert {pod["spec"]["nodeName"] for pod in workloads.pods()} == {"node-2"}
    finally:
        world.cluster.kubectl("uncordon", "node-1")

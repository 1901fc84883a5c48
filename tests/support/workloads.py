"""Deployments, jobs and pods of one namespace, for tests of what runs them: made, awaited, asked."""

from collections.abc import Callable
from typing import Any

from tests.sandbox.pods.runner import PYTHON, PodRunner
from tests.support.kube import ApiError, Kube
from tests.support.poll import until

Json = dict[str, Any]

WITHIN = 40.0
APPS = "/apis/apps/v1"
BATCH = "/apis/batch/v1"


def container(script: str, **members: object) -> Json:
    """A container that runs a Python program; `members` are added or put in place of ours."""
    return {"name": "main", "image": PYTHON, "command": ["python", "-c", script], **members}


def pod_spec(*containers: Json, **members: object) -> Json:
    return {"containers": list(containers), "terminationGracePeriodSeconds": 1, **members}


class Workloads:
    """What a test makes in its namespace, and what it sees of it."""

    def __init__(self, kube: Kube, runner: PodRunner, namespace: str) -> None:
        self._kube = kube
        self._runner = runner
        self.namespace = namespace
        self._core = f"/api/v1/namespaces/{namespace}"

    # ---- made

    def create(self, path: str, name: str, body: Json) -> Json:
        """Create an object under `path`, such as `/apis/apps/v1/deployments`."""
        group, _, plural = path.rpartition("/")
        metadata = {**body.get("metadata", {}), "name": name}
        return self._kube.request(
            "POST", f"{group}/namespaces/{self.namespace}/{plural}", {**body, "metadata": metadata}
        )

    def deployment(self, name: str, template: Json, replicas: int = 2, **spec: object) -> Json:
        labels = {"app": name}
        whole = {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": template},
            **spec,
        }
        return self.create(f"{APPS}/deployments", name, {"spec": whole})

    def job(self, name: str, script: str, **spec: object) -> Json:
        template = {"spec": pod_spec(container(script), restartPolicy="Never")}
        return self.create(f"{BATCH}/jobs", name, {"spec": {"template": template, **spec}})

    def pod(self, name: str, *containers: Json, **spec: object) -> Json:
        return self.create("/api/v1/pods", name, {"spec": pod_spec(*containers, **spec)})

    # ---- changed

    def patch_deployment(self, name: str, container: Json) -> Json:
        """Change members of the one container."""
        body = {"spec": {"template": {"spec": {"containers": [{"name": "main", **container}]}}}}
        path = f"{APPS}/namespaces/{self.namespace}/deployments/{name}"
        return self._kube.request("PATCH", path, body, content_type="application/strategic-merge-patch+json")

    def delete_pod(self, name: str) -> None:
        self._kube.request("DELETE", f"{self._core}/pods/{name}")

    def evict(self, name: str) -> int:
        """Ask for an eviction, and return the code of the answer."""
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
        try:
            self._kube.request("POST", f"{self._core}/pods/{name}/eviction", body)
        except ApiError as error:
            return error.code
        return 201

    # ---- seen

    def get(self, path: str, name: str) -> Json:
        group, _, plural = path.rpartition("/")
        return self._kube.request("GET", f"{group}/namespaces/{self.namespace}/{plural}/{name}")

    def pods(self) -> list[Json]:
        items: list[Json] = self._kube.request("GET", f"{self._core}/pods")["items"]
        return items

    def names(self) -> set[str]:
        return {pod["metadata"]["name"] for pod in self.pods()}

    def log(self, pod: str) -> str:
        return self._runner.log(self.namespace, pod, "main")

    def pod_shows(self, holds: Callable[[Json], object], what: str, name: str) -> Json:
        """Wait until a pod satisfies `holds`, and return it."""

        def probe() -> Json | None:
            found = self.get("/api/v1/pods", name)
            return found if holds(found) else None

        return until(probe, WITHIN, lambda: f"{name} {what}\n{self.log(name)[-2000:]}")

    def rolled_out(self, name: str) -> Json:
        """Wait until all pods of a deployment are of its newest kind and available, and no other is left."""

        def probe() -> Json | None:
            found = self.get(f"{APPS}/deployments", name)
            return found if _is_rolled_out(found) else None

        return until(probe, WITHIN, lambda: f"{name} is rolled out\n{self._runner.tail()}")

    def history(self, path: str, since: Json, over: Callable[[Json], object]) -> list[Json]:
        """Return every version of an object after `since`, until one satisfies `over`."""
        group, _, plural = path.rpartition("/")
        query = {
            "watch": "true",
            "fieldSelector": f"metadata.name={since['metadata']['name']}",
            "resourceVersion": since["metadata"]["resourceVersion"],
        }
        found: list[Json] = []
        told = self._kube.lines(f"{group}/namespaces/{self.namespace}/{plural}", query, timeout=WITHIN)
        for event in told:
            found.append(event["object"])
            if over(found[-1]) or event["type"] == "DELETED":
                told.close()
        return found


def _is_rolled_out(deployment: Json) -> bool:
    wanted, status = deployment["spec"]["replicas"], deployment.get("status", {})
    counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
    return status.get("observedGeneration") == deployment["metadata"]["generation"] and counts == [wanted] * 3


def condition(found: Json, kind: str) -> str | None:
    """Return what a condition of an object says, None where it is not there."""
    said = {item["type"]: item["status"] for item in found.get("status", {}).get("conditions") or []}
    return said.get(kind)


def first_container(pod: Json) -> Json:
    """Return the status of a pod's first container, or nothing."""
    found: list[Json] = pod.get("status", {}).get("containerStatuses") or [{}]
    return found[0]

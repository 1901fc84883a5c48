"""A release of the chart on a control plane whose pods run: installed, upgraded, rolled back, tested, removed."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.chart.variants import NAMESPACE, RELEASE
from tests.sandbox.helm import Helm
from tests.sandbox.paths import CHART
from tests.sandbox.pods.runner import PodRunner
from tests.sandbox.world import REGION, World
from tests.support.kube import ApiError
from tests.support.poll import until

Json = dict[str, Any]

TIMEOUT = "--timeout=120s"
LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases/{RELEASE}"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
# The tests look often; everything else is as the chart has it.
QUICK: Json = {
    "quotas": "off",
    "pollInterval": 0.2,
    "pollIntervalLongest": 0.5,
    "retryFirst": 0.1,
    "retryLongest": 0.5,
    "cancelAgain": 1,
}


def values(world: World, namespaces: Sequence[str], **more: object) -> Json:
    """What a user of this world gives: its Region, its endpoint, credentials."""
    given = {
        "AWS_ACCESS_KEY_ID": "AKIASANDBOXSANDBOX00",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return {
        "image": {"registry": "registry.example.com"},
        "aws": {"region": REGION, "endpoints": {"emrContainers": world.emr_url}},
        "watch": {"namespaces": list(namespaces)},
        "settings": QUICK,
        "minReadySeconds": 1,
        "readinessProbe": {"periodSeconds": 1, "timeoutSeconds": 5, "failureThreshold": 2},
        "extraEnv": [{"name": name, "value": value} for name, value in given.items()],
        **more,
    }


@dataclass
class Release:
    """One release, by its values. Helm waits as users make it wait, and its failures raise `HelmFailed`."""

    world: World
    runner: PodRunner
    helm: Helm
    folder: Path
    given: Json = field(default_factory=dict)

    def install(self, given: Json) -> None:
        self.given = given
        self._put("install", given)

    def upgrade(self, seconds: int = 120, **changed: object) -> None:
        """Change values, and wait that long."""
        self._put("upgrade", {**self.given, **changed}, seconds)

    def rollback(self) -> None:
        self._run("rollback", RELEASE, "--wait", TIMEOUT)

    def test(self) -> str:
        """Run the chart's tests, and return what they and Helm said."""
        return self._run("test", RELEASE, "--logs", TIMEOUT)

    def uninstall(self) -> None:
        self._run("uninstall", RELEASE, "--wait", TIMEOUT)

    def revisions(self) -> list[str]:
        """The states of all revisions, oldest first."""
        said = self._run("history", RELEASE, "--output=json")
        return [revision["status"] for revision in json.loads(said)]

    def operators(self) -> dict[str, Json]:
        """The operator's pods by name, without those that are asked to end."""
        query = {"labelSelector": "app.kubernetes.io/component=operator"}
        found = self.world.kube.request("GET", PODS, query=query)["items"]
        return {pod["metadata"]["name"]: pod for pod in found if "deletionTimestamp" not in pod["metadata"]}

    def leader(self) -> str | None:
        """The pod that holds the Lease."""
        try:
            spec = self.world.kube.request("GET", LEASE)["spec"]
        except ApiError:
            return None
        holder: str = spec.get("holderIdentity") or ""
        return next((name for name in self.operators() if holder.startswith(name)), None)

    def led(self) -> str:
        """Wait until one of the pods leads, and return its name."""
        return until(self.leader, 40, lambda: f"somebody leads\n{self.logs()}")

    def logs(self) -> str:
        """The ends of what all its pods said, of those that are gone too."""
        return "\n".join(self._ends())

    def _ends(self) -> Iterator[str]:
        for place in sorted((self.runner.folder / "logs" / NAMESPACE).glob("*.log")):
            yield f"--- {place.stem}\n{place.read_text(encoding='utf-8', errors='replace')[-1500:]}"

    def _put(self, verb: str, given: Json, seconds: int = 120) -> None:
        path = self.folder / f"{verb}.yaml"
        path.write_text(yaml.safe_dump(given), encoding="utf-8")
        self._run(verb, RELEASE, str(CHART), f"--values={path}", "--wait", f"--timeout={seconds}s")

    def _run(self, verb: str, *args: str) -> str:
        try:
            return self.helm.run(verb, *args, "--namespace", NAMESPACE, timeout=150).stdout
        except Exception as error:
            error.add_note(self.logs())
            raise

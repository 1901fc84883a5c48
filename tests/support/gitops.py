"""Stand-ins for the tools that keep a cluster as Git says: they apply, compare and prune as Argo CD and Flux do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.kind import API_VERSION
from tests.sandbox.controlplane.cluster import Cluster
from tests.support.drift import LAST_APPLIED, drift
from tests.support.kube import Json, Kube, Runs

MANY: Final = 100


@dataclass(frozen=True, slots=True)
class Tool:
    """How a tool applies, and the mark that it puts on what it manages."""

    name: str
    manager: str
    server_side: bool
    mark: Json

    @property
    def flags(self) -> list[str]:
        """Never `--force-conflicts`: a conflict would end the test."""
        return [f"--server-side={str(self.server_side).lower()}", f"--field-manager={self.manager}"]


ARGO_MARK: Final[Json] = {"annotations": {"argocd.argoproj.io/tracking-id": "app:emrjobs.dev/EmrJobRun:ns/job"}}
FLUX_MARK: Final[Json] = {"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}
TOOLS: Final = (
    Tool("Argo CD", "argocd-controller", False, ARGO_MARK),
    Tool("Argo CD with ServerSideApply", "argocd-controller", True, ARGO_MARK),
    Tool("Flux", "kustomize-controller", True, FLUX_MARK),
)


class GitOps(Runs):
    """The EmrJobRuns of a namespace as a tool keeps them: `create` puts a manifest into Git, and applies it."""

    def __init__(self, kube: Kube, cluster: Cluster, namespace: str, tool: Tool) -> None:
        super().__init__(kube, namespace)
        self.tool = tool
        self.git: dict[str, Json] = {}
        self._cluster = cluster

    def create(self, name: str, spec: Json, **metadata: object) -> Json:
        self.commit(name, spec, **metadata)
        self.apply(name)
        return self.get(name)

    def commit(self, name: str, spec: Json, **metadata: object) -> None:
        """Change Git only."""
        marked = {"name": name, "namespace": self.namespace, **self.tool.mark, **metadata}
        self.git[name] = {"apiVersion": API_VERSION, "kind": EMR_JOB_RUN.kind, "metadata": marked, "spec": spec}

    def apply(self, *names: str, times: int = 1) -> str:
        """Apply what Git says, all of it or those; so often, in one go. Returns what kubectl said."""
        return self._kubectl("apply", *self.tool.flags, documents=self._wanted(names) * times)

    def differs(self, *names: str) -> str:
        """What `kubectl diff` shows between Git and the cluster, in the tool's own way of applying."""
        done = self._cluster.kubectl("diff", *self.tool.flags, "-f", "-", input=_list(self._wanted(names)), check=False)
        if done.returncode > 1:
            raise AssertionError(done.stderr)
        return done.stdout

    def drift(self, name: str) -> Json:
        """What a three-way comparison would change, from the manifest applied last."""
        live = self.get(name)
        noted = live["metadata"].get("annotations", {}).get(LAST_APPLIED)
        return drift(json.loads(noted) if noted else {}, self.git[name], live)

    def replace(self, name: str, *, force: bool = False) -> str:
        """As with the sync option `Replace=true`; `force` deletes and creates."""
        return self._kubectl("replace", f"--force={str(force).lower()}", documents=self._wanted([name]))

    def prune(self, name: str, propagation: str) -> None:
        """Delete it, as it is no longer in Git."""
        del self.git[name]
        self._kube.request("DELETE", self._item(name), {"propagationPolicy": propagation})

    def versions(self) -> dict[str, tuple[str, int]]:
        """resourceVersion and generation of every object."""
        found = {item["metadata"]["name"]: item["metadata"] for item in self.list()}
        return {name: (found[name]["resourceVersion"], found[name]["generation"]) for name in found}

    def _wanted(self, names: Sequence[str]) -> list[Json]:
        return [self.git[name] for name in names or self.git]

    def _kubectl(self, *args: str, documents: list[Json]) -> str:
        return self._cluster.kubectl(*args, "-f", "-", input=_list(documents), timeout=110).stdout


def owned(item: Json, manager: str) -> set[str]:
    """The members that a manager owns, as dotted paths two levels deep."""
    found: set[str] = set()
    for entry in item["metadata"]["managedFields"]:
        if entry["manager"] == manager:
            fields: dict[str, Any] = entry["fieldsV1"]
            found |= {f"{outer[2:]}.{inner[2:]}" for outer in fields for inner in fields[outer] if inner != "."}
    return found


def managers(item: Json) -> set[str]:
    return {entry["manager"] for entry in item["metadata"]["managedFields"]}


def _list(documents: list[Json]) -> str:
    """Many documents in one stream: kubectl applies each of them, also the same one again."""
    return "\n---\n".join(json.dumps(document) for document in documents)

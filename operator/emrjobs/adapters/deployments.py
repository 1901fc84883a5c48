"""The operator's own Deployment and its pods, for installing and uninstalling. Raises ``KubeError``."""

from collections.abc import Mapping
from typing import Any

from emrjobs.adapters.kube import MERGE, Kube


class Deployments:
    """The Deployments of one namespace."""

    def __init__(self, kube: Kube, namespace: str) -> None:
        self._kube = kube
        self._path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
        self._pods = f"/api/v1/namespaces/{namespace}/pods"

    async def read(self, name: str) -> Mapping[str, Any]:
        """The Deployment as it is now."""
        return await self._kube.call("GET", f"{self._path}/{name}")

    async def scale_to_zero(self, name: str) -> str:
        """Want no pods of it, and give the label selector of those that are still there."""
        path = f"{self._path}/{name}/scale"
        scale = await self._kube.call("PATCH", path, json={"spec": {"replicas": 0}}, content_type=MERGE)
        return str(scale.get("status", {}).get("selector", ""))

    async def pods(self, selector: str) -> int:
        """How many pods there are, those that are ending included: a Deployment's status leaves them out."""
        found = await self._kube.call("GET", self._pods, params={"labelSelector": selector})
        return sum(pod.get("status", {}).get("phase") not in ("Succeeded", "Failed") for pod in found["items"])

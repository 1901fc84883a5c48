"""Services as a pod sees them: their addresses and names, with connections carried to an endpoint that is ready."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.sandbox.pods.api import Api
from tests.sandbox.pods.container import Mount
from tests.sandbox.pods.network import Network, Streams, Target, outside

Json = dict[str, Any]

API_SERVER = "10.0.0.1"
API_PORT = 443


class Services:
    """What is known when a pod starts is what it sees; endpoints are looked up anew for each connection."""

    def __init__(self, api: Api, network_of: Callable[[str], Network | None]) -> None:
        self._api = api
        self._network_of = network_of
        self._names: dict[str, str] = {}

    @staticmethod
    def environment() -> dict[str, str]:
        return {"KUBERNETES_SERVICE_HOST": API_SERVER, "KUBERNETES_SERVICE_PORT": str(API_PORT)}

    async def offer(self, network: Network, namespace: str, api_port: int) -> None:
        """Listen in the pod's network for every service of its namespace and for the API server."""
        await network.relay(API_SERVER, API_PORT, outside("127.0.0.1", api_port))
        found = await self._api.call("GET", f"/api/v1/namespaces/{namespace}/services")
        for service in found["items"]:
            address = service["spec"].get("clusterIP", "None")
            if address in {"None", API_SERVER}:
                continue
            name = service["metadata"]["name"]
            full = f"{name}.{namespace}.svc"
            self._names[f"{name} {name}.{namespace} {full} {full}.cluster.local"] = address
            for port in service["spec"].get("ports", []):
                await network.relay(address, port["port"], self._endpoint(namespace, name, port.get("name", "")))

    def hosts(self, folder: Path) -> list[Mount]:
        """Write the pod's hosts file, which stands for the cluster's name server."""
        lines = ["127.0.0.1 localhost", f"{API_SERVER} kubernetes.default.svc kubernetes.default"]
        lines += [f"{address} {names}" for names, address in self._names.items()]
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / "hosts"
        place.write_text("\n".join([*lines, ""]), encoding="utf-8")
        place.chmod(0o644)
        return [Mount(str(place), "/etc/hosts")]

    def _endpoint(self, namespace: str, service: str, port: str) -> Target:
        path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
        selector = f"labelSelector=kubernetes.io/service-name%3D{service}"

        async def connect() -> Streams:
            slices = (await self._api.call("GET", f"{path}?{selector}"))["items"]
            ready = [(address, number) for found in slices for address, number in _ready(found, port)]
            random.shuffle(ready)
            for address, number in ready:
                network = self._network_of(address)
                if network is not None:
                    return await network.connect(address, number)
            raise ConnectionRefusedError(f"{service} has no endpoint that is ready")

        return connect


def _ready(found: Json, port: str) -> list[tuple[str, int]]:
    numbers = [item["port"] for item in found.get("ports") or [] if item.get("name", "") == port]
    addresses = [
        address
        for endpoint in found.get("endpoints") or []
        if endpoint.get("conditions", {}).get("ready")
        for address in endpoint["addresses"]
    ]
    return [(address, number) for address in addresses for number in numbers]

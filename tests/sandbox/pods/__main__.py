"""``python -m tests.sandbox.pods``: plays scheduler and kubelet until it is ended; its containers end with it."""

import asyncio
import contextlib
import itertools
import signal
import sys
from typing import Any

from tests.sandbox.pods import nodes
from tests.sandbox.pods.api import MERGE, Api, Refused
from tests.sandbox.pods.network import Network
from tests.sandbox.pods.pod import Pod
from tests.sandbox.pods.scheduler import choose
from tests.sandbox.pods.services import Services
from tests.sandbox.pods.settings import Settings, parse
from tests.sandbox.pods.tls_proxy import open_door

Json = dict[str, Any]

_PODS = "/api/v1/pods"
_NODES = "/api/v1/nodes"


class Runner:
    """Knows all pods and nodes by their watches, and keeps one `Pod` for each that is bound to a node here."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self._api = api
        self._settings = settings
        self._here = set(nodes.names(settings.nodes))
        self._seen: dict[str, Json] = {}
        self._nodes: dict[str, Json] = {}
        self._pods: dict[str, Pod] = {}
        self._addresses = itertools.count(2)
        self._look = asyncio.Event()

    async def run(self) -> None:
        given = self._settings
        port = await open_door(given.folder / "logs", given.certificate, given.key)
        for name in sorted(self._here):
            await nodes.register(self._api, name, port)
        async with asyncio.TaskGroup() as group:
            for name in self._here:
                group.create_task(nodes.beat(self._api, name))
            group.create_task(self._watch_nodes())
            group.create_task(self._watch_pods())
            group.create_task(self._schedule())

    async def _watch_nodes(self) -> None:
        async for kind, found in self._api.changes(_NODES):
            if kind == "SYNC":
                self._nodes = {item["metadata"]["name"]: item for item in found["items"]}
            elif kind == "DELETED":
                self._nodes.pop(found["metadata"]["name"], None)
            elif kind != "BOOKMARK":
                self._nodes[found["metadata"]["name"]] = found
            self._look.set()

    async def _watch_pods(self) -> None:
        async for kind, found in self._api.changes(_PODS):
            if kind == "SYNC":
                now = {item["metadata"]["uid"]: item for item in found["items"]}
                for uid in set(self._seen) - set(now):
                    await self._gone(uid)
                for item in now.values():
                    self._take(item)
            elif kind == "DELETED":
                await self._gone(found["metadata"]["uid"])
            elif kind != "BOOKMARK":
                self._take(found)
            self._look.set()

    def _take(self, found: Json) -> None:
        uid = found["metadata"]["uid"]
        self._seen[uid] = found
        if uid in self._pods:
            self._pods[uid].update(found)
        elif found["spec"].get("nodeName") in self._here and not _over(found):
            number = next(self._addresses)
            network = Network(f"10.42.{number // 250}.{number % 250 + 1}")
            services = Services(self._api, self._network_of)
            self._pods[uid] = Pod(self._api, found, network, self._settings, services)
            self._pods[uid].update(found)

    async def _gone(self, uid: str) -> None:
        self._seen.pop(uid, None)
        if uid in self._pods:
            await self._pods.pop(uid).vanish()

    def _network_of(self, address: str) -> Network | None:
        return next((pod.network for pod in self._pods.values() if pod.network.address == address), None)

    async def _schedule(self) -> None:
        while True:
            await self._look.wait()
            self._look.clear()
            for found in [pod for pod in self._seen.values() if _waits(pod)]:
                with contextlib.suppress(Refused):
                    await self._place(found)

    async def _place(self, found: Json) -> None:
        metadata = found["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        name = choose(found, list(self._nodes.values()), self._seen.values())
        if name is None:
            said = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
            if not any(said.items() <= old.items() for old in found.get("status", {}).get("conditions", [])):
                await self._api.call("PATCH", f"{path}/status", {"status": {"conditions": [said]}}, MERGE)
            return
        target = {"apiVersion": "v1", "kind": "Node", "name": name}
        binding = {"metadata": {"name": metadata["name"], "uid": metadata["uid"]}, "target": target}
        await self._api.call("POST", f"{path}/binding", binding)
        # The next pod is placed with this one in mind, before the watch tells of it.
        self._seen[metadata["uid"]] = {**found, "spec": {**found["spec"], "nodeName": name}}


def _waits(pod: Json) -> bool:
    bound = pod["spec"].get("nodeName") or pod["metadata"].get("deletionTimestamp")
    return not bound and not pod["spec"].get("schedulingGates") and not _over(pod)


def _over(pod: Json) -> bool:
    return pod.get("status", {}).get("phase") in {"Succeeded", "Failed"}


async def _main(settings: Settings) -> None:
    runner = asyncio.current_task()
    assert runner is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, runner.cancel)
    async with Api(settings.kubeconfig) as api:
        with contextlib.suppress(asyncio.CancelledError):
            await Runner(api, settings).run()


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(parse())))

"""The nodes that pods run on: registered, ready, each in a zone of its own, with a heartbeat."""

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.sandbox.pods.api import MERGE, Api, Refused

Json = dict[str, Any]

_BEAT_EVERY = 10.0
_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"


def names(count: int) -> list[str]:
    return [f"node-{number}" for number in range(1, count + 1)]


async def register(api: Api, name: str, port: int) -> None:
    """Make the node, or take it over, and say that it is ready. New nodes carry a taint until somebody does.

    `port` is where it tells logs.
    """
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "topology.kubernetes.io/region": "eu-west-1",
        "topology.kubernetes.io/zone": f"eu-west-1-{name}",
    }
    with contextlib.suppress(Refused):
        await api.call("POST", "/api/v1/nodes", {"metadata": {"name": name, "labels": labels}})
    at_once = {"spec": {"taints": None, "unschedulable": None}, "metadata": {"labels": labels}}
    await api.call("PATCH", f"/api/v1/nodes/{name}", at_once, MERGE)
    await api.call("PATCH", f"/api/v1/nodes/{name}/status", {"status": _status(name, port)}, MERGE)


async def beat(api: Api, name: str) -> None:
    """Renew the node's Lease for ever, as a kubelet does."""
    while True:
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        spec = {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": moment}
        with contextlib.suppress(Refused, aiohttp.ClientError, TimeoutError):
            try:
                await api.call("PATCH", f"{_LEASES}/{name}", {"spec": spec}, MERGE)
            except Refused:
                await api.call("POST", _LEASES, {"metadata": {"name": name}, "spec": spec})
        await asyncio.sleep(_BEAT_EVERY)


def _status(name: str, port: int) -> Json:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    times = {"lastHeartbeatTime": moment, "lastTransitionTime": moment}
    room = {"cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "the pod runner is there"}
    return {
        "capacity": room,
        "allocatable": room,
        "conditions": [{**ready, **times}],
        # Without its host name, which the API server would ask first and cannot resolve.
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        "nodeInfo": {
            "architecture": "amd64", "operatingSystem": "linux", "kubeletVersion": "v1.36.3",
            "kubeProxyVersion": "v1.36.3", "containerRuntimeVersion": "processes://1", "kernelVersion": "-",
            "osImage": "-", "machineID": name, "systemUUID": name, "bootID": name,
        },
    }  # fmt: skip

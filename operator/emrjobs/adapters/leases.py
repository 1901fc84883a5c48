"""The Lease that says who leads, at the API server. Every write is guarded by resourceVersion."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from emrjobs.adapters.kube import Kube, NotFoundError
from emrjobs.core.lease import Lease

_SECONDS: Final = 5.0


class Leases:
    """One Lease of one namespace. Raises ``KubeError``, and ``ConflictError`` where another was faster."""

    def __init__(self, kube: Kube, namespace: str, name: str) -> None:
        self._kube = kube
        self._collection = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
        self._name = name

    async def read(self) -> Lease | None:
        """The Lease as it is now, or None."""
        try:
            return _lease(await self._kube.call("GET", self._path, seconds=_SECONDS))
        except NotFoundError:
            return None

    async def create(self, holder: str, seconds: float) -> Lease:
        """Make it, held by that holder."""
        body = self._body(holder, seconds, transitions=0, version=None)
        return _lease(await self._kube.call("POST", self._collection, json=body, seconds=_SECONDS))

    async def replace(self, lease: Lease, holder: str, seconds: float) -> Lease:
        """Renew it, take it, or with an empty holder release it."""
        transitions = lease.transitions + (holder not in ("", lease.holder))
        body = self._body(holder, seconds, transitions, lease.resource_version)
        return _lease(await self._kube.call("PUT", self._path, json=body, seconds=_SECONDS))

    async def delete(self) -> None:
        """Leave nothing behind."""
        await self._kube.call("DELETE", self._path, seconds=_SECONDS)

    @property
    def _path(self) -> str:
        return f"{self._collection}/{self._name}"

    def _body(self, holder: str, seconds: float, transitions: int, version: str | None) -> Mapping[str, Any]:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        metadata = {"name": self._name, **({"resourceVersion": version} if version else {})}
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": holder,
                # The API takes whole seconds, at least one.
                "leaseDurationSeconds": max(1, round(seconds)),
                "leaseTransitions": transitions,
                "renewTime": now,
            },
        }


def _lease(raw: Mapping[str, Any]) -> Lease:
    spec = raw.get("spec") or {}
    return Lease(
        holder=spec.get("holderIdentity") or "",
        seconds=float(spec.get("leaseDurationSeconds") or 15),
        transitions=int(spec.get("leaseTransitions") or 0),
        resource_version=raw["metadata"]["resourceVersion"],
    )

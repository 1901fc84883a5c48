"""The Kubernetes API: every write guarded by uid and resourceVersion, and every answer read.

Configuration and authentication are the ``kubernetes`` library's; the requests are plain aiohttp, since they are
the most frequent thing that the operator does.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Self

import aiohttp

from emrjobs.adapters.kube_session import (
    ConfigException,
    Configuration,
    authorization,
    new_session,
    read_into,
    timeout_of,
)
from emrjobs.adapters.merge_patch import status_patch
from emrjobs.api.kind import Kind
from emrjobs.api.model import StatusModel
from emrjobs.core.objects import KubernetesObject, ObjectReference

_SECONDS: Final = 30
MERGE: Final = "application/merge-patch+json"
_METADATA_LIST: Final = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


_OWN_FAULTS: Final = frozenset({413, 422})
_TOO_LARGE: Final = "request is too large"
"""etcd's words in the 500 of a write that makes an object too large for it."""


class KubeError(Exception):
    """The API server's answer was not a success, or there was none (status 0)."""

    def __init__(self, status: int, reason: str, *, own_fault: bool | None = None) -> None:
        """``own_fault``: whether the refusal lies in the object alone; without it, by the status."""
        super().__init__(f"{status} {reason}" if status else reason)
        self.status = status
        self.reason = reason
        self.own_fault = status in _OWN_FAULTS if own_fault is None else own_fault
        """Whether no other object would be refused so: what is stored does not fit the CRD, or is too large."""


class ConflictError(KubeError):
    """409: the object has changed since it was read."""


class NotFoundError(KubeError):
    """404: the object, or its kind, does not exist."""


class ForbiddenError(KubeError):
    """403: RBAC, or a namespace that is going."""


_UNAUTHORIZED: Final = 401
_ERRORS: Final[Mapping[int, type[KubeError]]] = {403: ForbiddenError, 404: NotFoundError, 409: ConflictError}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: raw objects, the list's resourceVersion, and the token of the next page."""

    items: tuple[Mapping[str, Any], ...]
    resource_version: str
    next: str | None


class Kube:
    """A session with the API server. Use as an async context manager."""

    def __init__(self, configuration: Configuration, connections: int) -> None:
        self._configuration = configuration
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = new_session(self._configuration, self._connections)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def patch_status(self, resource: KubernetesObject, status: StatusModel) -> Mapping[str, Any]:
        """Write what differs, and give back the object as it is then."""
        body = {"metadata": _guard(resource), "status": status_patch(resource.status, status)}
        return await self.call("PATCH", f"{_path(resource)}/status", json=body, content_type=MERGE)

    async def set_finalizer(self, resource: KubernetesObject, wanted: bool) -> Mapping[str, Any]:
        """Add or remove our finalizer and no other, and give back the object as it is then."""
        others = [name for name in resource.finalizers if name != resource.kind.finalizer]
        finalizers = [*others, resource.kind.finalizer] if wanted else others
        body = {"metadata": {**_guard(resource), "finalizers": finalizers}}
        return await self.call("PATCH", _path(resource), json=body, content_type=MERGE)

    async def delete(self, resource: KubernetesObject) -> None:
        """Delete this very version of the object."""
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": _guard(resource),
            "propagationPolicy": "Background",
        }
        await self.call("DELETE", _path(resource), json=body)

    async def get(self, resource: ObjectReference) -> Mapping[str, Any]:
        """The object as it is now."""
        return await self.call("GET", _path(resource))

    async def list_page(
        self,
        kind: Kind,
        namespace: str | None,
        limit: int,
        next_page: str | None = None,
        *,
        metadata_only: bool = False,
    ) -> Page:
        """A page of the objects of a namespace, or of all."""
        params = {"limit": str(limit), **({"continue": next_page} if next_page else {})}
        accept = _METADATA_LIST if metadata_only else "application/json"
        body = await self.call("GET", kind.path(namespace), params=params, accept=accept)
        metadata = body.get("metadata", {})
        return Page(
            # A list of metadata without objects has null here.
            items=tuple(body.get("items") or ()),
            resource_version=metadata.get("resourceVersion", ""),
            next=metadata.get("continue") or None,
        )

    async def create_event(self, namespace: str, body: Mapping[str, Any]) -> None:
        """Post a Kubernetes Event."""
        await self.call("POST", f"/api/v1/namespaces/{namespace}/events", json=body)

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        seconds: float = _SECONDS,
    ) -> Mapping[str, Any]:
        """One request and its JSON answer. Raises ``KubeError``; status 0 means that there was no answer."""
        if self._session is None:
            raise RuntimeError("the session is not open")
        headers = {"Accept": accept, "Content-Type": content_type, **authorization(self._configuration)}
        try:
            async with self._session.request(
                method, path, json=json, params=params, headers=headers, timeout=timeout_of(seconds)
            ) as answer:
                if answer.status == _UNAUTHORIZED:
                    # A rotated token is in its file at once; the library would look there within a minute.
                    with suppress(ConfigException):
                        read_into(self._configuration)
                if answer.status >= 400:
                    raise _error(answer.status, await _refusal(answer))
                body: Mapping[str, Any] = await answer.json(content_type=None)
                return body
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise KubeError(0, type(error).__name__) from error


def involved(resource: ObjectReference) -> dict[str, str]:
    """The reference to an object that an Event carries."""
    return {
        "apiVersion": resource.kind.api_version,
        "kind": resource.kind.kind,
        "namespace": resource.namespace,
        "name": resource.name,
        "uid": resource.uid,
        "resourceVersion": resource.resource_version,
    }


def _guard(resource: KubernetesObject) -> dict[str, str]:
    return {"uid": resource.uid, "resourceVersion": resource.resource_version}


def _path(resource: ObjectReference) -> str:
    return resource.kind.path(resource.namespace, resource.name)


async def _refusal(answer: aiohttp.ClientResponse) -> object:
    """What a refusal says. A path that is not served at all is refused in plain text."""
    try:
        return await answer.json(content_type=None)
    except ValueError:
        return None


def _error(status: int, body: object) -> KubeError:
    """By the status object's own word; its message may echo values and stays out of logs.

    A 404 that does not name an object (a path that is not served just now) does not say that one is gone.
    """
    answer = body if isinstance(body, Mapping) else {}
    reason = str(answer.get("reason", ""))
    if status == 404 and not (reason == "NotFound" and (answer.get("details") or {}).get("name")):
        return KubeError(status, "NotServed")
    too_large = status == 500 and _TOO_LARGE in str(answer.get("message", ""))
    return _ERRORS.get(status, KubeError)(status, reason, own_fault=True if too_large else None)

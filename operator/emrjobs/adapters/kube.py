"""The Kubernetes API: every write guarded by uid and resourceVersion, and every answer read.

Configuration and authentication are the ``kubernetes`` library's; the requests are plain aiohttp, since they are
the most frequent thing that the operator does.
"""

import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from kubernetes.client import Configuration as Configuration
from kubernetes.config import ConfigException as ConfigException
from kubernetes.config import list_kube_config_contexts, load_incluster_config, load_kube_config

from emrjobs.adapters.job_run.objects import status_patch
from emrjobs.api.job_run.status import EmrJobRunStatus
from emrjobs.api.names import API_VERSION, FINALIZER, GROUP, KIND, PLURAL, VERSION
from emrjobs.core.job_run.resource import Resource

_SECONDS: Final = 30
_POD_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
MERGE: Final = "application/merge-patch+json"
_METADATA_LIST: Final = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


class KubeError(Exception):
    """The API server's answer was not a success, or there was none (status 0)."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}" if status else reason)
        self.status = status
        self.reason = reason


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


def load_configuration() -> Configuration:
    """In-cluster configuration where there is one, else the kubeconfig.

    Raises ``ConfigException`` where there is neither.
    """
    configuration = Configuration()
    _read_into(configuration)
    return configuration


def _read_into(configuration: Configuration) -> None:
    try:
        load_incluster_config(client_configuration=configuration)
    except ConfigException:
        load_kube_config(client_configuration=configuration)


def own_namespace() -> str:
    """The namespace of the pod, else of the kubeconfig's current context, else ``default``."""
    try:
        return _POD_NAMESPACE.read_text(encoding="utf-8").strip()
    except OSError:
        pass
    try:
        _, active = list_kube_config_contexts()
    except ConfigException:
        return "default"
    return str(active["context"].get("namespace") or "default")


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

    async def patch_status(self, resource: Resource, status: EmrJobRunStatus) -> Mapping[str, Any]:
        """Write what differs, and give back the object as it is then."""
        body = {"metadata": _guard(resource), "status": status_patch(resource.status, status)}
        return await self.call("PATCH", f"{_path(resource)}/status", json=body, content_type=MERGE)

    async def set_finalizer(self, resource: Resource, held: bool) -> Mapping[str, Any]:
        """Add or remove our finalizer and no other, and give back the object as it is then."""
        others = [name for name in resource.finalizers if name != FINALIZER]
        finalizers = [*others, FINALIZER] if held else others
        body = {"metadata": {**_guard(resource), "finalizers": finalizers}}
        return await self.call("PATCH", _path(resource), json=body, content_type=MERGE)

    async def delete(self, resource: Resource) -> None:
        """Delete this very version of the object."""
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": _guard(resource),
            "propagationPolicy": "Background",
        }
        await self.call("DELETE", _path(resource), json=body)

    async def get(self, resource: Resource) -> Mapping[str, Any]:
        """The object as it is now."""
        return await self.call("GET", _path(resource))

    async def list_page(
        self, namespace: str | None, limit: int, next_page: str | None = None, *, metadata_only: bool = False
    ) -> Page:
        """A page of the EmrJobRuns of a namespace, or of all."""
        params = {"limit": str(limit), **({"continue": next_page} if next_page else {})}
        accept = _METADATA_LIST if metadata_only else "application/json"
        body = await self.call("GET", _collection(namespace), params=params, accept=accept)
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
                method, path, json=json, params=params, headers=headers, timeout=_timeout(seconds)
            ) as answer:
                if answer.status == _UNAUTHORIZED:
                    # A rotated token is in its file at once; the library would look there within a minute.
                    with suppress(ConfigException):
                        _read_into(self._configuration)
                if answer.status >= 400:
                    raise _error(answer.status, await _refusal(answer))
                body: Mapping[str, Any] = await answer.json(content_type=None)
                return body
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise KubeError(0, type(error).__name__) from error


def new_session(
    configuration: Configuration,
    connections: int,
    *,
    headers: Mapping[str, str] | None = None,
    seconds: float | None = _SECONDS,
    on_read: Callable[[str, bool], None] | None = None,
) -> aiohttp.ClientSession:
    """A session of bounded size that trusts what the configuration trusts. ``seconds`` bounds each request.

    ``on_read`` is told the path of every list of our objects that begins, and of every watch (true).
    """
    return aiohttp.ClientSession(
        base_url=configuration.host,
        headers=headers,
        connector=aiohttp.TCPConnector(limit=connections, ssl=_tls(configuration)),
        timeout=_timeout(seconds),
        proxy=_proxy(configuration.host),
        trace_configs=[_tracing(on_read)] if on_read else None,
    )


def _proxy(host: str) -> str | None:
    """The proxy that the environment names for this host.

    Asked once: aiohttp's ``trust_env`` asks at every request, and reads ~/.netrc in a thread besides.
    """
    url = urlsplit(host)
    return None if proxy_bypass(url.netloc) else getproxies().get(url.scheme)


def _tracing(on_read: Callable[[str, bool], None]) -> aiohttp.TraceConfig:
    async def ended(_session: aiohttp.ClientSession, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
        url = params.url
        if params.response.status == 200 and "continue" not in url.query and url.path.endswith(f"/{PLURAL}"):
            on_read(url.path, "watch" in url.query)

    tracing = aiohttp.TraceConfig()
    tracing.on_request_end.append(ended)
    return tracing


def _timeout(seconds: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, sock_connect=5)


def authorization(configuration: Configuration) -> dict[str, str]:
    """The header of this moment: the library reads a rotated token again."""
    token = configuration.get_api_key_with_prefix("BearerToken", "authorization")
    return {"Authorization": token} if token else {}


def involved(resource: Resource) -> dict[str, str]:
    """The reference to an object that an Event carries."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "namespace": resource.namespace,
        "name": resource.name,
        "uid": resource.uid,
        "resourceVersion": resource.resource_version,
    }


def _tls(configuration: Configuration) -> ssl.SSLContext | bool:
    if not str(configuration.host).startswith("https"):
        return True
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    return context


def _guard(resource: Resource) -> dict[str, str]:
    return {"uid": resource.uid, "resourceVersion": resource.resource_version}


def _collection(namespace: str | None) -> str:
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"/apis/{GROUP}/{VERSION}{scope}/{PLURAL}"


def _path(resource: Resource) -> str:
    return f"{_collection(resource.namespace)}/{resource.name}"


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
    return _ERRORS.get(status, KubeError)(status, reason)

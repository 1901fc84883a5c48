"""How to reach the API server: configuration, authentication, TLS and proxy are the ``kubernetes`` library's."""

import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from kubernetes.client import Configuration as Configuration
from kubernetes.config import ConfigException as ConfigException
from kubernetes.config import list_kube_config_contexts, load_incluster_config, load_kube_config

_SECONDS: Final = 30
_POD_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
OnRead = Callable[[str, int, bool], None]
"""Told a path, the status of the answer, and whether it is a watch."""


def load_configuration() -> Configuration:
    """In-cluster configuration where there is one, else the kubeconfig.

    Raises ``ConfigException`` where there is neither.
    """
    configuration = Configuration()
    read_into(configuration)
    return configuration


def read_into(configuration: Configuration) -> None:
    """Read it afresh: a rotated token is in its file at once. Raises ``ConfigException``."""
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


def new_session(
    configuration: Configuration,
    connections: int,
    *,
    headers: Mapping[str, str] | None = None,
    seconds: float | None = _SECONDS,
    on_read: OnRead | None = None,
) -> aiohttp.ClientSession:
    """A session of bounded size that trusts what the configuration trusts. ``seconds`` bounds each request.

    ``on_read`` is told the path and the status of every answer to a list's first page, and of every watch (true).
    """
    return aiohttp.ClientSession(
        base_url=configuration.host,
        headers=headers,
        connector=aiohttp.TCPConnector(limit=connections, ssl=_tls(configuration)),
        timeout=timeout_of(seconds),
        proxy=_proxy(configuration.host),
        trace_configs=[_tracing(on_read)] if on_read else None,
    )


def _proxy(host: str) -> str | None:
    """The proxy that the environment names for this host.

    Asked once: aiohttp's ``trust_env`` asks at every request, and reads ~/.netrc in a thread besides.
    """
    url = urlsplit(host)
    return None if proxy_bypass(url.netloc) else getproxies().get(url.scheme)


def _tracing(on_read: OnRead) -> aiohttp.TraceConfig:
    async def ended(_session: aiohttp.ClientSession, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
        url = params.url
        if "continue" not in url.query:
            on_read(url.path, params.response.status, "watch" in url.query)

    tracing = aiohttp.TraceConfig()
    tracing.on_request_end.append(ended)
    return tracing


def timeout_of(seconds: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, sock_connect=5)


def authorization(configuration: Configuration) -> dict[str, str]:
    """The header of this moment: the library reads a rotated token again."""
    token = configuration.get_api_key_with_prefix("BearerToken", "authorization")
    return {"Authorization": token} if token else {}


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

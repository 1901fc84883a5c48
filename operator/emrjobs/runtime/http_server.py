"""/healthz, /readyz and /metrics on one port. Standbys serve them too."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

_LOG: Final = logging.getLogger("emrjobs.endpoints")

_PAGE_SECONDS: Final = 1.0
_KEPT_ALIVE_SECONDS: Final = 15.0
_MOST_CONNECTIONS: Final = 100
"""More than all scrapers of a cluster need."""

Check = Callable[[], str | None]
"""What is wrong, or None."""


class HttpServer:
    """A small HTTP server. The checks are asked at each request."""

    def __init__(
        self,
        host: str,
        port: int,
        registry: CollectorRegistry,
        healthy: Mapping[str, Check],
        ready: Mapping[str, Check],
        read_gauges: Callable[[], None] = lambda: None,
    ) -> None:
        """``read_gauges`` is called before a page of metrics is made."""
        self._host = host
        self._port = port
        self._healthy = healthy
        self._ready = ready
        self._metrics_page = MetricsPage(registry, read_gauges)
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Open the port and give its number, which is logged too."""
        app = web.Application()
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._readiness)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, keepalive_timeout=_KEPT_ALIVE_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        port = int(self._runner.addresses[0][1])
        _LOG.info("http server listening", extra={"port": port})
        return port

    async def stop(self) -> None:
        """Close the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _health(self, _: web.Request) -> web.Response:
        return _answer(self._healthy)

    async def _readiness(self, _: web.Request) -> web.Response:
        return _answer(self._ready)

    async def _metrics(self, _: web.Request) -> web.Response:
        if self._crowded():
            return web.Response(status=503, text="too many connections", headers={"Connection": "close"})
        return web.Response(body=await self._metrics_page.get(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _crowded(self) -> bool:
        """Probes are answered however many there are: they cost next to nothing."""
        server = self._runner.server if self._runner is not None else None
        return server is not None and len(server.connections) > _MOST_CONNECTIONS


class MetricsPage:
    """Made at most once a second, however many ask, and in a thread: whoever asks must not slow down the work."""

    def __init__(self, registry: CollectorRegistry, read_gauges: Callable[[], None]) -> None:
        self._registry = registry
        self._read_gauges = read_gauges
        self._page = b""
        self._made_at = -math.inf
        self._making = asyncio.Lock()

    async def get(self) -> bytes:
        """The page, at most a second old."""
        async with self._making:
            if time.monotonic() - self._made_at >= _PAGE_SECONDS:
                self._read_gauges()
                self._page = await asyncio.to_thread(generate_latest, self._registry)
                self._made_at = time.monotonic()
        return self._page


def _answer(checks: Mapping[str, Check]) -> web.Response:
    wrong = {name: problem for name, check in checks.items() if (problem := check()) is not None}
    if wrong:
        return web.json_response({"ok": False, "problems": wrong}, status=503)
    return web.json_response({"ok": True})

"""/healthz, /readyz and /metrics on one port. Standbys serve them too."""

import logging
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

_LOG: Final = logging.getLogger("emrjobs.endpoints")

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
    ) -> None:
        self._host = host
        self._port = port
        self._registry = registry
        self._healthy = healthy
        self._ready = ready
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Open the port and give its number, which is logged too."""
        app = web.Application()
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._readiness)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
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
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _answer(checks: Mapping[str, Check]) -> web.Response:
    wrong = {name: problem for name, check in checks.items() if (problem := check()) is not None}
    if wrong:
        return web.json_response({"ok": False, "problems": wrong}, status=503)
    return web.json_response({"ok": True})

"""The service over HTTP: one aiohttp application on the loopback interface."""

import asyncio
import contextlib
import socket
import uuid
from collections.abc import AsyncIterator
from email.utils import formatdate

from aiohttp import web

from tests.sandbox.emr import admin_routes
from tests.sandbox.emr.events import Publisher
from tests.sandbox.emr.service import Admitted, Answer, Request, Service, encoded

HOST = "127.0.0.1"
HTTP_BODY_LIMIT = 64 * 1024 * 1024  # the service's own limit is a setting, answered in its own words
TICK = 0.05


async def _read(request: web.Request) -> Request:
    raw_path = request.raw_path.partition("?")[0]
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, raw_path, list(request.query.items()), headers, await request.read())


def _response(answer: Answer, garbage: bool, now: float) -> web.Response:
    headers = {"x-amzn-RequestId": str(uuid.uuid4()), "Date": formatdate(now, usegmt=True)}
    if answer.error is not None:
        headers["x-amzn-ErrorType"] = answer.error
    if garbage:
        return web.Response(status=200, text="<html>Bad gateway</html>", headers=headers)
    return web.Response(status=answer.status, body=encoded(answer), content_type="application/json", headers=headers)


def _cut(request: web.Request) -> web.Response:
    """No answer: the connection ends here, and what aiohttp still writes goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


class Front:
    def __init__(self, service: Service) -> None:
        self.service = service

    async def serve(self, request: web.Request) -> web.StreamResponse:
        read, calls = await _read(request), self.service.calls
        admitted = self.service.admit(read)
        try:
            return await self._answered(request, admitted)
        finally:
            calls.close(admitted.call, self.service.wall())

    async def _answered(self, request: web.Request, admitted: Admitted) -> web.Response:
        damage, half = admitted.damage, self.service.latency(admitted.call.operation) / 2
        if damage.wait_before or half:
            await asyncio.sleep(damage.wait_before + half)
        if damage.cut_before:
            return _cut(request)
        answer = self.service.perform(admitted)
        if damage.wait_after or half:
            await asyncio.sleep(damage.wait_after + half)
        if damage.cut_after:
            return _cut(request)
        admitted.call.answered = True
        return _response(answer, damage.garbage, self.service.clock.now())


def application(service: Service, publisher: Publisher) -> web.Application:
    app = web.Application(client_max_size=HTTP_BODY_LIMIT)
    app.add_routes(admin_routes.routes(service, publisher))
    app.router.add_route("*", "/{path:.*}", Front(service).serve)
    return app


async def _ticking(service: Service, publisher: Publisher) -> None:
    """Time passes also while nobody calls, for the messages that tell of it."""
    while True:
        await asyncio.sleep(TICK)
        service.settle()
        await publisher.flush()


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited by what it accepts
    listener.bind((HOST, port))
    return listener


@contextlib.asynccontextmanager
async def serving(service: Service, port: int = 0) -> AsyncIterator[str]:
    """The service's URL while it listens."""
    publisher = Publisher(service)
    runner = web.AppRunner(application(service, publisher), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    listener = _listening(port)
    await web.SockSite(runner, listener, backlog=1024).start()
    ticking = asyncio.create_task(_ticking(service, publisher))
    try:
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticking
        await runner.cleanup()

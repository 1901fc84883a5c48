"""Reverse proxies before the API server and the endpoint: for each operator one door to each.

They pass everything on, bearer tokens and signatures included; watches stream. A plan decides what befalls each
request. All doors live in one thread of their own.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from aiohttp import web
from yarl import URL

from tests.chaos.doors import Doors, Passed, Watch
from tests.chaos.effects import Ask, at_emr, at_kube
from tests.chaos.strikes import NoPlan, Plan

T = TypeVar("T")
HOST = "127.0.0.1"
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "content-length", "host"})
_EXPIRED = (
    b'{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",'
    b'"message":"too old resource version","reason":"Expired","code":410}}\n'
)


class Proxy:
    """From `with` to its end. Its methods may be called from any thread."""

    def __init__(self, kube_url: str, ca: Path, emr_url: str) -> None:
        self._upstream = {"kube": kube_url, "emr": emr_url}
        self._ca = ca
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._runners: list[web.AppRunner] = []
        self._under_way: set[asyncio.Future[web.StreamResponse]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self.call(self._connect())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.call(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def call(self, work: Coroutine[Any, Any, T], timeout: float = 30.0) -> T:
        """Run something in the proxy's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    def doors(self, plan: Plan | None = None) -> Doors:
        """Open two more doors."""
        doors = Doors(plan or NoPlan())
        self.call(self._open(doors))
        return doors

    def cut_watches(self, doors: Doors, *, expired: bool = False) -> int:
        """End all watches that are open now, with an answer of 410 if asked; how many there were."""
        return self.call(self._cut_watches(doors, expired))

    def shut(self, doors: Doors, shut: bool) -> None:
        """Nobody answers behind shut doors, and what is open is cut."""
        doors.shut = shut
        if shut:
            self.cut_watches(doors)

    def blind(self, doors: Doors, blind: bool) -> None:
        """No watch is answered behind these doors, and those that are open end."""
        doors.blind = blind
        if blind:
            self.cut_watches(doors)

    # ---- in the proxy's thread

    async def _connect(self) -> None:
        tls = ssl.create_default_context(cafile=str(self._ca))
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=tls),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )

    async def _disconnect(self) -> None:
        for served in self._under_way:
            served.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        for runner in self._runners:
            await runner.cleanup()
        await self._session.close()

    async def _open(self, doors: Doors) -> None:
        doors.kube = await self._listen(doors, "kube")
        doors.emr = await self._listen(doors, "emr")

    async def _listen(self, doors: Doors, front: str) -> str:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(doors, front, request)

        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, HOST, 0, backlog=512)
        await site.start()
        return f"http://{HOST}:{runner.addresses[0][1]}"

    async def _handle(self, doors: Doors, front: str, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        path, watching = request.path, request.query.get("watch", "") in ("1", "true")
        ask = at_kube(request.method, path, watching, body) if front == "kube" else at_emr(request.method, path, body)
        passed = Passed(ask)
        doors.passed.append(passed)
        if doors.shut or (doors.blind and ask.kind == "watch"):
            return _cut(request)
        if ask.kind == "watch":
            return await self._watch(doors, request)
        # What is under way goes on when the client is killed, as it does in a network.
        served = asyncio.ensure_future(self._serve(doors, passed, request, body))
        self._under_way.add(served)
        served.add_done_callback(self._under_way.discard)
        return await asyncio.shield(served)

    async def _serve(self, doors: Doors, passed: Passed, request: web.Request, body: bytes) -> web.StreamResponse:
        strike = doors.plan.strike(passed.ask)
        await strike.before()
        if strike.late is not None:
            _cut(request)
            await strike.late()
        answer = None
        if strike.forward:
            passed.forwarded = True
            answer = await self._forward(passed.ask, request, body)
            doors.done += passed.ask.kind == "write"
            await strike.after()
        if strike.reply is not None:
            answer = web.Response(status=strike.reply.status, body=strike.reply.body, headers=strike.reply.headers)
        if strike.cut or strike.late or answer is None:
            return _cut(request)
        passed.status = answer.status
        await _deliver(answer, request)
        await strike.answered()
        return answer

    async def _forward(self, ask: Ask, request: web.Request, body: bytes) -> web.Response | None:
        try:
            async with self._session.request(
                request.method, self._url(ask.front, request), data=body or None, headers=_passed_on(request)
            ) as answer:
                return web.Response(status=answer.status, body=await answer.read(), headers=_passed_back(answer))
        except aiohttp.ClientError:
            return None

    async def _watch(self, doors: Doors, request: web.Request) -> web.StreamResponse:
        try:
            upstream = await self._session.get(self._url("kube", request), headers=_passed_on(request))
        except aiohttp.ClientError:
            return _cut(request)
        response = web.StreamResponse(status=upstream.status, headers=_passed_back(upstream))
        with contextlib.closing(upstream):
            await response.prepare(request)
            watch = Watch(response, asyncio.ensure_future(_stream(upstream, response)))
            doors.watches.add(watch)
            try:
                await asyncio.wait([watch.task])
            finally:
                watch.task.cancel()
                doors.watches.discard(watch)
        ended_well = watch.expired or (not watch.task.cancelled() and watch.task.exception() is None)
        return response if ended_well else _cut(request)

    async def _cut_watches(self, doors: Doors, expired: bool) -> int:
        watches = list(doors.watches)
        for watch in watches:
            if expired:
                with contextlib.suppress(ConnectionError):
                    await watch.response.write(_EXPIRED)
                    watch.expired = True
            watch.task.cancel()
        return len(watches)

    def _url(self, front: str, request: web.Request) -> URL:
        return URL(f"{self._upstream[front]}{request.raw_path}", encoded=True)


async def _stream(upstream: aiohttp.ClientResponse, response: web.StreamResponse) -> None:
    async for chunk in upstream.content.iter_any():
        await response.write(chunk)


async def _deliver(answer: web.Response, request: web.Request) -> None:
    """The whole answer leaves now; the client may be gone."""
    with contextlib.suppress(ConnectionError):
        await answer.prepare(request)
        await answer.write_eof()


def _cut(request: web.Request) -> web.Response:
    """No answer: the connection ends here, and what aiohttp still writes goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _passed_on(request: web.Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}


def _passed_back(answer: aiohttp.ClientResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}

"""Reverse proxies before the API server and the endpoint: for each operator one port to each.

They pass everything on, bearer tokens and signatures included; watches stream. A plan decides what befalls each
request. All ports live in one thread of their own.
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

from tests.chaos.effects import Ask, at_emr, at_kube
from tests.chaos.fault_injection import NoPlan, Plan
from tests.chaos.proxy_state import Passed, ProxyState, Watch

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

    def proxy_state(self, plan: Plan | None = None) -> ProxyState:
        """Open two more ports."""
        proxy_state = ProxyState(plan or NoPlan())
        self.call(self._open(proxy_state))
        return proxy_state

    def cut_watches(self, proxy_state: ProxyState, *, expired: bool = False) -> int:
        """End all watches that are open now, with an answer of 410 if asked; how many there were."""
        return self.call(self._cut_watches(proxy_state, expired))

    def shut(self, proxy_state: ProxyState, shut: bool) -> None:
        """Nobody answers behind shut proxies, and what is open is cut."""
        proxy_state.shut = shut
        if shut:
            self.cut_watches(proxy_state)

    def blind(self, proxy_state: ProxyState, blind: bool) -> None:
        """No watch is answered behind these proxies, and those that are open end."""
        proxy_state.blind = blind
        if blind:
            self.cut_watches(proxy_state)

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

    async def _open(self, proxy_state: ProxyState) -> None:
        proxy_state.kube = await self._listen(proxy_state, "kube")
        proxy_state.emr = await self._listen(proxy_state, "emr")

    async def _listen(self, proxy_state: ProxyState, front: str) -> str:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(proxy_state, front, request)

        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, HOST, 0, backlog=512)
        await site.start()
        return f"http://{HOST}:{runner.addresses[0][1]}"

    async def _handle(self, proxy_state: ProxyState, front: str, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        path, watching = request.path, request.query.get("watch", "") in ("1", "true")
        ask = at_kube(request.method, path, watching, body) if front == "kube" else at_emr(request.method, path, body)
        passed = Passed(ask)
        proxy_state.passed.append(passed)
        if proxy_state.shut or (proxy_state.blind and ask.kind == "watch"):
            return _cut(request)
        if ask.kind == "watch":
            return await self._watch(proxy_state, request)
        # What is under way goes on when the client is killed, as it does in a network.
        served = asyncio.ensure_future(self._serve(proxy_state, passed, request, body))
        self._under_way.add(served)
        served.add_done_callback(self._under_way.discard)
        return await asyncio.shield(served)

    async def _serve(
        self, proxy_state: ProxyState, passed: Passed, request: web.Request, body: bytes
    ) -> web.StreamResponse:
        fault = proxy_state.plan.fault(passed.ask)
        await fault.before()
        if fault.late is not None:
            _cut(request)
            await fault.late()
        answer = None
        if fault.forward:
            passed.forwarded = True
            answer = await self._forward(passed.ask, request, body)
            proxy_state.done += passed.ask.kind == "write"
            await fault.after()
        if fault.reply is not None:
            answer = web.Response(status=fault.reply.status, body=fault.reply.body, headers=fault.reply.headers)
        if fault.cut or fault.late or answer is None:
            return _cut(request)
        passed.status = answer.status
        await _deliver(answer, request)
        await fault.answered()
        return answer

    async def _forward(self, ask: Ask, request: web.Request, body: bytes) -> web.Response | None:
        try:
            async with self._session.request(
                request.method, self._url(ask.front, request), data=body or None, headers=_passed_on(request)
            ) as answer:
                return web.Response(status=answer.status, body=await answer.read(), headers=_passed_back(answer))
        except aiohttp.ClientError:
            return None

    async def _watch(self, proxy_state: ProxyState, request: web.Request) -> web.StreamResponse:
        try:
            upstream = await self._session.get(self._url("kube", request), headers=_passed_on(request))
        except aiohttp.ClientError:
            return _cut(request)
        response = web.StreamResponse(status=upstream.status, headers=_passed_back(upstream))
        with contextlib.closing(upstream):
            await response.prepare(request)
            watch = Watch(response, asyncio.ensure_future(_stream(upstream, response)))
            proxy_state.watches.add(watch)
            try:
                await asyncio.wait([watch.task])
            finally:
                watch.task.cancel()
                proxy_state.watches.discard(watch)
        ended_well = watch.expired or (not watch.task.cancelled() and watch.task.exception() is None)
        return response if ended_well else _cut(request)

    async def _cut_watches(self, proxy_state: ProxyState, expired: bool) -> int:
        watches = list(proxy_state.watches)
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

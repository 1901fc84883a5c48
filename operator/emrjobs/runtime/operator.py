"""Puts the operator together, runs it, and stops it cleanly."""

import asyncio
import contextlib
import logging
import os
import random
import signal
import socket
import threading
import uuid
from collections.abc import Coroutine
from typing import Any, Final

from prometheus_client import REGISTRY

from emrjobs.adapters.emr_containers import EmrContainers
from emrjobs.adapters.event_queue import EventQueue
from emrjobs.adapters.kube import Kube, load_configuration, own_namespace
from emrjobs.adapters.leases import Leases
from emrjobs.core.job_run.memory_updates import new_term
from emrjobs.runtime import informer
from emrjobs.runtime.aws.circuit_breakers import CircuitBreakers
from emrjobs.runtime.aws.lost_runs import LostRuns
from emrjobs.runtime.aws.rate_limiter import RateLimiter
from emrjobs.runtime.aws.reservations import Reservations
from emrjobs.runtime.controller import Controller
from emrjobs.runtime.event_recorder import EventRecorder
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.gauges import Gauges
from emrjobs.runtime.health import FailureStreak
from emrjobs.runtime.http_server import Check, HttpServer
from emrjobs.runtime.job_run.executor import Executor
from emrjobs.runtime.job_run.hints import READERS, Hints
from emrjobs.runtime.job_run.poller import Pace, Poller
from emrjobs.runtime.leader_election import LeaderElector, Terms
from emrjobs.runtime.resync import Resync
from emrjobs.runtime.store import Store
from emrjobs.runtime.watchdog import Watchdog
from emrjobs.settings import Settings

_LOG: Final = logging.getLogger("emrjobs")
_HANG_SECONDS: Final = 60.0
"""Longer than any call may take: connecting, reading and one retry, with room for a busy machine."""

_EVENTS_SECONDS: Final = 3.0
"""How long a process that stops waits for its last Kubernetes Events."""


class Operator:
    """All parts of one process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._configuration = load_configuration()
        self._kube = Kube(self._configuration, settings.kube_connections)
        self._emr = EmrContainers(settings.aws_connections, settings.aws_region)
        self._store = Store()
        self._gate = Gate(settings.effect_limit)
        self._rate_limiter = RateLimiter(settings.quotas, settings.quota_share)
        self._event_recorder = EventRecorder(self._kube)
        self._aws = FailureStreak("AWS cannot be reached, or does not accept our credentials", settings.not_ready_after)
        self._kube_writes = FailureStreak("the API server does not take our writes", settings.not_ready_after)
        self._controller = Controller(
            self._store, self._executor(), self._gate, settings.timing(), settings.workers, random.random
        )
        self._resync = Resync(
            self._store, self._kube, settings.namespace, settings.resync_interval, self._mark, random.random
        )
        self._elector = self._candidate() if settings.leader_election else None
        self._hints = self._listener(settings.event_queue_url) if settings.event_queue_url else None
        self._watchdog = Watchdog(_HANG_SECONDS)
        self._watching = asyncio.Event()
        self._loaded = asyncio.Event()
        self._stop = asyncio.Event()
        self._unwatch = asyncio.Event()

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises what made a part of it end before."""
        self._catch_signals()
        endpoints = self._endpoints()
        async with self._kube:
            await endpoints.start()
            self._watchdog.start()
            # These start before kopf does: kopf cancels every task that it finds started after it.
            parts = [asyncio.create_task(part) for part in self._parts()]
            if self._elector is None:
                self._gate.open()
            watching = asyncio.create_task(self._watch())
            stopped = asyncio.create_task(self._stop.wait())
            try:
                await asyncio.wait([*parts, watching, stopped], return_when=asyncio.FIRST_COMPLETED)
                await self._wind_down(parts, watching, endpoints)
            finally:
                self._emr.close()
        _raise_failure([*parts, watching])

    def _executor(self) -> Executor:
        timing = self._settings.timing()
        return Executor(
            store=self._store,
            kube=self._kube,
            emr=self._emr,
            rate_limiter=self._rate_limiter,
            reservations=Reservations(self._rate_limiter, timing.permit, self._mark),
            event_recorder=self._event_recorder,
            gate=self._gate,
            timing=timing,
            sample=random.random,
            lost_runs=LostRuns(),
            circuit_breakers=CircuitBreakers(self._mark),
            aws_streak=self._aws,
            kube_streak=self._kube_writes,
        )

    def _candidate(self) -> LeaderElector:
        settings = self._settings
        leases = Leases(self._kube, settings.lease_namespace or own_namespace(), settings.lease_name)
        terms = Terms(settings.lease_duration, settings.lease_renew_deadline, settings.lease_retry)
        return LeaderElector(leases, f"{socket.gethostname()}_{uuid.uuid4()}", terms, self._gate, self._begin)

    def _begin(self, new: bool) -> None:
        """The gate has opened. With a new term, others may have acted and spent AWS's tokens."""
        if new:
            self._store.renew_memories(new_term)
            self._rate_limiter.handed_over()
        self._controller.mark_all(resource.uid for resource in self._store)

    def _mark(self, uid: str) -> None:
        self._controller.mark(uid)

    def _parts(self) -> list[Coroutine[Any, Any, None]]:
        settings = self._settings
        pace = Pace(settings.timing(), random.random, self._hinted, self._loaded)
        poller = Poller(self._store, self._emr, self._rate_limiter, self._gate, self._controller.nudge, pace)
        parts = [
            poller.run(),
            self._controller.run(),
            self._rate_limiter.run(),
            self._event_recorder.run(),
            self._resync.run(),
            self._beat(),
            self._keep_signals(),
        ]
        optional = (self._elector, self._hints)
        return [*parts, *(part.run() for part in optional if part is not None)]

    def _hinted(self) -> float | None:
        """Changes are pushed to us: lists may take their time."""
        working = self._hints is not None and self._hints.working()
        return self._settings.poll_interval_hinted.total_seconds() if working else None

    def _listener(self, url: str) -> Hints:
        queue = EventQueue(url, self._settings.aws_region, READERS)
        return Hints(queue, self._store, self._gate, self._mark, self._settings.timing())

    async def _keep_signals(self) -> None:
        """kopf takes the signals when it starts; it would stop watching before we have written down what is done."""
        await self._watching.wait()
        self._catch_signals()
        await asyncio.Event().wait()

    async def _beat(self) -> None:
        while True:
            if self._controller.longest_pass < _HANG_SECONDS:
                self._watchdog.beat()
            await asyncio.sleep(1.0)

    async def _watch(self) -> None:
        await informer.watch(
            self._store,
            self._mark,
            self._settings.namespace,
            self._configuration,
            informer.WatchSignals(self._unwatch, self._watching, self._loaded, self._resync.soon),
        )

    async def _wind_down(
        self, parts: list[asyncio.Task[None]], watching: asyncio.Task[None], endpoints: HttpServer
    ) -> None:
        """No new effects; those under way end and are written down; then everything stops."""
        _LOG.info("stopping")
        _end_hard_after(self._settings.stop_limit.total_seconds())
        self._gate.drain()
        await self._controller.drained()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event_recorder.drained(), _EVENTS_SECONDS)
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        if self._elector is not None:
            await self._elector.release()
        await endpoints.stop()
        # Last, since kopf waits for tasks of ours that began after it did.
        self._unwatch.set()
        await asyncio.wait([watching])

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)

    def _endpoints(self) -> HttpServer:
        REGISTRY.register(Gauges(self._store, self._controller, self._rate_limiter, self._leads))
        ready: dict[str, Check] = {
            "watch": self._watch_trouble,
            "aws": self._aws.trouble,
            "kubernetes": self._kube_writes.trouble,
            "lost_runs": self._controller.lost_runs.trouble,
        }
        if self._elector is not None:
            ready["lease"] = self._elector.trouble
        return HttpServer(self._settings.http_host, self._settings.http_port, REGISTRY, healthy={}, ready=ready)

    def _watch_trouble(self) -> str | None:
        return None if self._watching.is_set() else "the watch has not begun"

    def _leads(self) -> bool:
        return self._elector is None or self._elector.leads


def _raise_failure(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


def _end_hard_after(seconds: float) -> None:
    """A thread outside the event loop, so that a blocked loop ends too."""
    timer = threading.Timer(seconds, os._exit, args=(1,))
    timer.daemon = True
    timer.start()

"""Puts the operator together, runs it, and stops it cleanly."""

import asyncio
import logging
import os
import random
import signal
import threading
from collections.abc import Coroutine
from typing import Any, Final

from prometheus_client import REGISTRY

from emrjobs.adapters.emr import EmrContainers
from emrjobs.adapters.kube import Kube, load_configuration
from emrjobs.runtime import edge
from emrjobs.runtime.actor import Actor
from emrjobs.runtime.announcer import Announcer
from emrjobs.runtime.endpoints import Endpoints
from emrjobs.runtime.engine import Engine
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.levels import Levels
from emrjobs.runtime.places import Places
from emrjobs.runtime.resync import Resync
from emrjobs.runtime.store import Store
from emrjobs.runtime.turns import Turns
from emrjobs.settings import Settings

_LOG: Final = logging.getLogger("emrjobs")


class Operator:
    """All parts of one process. Everything but the HTTP port lives as long as ``run``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._configuration = load_configuration()
        self._kube = Kube(self._configuration, settings.kube_connections)
        self._emr = EmrContainers(settings.aws_connections, settings.aws_region)
        self._store = Store()
        self._gate = Gate(settings.effect_limit)
        self._turns = Turns(settings.quotas, settings.quota_share)
        self._announcer = Announcer(self._kube)
        self._engine = Engine(
            self._store, self._actor(), self._gate, settings.timing(), settings.workers, random.random
        )
        self._watching = asyncio.Event()
        self._stop = asyncio.Event()

    def _actor(self) -> Actor:
        timing = self._settings.timing()
        places = Places(self._turns, timing.permit, self._mark)
        return Actor(
            store=self._store,
            kube=self._kube,
            emr=self._emr,
            turns=self._turns,
            places=places,
            announcer=self._announcer,
            gate=self._gate,
            timing=timing,
            sample=random.random,
        )

    def _mark(self, uid: str) -> None:
        self._engine.mark(uid)

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT, or until the watching ends for another reason."""
        self._catch_signals()
        endpoints = self._endpoints()
        async with self._kube:
            await endpoints.start()
            # These start before kopf does: kopf cancels every task that it finds started after it.
            tasks = [asyncio.create_task(part) for part in self._parts()]
            self._gate.open()
            watching = asyncio.create_task(self._watch())
            try:
                await asyncio.wait(
                    [*tasks, watching, asyncio.create_task(self._stop.wait())], return_when="FIRST_COMPLETED"
                )
                await self._wind_down(tasks, watching)
            finally:
                await endpoints.stop()
                self._emr.close()
        self._raise_failure([*tasks, watching])

    def _parts(self) -> list[Coroutine[Any, Any, None]]:
        resync = Resync(
            self._store,
            self._kube,
            self._settings.namespace,
            self._settings.resync_interval,
            self._engine.mark,
            random.random,
        )
        return [self._engine.run(), self._turns.run(), self._announcer.run(), resync.run()]

    async def _watch(self) -> None:
        await edge.watch(
            self._store,
            self._engine.mark,
            self._settings.namespace,
            self._configuration,
            self._watching,
            self._stop,
        )

    async def _wind_down(self, tasks: list[asyncio.Task[None]], watching: asyncio.Task[None]) -> None:
        """No new effects; those under way end and are written down; then everything stops."""
        _LOG.info("stopping")
        _end_hard_after(self._settings.stop_limit.total_seconds())
        self._gate.drain()
        await self._engine.drained()
        await self._announcer.drained()
        self._stop.set()
        await asyncio.wait([watching])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @staticmethod
    def _raise_failure(tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)

    def _endpoints(self) -> Endpoints:
        REGISTRY.register(Levels(self._store, self._engine, self._turns))
        return Endpoints(
            self._settings.http_host,
            self._settings.http_port,
            REGISTRY,
            healthy={},
            ready={"watch": lambda: None if self._watching.is_set() else "the watch has not begun"},
        )


def _end_hard_after(seconds: float) -> None:
    """A thread outside the event loop, so that a blocked loop ends too."""
    timer = threading.Timer(seconds, os._exit, args=(1,))
    timer.daemon = True
    timer.start()

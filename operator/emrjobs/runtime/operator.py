"""The composition root: puts the operator together, runs it, and stops it cleanly."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
import uuid
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, Final

from prometheus_client import REGISTRY

from emrjobs.adapters.kube import Kube
from emrjobs.adapters.kube_session import load_configuration, own_namespace
from emrjobs.adapters.leases import Leases
from emrjobs.api.kind import Kind
from emrjobs.runtime.aws.connect import aws_targets
from emrjobs.runtime.event_recorder import EventRecorder
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.gauges import Gauges
from emrjobs.runtime.health import FailureStreak
from emrjobs.runtime.http_server import Check, HttpServer
from emrjobs.runtime.informer import Informer, ServedLaterError, served, until_served, watch
from emrjobs.runtime.job_policy.job_policies import JobPolicies
from emrjobs.runtime.job_run.job_runs import JobRuns
from emrjobs.runtime.job_run.request_review import PolicySource
from emrjobs.runtime.leader_election import LeaderElector, Terms
from emrjobs.runtime.policy_file import PolicyFile
from emrjobs.runtime.shared import Shared
from emrjobs.runtime.watch_progress import WatchProgress
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
        self._gate = Gate(settings.effect_limit)
        self._event_recorder = EventRecorder(self._kube)
        self._kube_health = FailureStreak("the API server does not take our writes", settings.not_ready_after)
        self._loaded = asyncio.Event()
        shared = Shared(settings, self._kube, self._gate, self._event_recorder, self._kube_health)
        self._policy_file = PolicyFile(settings.policy_file, settings.policy) if settings.policy_file else None
        self._job_policies = JobPolicies(shared) if self._policies_in_cluster() else None
        self._job_runs = JobRuns(shared, self._loaded, aws_targets, self._policy_source())
        self._informers: list[Informer[Any, Any]] = [self._job_runs.informer]
        beside: list[str] = []
        if self._job_policies is not None:
            self._job_policies.serve(self._job_runs)
            self._informers += self._job_policies.informers
            beside = [informer.kind.path() for informer in self._job_policies.informers]
        self._progress = WatchProgress(self._paths(), self._loaded, self._relisted, beside)
        self._elector = self._candidate() if settings.leader_election else None
        self._watchdog = Watchdog(_HANG_SECONDS)
        self._stop = asyncio.Event()
        self._unwatch = asyncio.Event()

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises what made a part of it end before."""
        self._catch_signals()
        http_server = self._http_server()
        async with self._kube:
            await http_server.start()
            self._watchdog.start()
            parts = [asyncio.create_task(part) for part in self._parts()]
            if self._elector is None:
                self._gate.open()
            watching = asyncio.create_task(self._watch())
            stopped = asyncio.create_task(self._stop.wait())
            try:
                await asyncio.wait([*parts, watching, stopped], return_when=asyncio.FIRST_COMPLETED)
                await self._wind_down(parts, watching, http_server)
            finally:
                self._job_runs.targets.close()
        _raise_failure([*parts, watching])

    def _parts(self) -> Iterable[Coroutine[Any, Any, None]]:
        yield from self._job_runs.parts()
        if self._job_policies is not None:
            yield from self._job_policies.parts()
        yield self._event_recorder.run()
        yield self._beat()
        yield self._keep_signals()
        if self._policy_file is not None:
            yield self._policy_file.run(self._job_runs.policies_changed)
        if self._elector is not None:
            yield self._elector.run()

    def _paths(self) -> set[str]:
        """One for each namespace, or for all namespaces."""
        return {self._job_runs.informer.kind.path(name) for name in self._settings.namespace or (None,)}

    def _policies_in_cluster(self) -> bool:
        """Whoever has rights in some namespaces only cannot read what is of the cluster."""
        return self._policy_file is None and not self._settings.namespace

    def _policy_source(self) -> PolicySource | None:
        if self._policy_file is not None:
            return PolicySource(self._policy_file.policies)
        return PolicySource(None, self._job_policies.namespace) if self._job_policies is not None else None

    def _relisted(self) -> None:
        self._job_runs.resync.soon()
        if self._job_policies is not None:
            self._job_policies.soon()

    def _begin(self, idle: float | None) -> None:
        self._job_runs.begin(idle)
        if self._job_policies is not None:
            self._job_policies.begin()

    def _candidate(self) -> LeaderElector:
        settings = self._settings
        leases = Leases(self._kube, settings.lease_namespace or own_namespace(), settings.lease_name)
        terms = Terms(settings.lease_duration, settings.lease_renew_deadline, settings.lease_retry)
        return LeaderElector(leases, f"{socket.gethostname()}_{uuid.uuid4()}", terms, self._gate, self._begin)

    async def _keep_signals(self) -> None:
        """kopf takes the signals when it starts; it would stop watching before we have written down what is done."""
        await self._progress.begun.wait()
        self._catch_signals()
        await asyncio.Event().wait()

    async def _beat(self) -> None:
        while True:
            if self._job_runs.controller.queue.longest_processing < _HANG_SECONDS:
                self._watchdog.beat()
            await asyncio.sleep(1.0)

    async def _watch(self) -> None:
        """Runs are followed also where the kind of policies is not served: then nothing is submitted."""
        await self._unless_stopped(until_served(self._kube, [self._job_runs.informer.kind], self._progress))
        if self._unwatch.is_set():
            return
        found = [informer for informer in self._informers if await served(self._kube, informer.kind)]
        late = [informer.kind for informer in self._informers if informer not in found]
        watching = watch(found, self._settings.namespace, self._configuration, self._progress, self._unwatch)
        tasks = [asyncio.create_task(watching)]
        if late:
            tasks.append(asyncio.create_task(self._served_later(late)))
        done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        for task in done:
            task.result()

    async def _served_later(self, kinds: Sequence[Kind]) -> None:
        await until_served(self._kube, kinds, self._progress)
        raise ServedLaterError

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        """Until it is done, or the watching is to stop."""
        tasks = [asyncio.create_task(work), asyncio.create_task(self._unwatch.wait())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

    async def _wind_down(
        self, parts: list[asyncio.Task[None]], watching: asyncio.Task[None], http_server: HttpServer
    ) -> None:
        """No new effects; those under way end and are written down; then everything stops."""
        _LOG.info("stopping")
        _end_hard_after(self._settings.stop_limit.total_seconds())
        self._gate.drain()
        await self._job_runs.controller.queue.drained()
        if self._job_policies is not None:
            await self._job_policies.controller.queue.drained()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event_recorder.drained(), _EVENTS_SECONDS)
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        if self._elector is not None:
            await self._elector.release()
        await http_server.stop()
        self._unwatch.set()
        await asyncio.wait([watching])

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)

    def _http_server(self) -> HttpServer:
        gauges = Gauges(self._job_runs, self._leads)
        REGISTRY.register(gauges)
        targets = self._job_runs.targets
        ready: dict[str, Check] = {
            "watch": self._progress.problem,
            "aws": targets.unhealthy,
            "kubernetes": self._kube_health.problem,
            "losses": targets.too_many_lost,
        }
        policies = self._policy_file or self._job_policies
        if policies is not None:
            ready["policies"] = policies.problem
        if self._elector is not None:
            ready["lease"] = self._elector.problem
        settings = self._settings
        return HttpServer(settings.http_host, settings.http_port, REGISTRY, {}, ready, gauges.read)

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

"""A controller of EmrJobRuns before effects that a test makes up."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from emrjobs.core.job_run.effects import Effect, Event
from emrjobs.core.job_run.memory import Memory
from emrjobs.core.job_run.resource import Resource
from emrjobs.core.job_run.tokens import client_token
from emrjobs.runtime.controller import Controller
from emrjobs.runtime.event_recorder import EventRecorder
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.job_run.active_runs import ActiveRuns
from emrjobs.runtime.job_run.entries import JobRunEntry, JobRunStore
from emrjobs.runtime.job_run.executor import Executor
from emrjobs.runtime.job_run.reconciler import JobRunReconciler
from emrjobs.runtime.job_run.request_review import RequestReview
from tests.support.builders import TIMING, UID, World
from tests.support.parts import a_store, a_target, one_target

Act = Callable[[JobRunEntry, Effect], Coroutine[Any, Any, bool]]
JobRunController = Controller[Resource, Memory, Effect]
DEADLINE = 5


@dataclass
class Bench:
    """A controller whose effects a test makes up. It stands in for the executor and for the event recorder."""

    act: Act
    store: JobRunStore = field(default_factory=a_store)
    gate: Gate = field(default_factory=lambda: Gate(timedelta(seconds=15)))
    told: list[str] = field(default_factory=list)
    """The uids of objects that an event was recorded of."""

    def record(self, resource: Resource, _: Event) -> None:
        self.told.append(resource.uid)

    def put(self, world: World, uid: str = UID) -> None:
        status = world.status
        if status.client_token is not None:
            status = status.model_copy(update={"client_token": client_token(uid, status.attempt or 1)})
        self.store.apply(replace(world.resource, uid=uid, status=status))
        entry = self.store.get(uid)
        assert entry is not None
        entry.memory = world.memory

    def controller(self, workers: int = 4) -> JobRunController:
        targets = one_target(a_target(SimpleNamespace(skew=timedelta(0))))
        recorder = cast(EventRecorder, self)
        reconciler = JobRunReconciler(
            cast(Executor, self), targets, recorder, TIMING, RequestReview(None), ActiveRuns(lambda _: None)
        )
        return Controller(self.store, reconciler, self.gate, TIMING.kube_retry, workers, lambda: 0.0)

    async def run(self, uids: tuple[str, ...] = (UID,), workers: int = 4) -> JobRunController:
        """Enqueue, and return when nothing is under way or due."""
        controller = self.controller(workers)
        controller.enqueue_all(uids)
        await self.until_drained(controller)
        return controller

    async def until_drained(self, controller: JobRunController) -> None:
        """Let it work until nothing is under way or due."""
        await self.while_working(controller, controller.queue.drained)

    async def while_working(self, controller: JobRunController, story: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Let it work until the story is over."""
        working = asyncio.create_task(controller.run())
        try:
            await asyncio.wait_for(story(), DEADLINE)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


def with_reservation(world: World) -> World:
    """Its reservation does not lapse, whatever the clock of the machine says."""
    return world.remembering(reserved_until=datetime.max.replace(tzinfo=UTC))


def bench(act: Act) -> Bench:
    made = Bench(act)
    made.gate.open()
    return made

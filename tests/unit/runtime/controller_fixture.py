"""A controller before effects that a test makes up."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from emrjobs.core.job_run.effects import Effect
from emrjobs.runtime.aws.circuit_breakers import CircuitBreakers
from emrjobs.runtime.aws.lost_runs import LostRuns
from emrjobs.runtime.aws.rate_limiter import RateLimiter
from emrjobs.runtime.aws.reservations import Reservations
from emrjobs.runtime.controller import Controller
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.job_run.executor import Executor
from emrjobs.runtime.store import Entry, Store
from tests.support.builders import TIMING, UID, World

Act = Callable[[Entry, Effect], Coroutine[Any, Any, bool]]
DEADLINE = 5


@dataclass
class Bench:
    """A controller whose effects a test makes up."""

    act: Act
    store: Store = field(default_factory=Store)
    gate: Gate = field(default_factory=lambda: Gate(timedelta(seconds=15)))
    lost_runs: LostRuns = field(default_factory=LostRuns)
    circuit_breakers: CircuitBreakers = field(default_factory=lambda: CircuitBreakers(lambda _: None))
    misfits: list[str] = field(default_factory=list)

    @property
    def emr(self) -> SimpleNamespace:
        return SimpleNamespace(skew=timedelta(0))

    @property
    def reservations(self) -> Reservations:
        return Reservations(cast(RateLimiter, None), timedelta(seconds=30), lambda _: None)

    def tell_of_misfit(self, uid: str) -> None:
        self.misfits.append(uid)

    def put(self, world: World, uid: str = UID) -> None:
        self.store.apply(replace(world.resource, uid=uid))
        entry = self.store.get(uid)
        assert entry is not None
        entry.memory = world.memory

    def controller(self, workers: int = 4) -> Controller:
        return Controller(self.store, cast(Executor, self), self.gate, TIMING, workers, lambda: 0.0)

    async def run(self, uids: tuple[str, ...] = (UID,), workers: int = 4) -> Controller:
        """Mark, and return when nothing is under way or due."""
        controller = self.controller(workers)
        controller.mark_all(uids)
        await self.until_drained(controller)
        return controller

    async def until_drained(self, controller: Controller) -> None:
        """Let it work until nothing is under way or due."""
        working = asyncio.create_task(controller.run())
        try:
            await asyncio.wait_for(controller.drained(), DEADLINE)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


def with_reservation(world: World) -> World:
    """Its place in the rate limit does not lapse, whatever the clock of the machine says."""
    return world.remembering(reserved_until=datetime.max.replace(tzinfo=UTC))


def bench(act: Act) -> Bench:
    made = Bench(act)
    made.gate.open()
    return made

"""An engine before effects that a test makes up."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from emrjobs.core.effects import Effect
from emrjobs.runtime.actor import Actor
from emrjobs.runtime.blockades import Blockades
from emrjobs.runtime.engine import Engine
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.losses import Losses
from emrjobs.runtime.places import Places
from emrjobs.runtime.store import Entry, Store
from emrjobs.runtime.turns import Turns
from tests.support.builders import TIMING, UID, World

Act = Callable[[Entry, Effect], Coroutine[Any, Any, bool]]
DEADLINE = 5


@dataclass
class Bench:
    """An engine whose effects a test makes up."""

    act: Act
    store: Store = field(default_factory=Store)
    gate: Gate = field(default_factory=lambda: Gate(timedelta(seconds=15)))
    losses: Losses = field(default_factory=Losses)
    blockades: Blockades = field(default_factory=lambda: Blockades(lambda _: None))
    misfits: list[str] = field(default_factory=list)

    @property
    def emr(self) -> SimpleNamespace:
        return SimpleNamespace(skew=timedelta(0))

    @property
    def places(self) -> Places:
        return Places(cast(Turns, None), timedelta(seconds=30), lambda _: None)

    def tell_of_misfit(self, uid: str) -> None:
        self.misfits.append(uid)

    def put(self, world: World, uid: str = UID) -> None:
        self.store.apply(replace(world.resource, uid=uid))
        entry = self.store.get(uid)
        assert entry is not None
        entry.memory = world.memory

    def engine(self, workers: int = 4) -> Engine:
        return Engine(self.store, cast(Actor, self), self.gate, TIMING, workers, lambda: 0.0)

    async def run(self, uids: tuple[str, ...] = (UID,), workers: int = 4) -> Engine:
        """Mark, and return when nothing is under way or due."""
        engine = self.engine(workers)
        engine.mark_all(uids)
        await self.until_drained(engine)
        return engine

    async def until_drained(self, engine: Engine) -> None:
        """Let it work until nothing is under way or due."""
        working = asyncio.create_task(engine.run())
        try:
            await asyncio.wait_for(engine.drained(), DEADLINE)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


def with_turn(world: World) -> World:
    """Its place in the rate limit does not lapse, whatever the clock of the machine says."""
    return world.remembering(turn_until=datetime.max.replace(tzinfo=UTC))


def bench(act: Act) -> Bench:
    made = Bench(act)
    made.gate.open()
    return made

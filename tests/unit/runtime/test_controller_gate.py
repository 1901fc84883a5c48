"""What a process does that may not act, or no longer."""

import asyncio

from emrjobs.core.job_run.effects import Effect, PatchStatus
from emrjobs.core.job_run.memory import Accepted
from emrjobs.runtime.job_run.entries import JobRunEntry
from tests.support.builders import RUN_ID, UID, a_run
from tests.unit.runtime.controller_fixture import bench, with_reservation


def test_a_closed_gate_lets_nothing_through() -> None:
    async def act(_entry: JobRunEntry, effect: Effect) -> bool:
        raise AssertionError(effect)

    world = bench(act)
    world.put(a_run())
    world.gate.close()
    controller = asyncio.run(world.run())
    assert not controller.queue.delayed(UID)


def test_a_closed_gate_does_not_keep_what_is_gone_and_needs_nothing() -> None:
    async def act(_entry: JobRunEntry, effect: Effect) -> bool:
        raise AssertionError(effect)

    world = bench(act)
    world.put(a_run().ended().gone(), "over")
    world.put(a_run().with_finalizer().running().gone(), "left a run behind")
    world.gate.close()
    asyncio.run(world.run(("over", "left a run behind")))
    assert world.store.get("over") is None
    assert world.store.get("left a run behind") is not None


def test_a_draining_gate_lets_through_what_only_records_what_was_done() -> None:
    effects: list[Effect] = []

    async def act(_entry: JobRunEntry, effect: Effect) -> bool:
        effects.append(effect)
        return False

    intended = a_run().with_finalizer().intended(ago=10).sent(1, 1)
    in_hand = intended.remembering(accepted=Accepted(UID, RUN_ID, None, "job", resent=False))
    wants_more = {"a": a_run(), "b": with_reservation(a_run().with_finalizer()), "c": with_reservation(intended)}
    world = bench(act)
    world.put(in_hand)
    for uid, other in wants_more.items():
        world.put(other, uid)
    world.gate.drain()
    asyncio.run(world.run((UID, *wants_more)))
    assert [type(effect) for effect in effects] == [PatchStatus]

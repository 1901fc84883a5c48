"""Passes over objects: one at a time for each, none forgotten, and no object stops the others."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emrjobs.adapters.kube import KubeError
from emrjobs.api.job_run.status import State
from emrjobs.core.job_run.effects import AddFinalizer, Effect, PatchStatus, ReserveStart, StartJob
from emrjobs.core.job_run.memory import Accepted
from emrjobs.core.job_run.memory_updates import intent_recorded
from emrjobs.runtime.job_run.entries import JobRunEntry
from tests.support.builders import RUN_ID, UID, a_run
from tests.unit.runtime.controller_fixture import JobRunController, bench, with_reservation


def test_an_object_is_worked_on_until_there_is_nothing_to_do() -> None:
    effects: list[Effect] = []

    async def act(entry: JobRunEntry, effect: Effect) -> bool:
        effects.append(effect)
        if isinstance(effect, ReserveStart):
            entry.memory = with_reservation(a_run()).memory
            return True
        return False

    world = bench(act)
    world.put(a_run())
    asyncio.run(world.run())
    assert effects == [ReserveStart(), AddFinalizer()]


def test_an_object_is_never_worked_on_twice_at_a_time_and_a_mark_meanwhile_counts() -> None:
    under_way, most, passes = 0, 0, 0

    async def act(_entry: JobRunEntry, _effect: Effect) -> bool:
        nonlocal under_way, most, passes
        under_way += 1
        most, passes = max(most, under_way), passes + 1
        await asyncio.sleep(0)
        controller = running[0]
        if passes == 1:
            for _ in range(5):
                controller.enqueue(UID)
        await asyncio.sleep(0)
        under_way -= 1
        return False

    world, running = bench(act), []
    world.put(a_run())

    async def play() -> None:
        controller = world.controller(8)
        running.append(controller)
        controller.enqueue(UID)
        controller.enqueue(UID)
        await world.until_drained(controller)

    asyncio.run(play())
    assert (most, passes) == (1, 2)


def test_many_objects_are_worked_on_at_the_same_time() -> None:
    under_way, most = 0, 0

    async def act(_entry: JobRunEntry, _effect: Effect) -> bool:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return False

    world, uids = bench(act), tuple("abcdef")
    for uid in uids:
        world.put(a_run(), uid)
    asyncio.run(world.run(uids, workers=3))
    assert most == 3


def test_whose_calls_hang_does_not_hold_up_others_when_more_are_employed() -> None:
    done: list[str] = []
    hanging = asyncio.Event()

    async def act(entry: JobRunEntry, _effect: Effect) -> bool:
        if entry.resource.uid in "ab":
            await hanging.wait()
        done.append(entry.resource.uid)
        return False

    world = bench(act)
    for uid in "abc":
        world.put(a_run(), uid)

    async def story() -> None:
        controller.enqueue_all("abc")
        while "c" not in done:
            await asyncio.sleep(0)
            controller.employ(3)
        assert done == ["c"]
        hanging.set()
        await controller.queue.drained()

    controller = world.controller(workers=2)
    asyncio.run(world.while_working(controller, story))
    assert sorted(done) == ["a", "b", "c"]


@pytest.mark.parametrize("error", [KubeError(500, "InternalError"), RuntimeError("secret"), ValueError("secret")])
def test_an_object_whose_pass_fails_is_tried_again_later_and_stops_nobody(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    async def act(entry: JobRunEntry, _effect: Effect) -> bool:
        seen.append(entry.resource.uid)
        if entry.resource.uid == "a":
            raise error
        return False

    world = bench(act)
    for uid in ("a", "b"):
        world.put(a_run(), uid)
    with caplog.at_level(logging.WARNING, "emrjobs.controller"):
        controller = asyncio.run(world.run(("a", "b"), workers=1))
    assert seen == ["a", "b"]
    assert controller.queue.delayed("a")
    assert "secret" not in caplog.text


def test_an_object_that_the_api_server_refuses_is_told_so_once() -> None:
    async def act(_entry: JobRunEntry, _effect: Effect) -> bool:
        raise KubeError(422, "Invalid")

    async def play() -> None:
        controller = world.controller(1)
        for _ in range(3):
            controller.enqueue(UID)
            await world.until_drained(controller)

    world = bench(act)
    world.put(with_reservation(a_run()))
    asyncio.run(play())
    assert world.told == [UID]


def test_a_status_that_somebody_else_keeps_changing_is_written_ever_more_slowly() -> None:
    written = 0

    async def act(_entry: JobRunEntry, effect: Effect) -> bool:
        nonlocal written
        assert isinstance(effect, PatchStatus)
        written += 1
        return True

    world = bench(act)
    world.put(with_reservation(a_run().with_finalizer()))
    controller = asyncio.run(world.run())
    assert 30 <= written < 40
    assert controller.queue.delayed(UID)


def test_an_answer_is_written_down_before_another_object_is_sent() -> None:
    order: list[str] = []

    async def act(entry: JobRunEntry, effect: Effect) -> bool:
        order.append(f"{entry.resource.uid[:1]} {type(effect).__name__}")
        if isinstance(effect, StartJob):
            token = str(effect.request["clientToken"])
            entry.memory = replace(
                intent_recorded(entry.memory, token), accepted=Accepted(token, RUN_ID, None, "job", resent=False)
            )
            controllers[0].enqueue(entry.resource.uid)
            return True
        if isinstance(effect, PatchStatus):
            entry.resource = replace(entry.resource, status=effect.status)
        return False

    controllers: list[JobRunController] = []
    world = bench(act)
    for uid in ("a", "b"):
        started = a_run().with_finalizer().intended().saying(client_token=uid, submission_started_at=a_run().now)
        world.put(with_reservation(started).sent(0), uid)

    async def play() -> None:
        controller = world.controller(1)
        controllers.append(controller)
        controller.enqueue_all(("a", "b"))
        await world.until_drained(controller)

    asyncio.run(play())
    assert order[:2] == ["a StartJob", "a PatchStatus"]


def test_a_wait_is_over_when_its_time_comes() -> None:
    async def play() -> str | None:
        done: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        async def act(entry: JobRunEntry, _effect: Effect) -> bool:
            done.set_result(entry.resource.status.state)
            return False

        world = bench(act)
        world.put(a_run().with_finalizer().running())
        entry = world.store.get(UID)
        assert entry is not None
        entry.memory = replace(entry.memory, look_at=datetime.now(UTC) + timedelta(milliseconds=20))
        controller = world.controller(1)
        controller.enqueue(UID)

        async def acted() -> None:
            await done

        await world.while_working(controller, acted)
        return done.result()

    assert asyncio.run(play()) == State.RUNNING


def test_what_is_gone_and_owes_nothing_is_forgotten() -> None:
    async def act(_entry: JobRunEntry, effect: Effect) -> bool:
        raise AssertionError(effect)

    world = bench(act)
    world.put(a_run().gone())
    asyncio.run(world.run())
    assert len(world.store) == 0

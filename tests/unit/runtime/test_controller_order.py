"""The order of passes where there is more to do than workers: the most urgent first, and nobody waits for ever."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from emrjobs.api.job_run.status import State
from emrjobs.core.job_run.effects import DescribeJob, Effect
from emrjobs.core.job_run.runs import Source
from emrjobs.runtime import work_queue
from emrjobs.runtime.job_run.entries import JobRunEntry
from tests.support.builders import NOON, World, a_run
from tests.support.clock import Clock, stopped_clock
from tests.unit.runtime.controller_fixture import Bench, bench, with_reservation

_NEW = with_reservation(a_run())
_PROGRESS = (
    a_run()
    .with_finalizer()
    .submitted()
    .seen(State.RUNNING, source=Source.LIST)
    .remembering(look_at=datetime.max.replace(tzinfo=UTC))
)
_ENDED = a_run().with_finalizer().submitted().running().seen(State.COMPLETED)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch, work_queue)


def _watched() -> tuple[Bench, list[str]]:
    order: list[str] = []

    async def act(entry: JobRunEntry, _effect: Effect) -> bool:
        order.append(entry.resource.uid)
        return False

    return bench(act), order


def _put(world: Bench, **objects: World) -> None:
    for uid, one in objects.items():
        world.put(replace(one, resource=replace(one.resource, uid=uid)), uid)


@pytest.mark.usefixtures("clock")
def test_ends_are_told_before_new_runs_start_and_progress_comes_last() -> None:
    world, order = _watched()
    # Named against the order of the alphabet, which would decide between equals.
    _put(world, a_progress=_PROGRESS, b_new=_NEW, c_ended=_ENDED)
    asyncio.run(world.run(("a_progress", "b_new", "c_ended"), workers=1))
    assert order == ["c_ended", "b_new", "a_progress"]


def test_a_run_that_ends_while_its_progress_waits_goes_first_and_has_one_pass() -> None:
    world, order = _watched()
    _put(world, progress=_PROGRESS, new=_NEW)

    async def play() -> None:
        made = world.controller(workers=1)
        made.enqueue("new")
        made.enqueue("progress")
        _put(world, progress=_ENDED)
        made.enqueue("progress")
        await world.until_drained(made)

    asyncio.run(play())
    assert order == ["progress", "new"]


def test_an_end_that_a_describe_shows_is_written_before_the_next_run_is_described(clock: Clock) -> None:
    done: list[str] = []

    async def act(entry: JobRunEntry, effect: Effect) -> bool:
        clock.now += 1
        done.append(f"{entry.resource.uid} {type(effect).__name__}")
        if isinstance(effect, DescribeJob):
            entry.memory = _ENDED.memory
        return isinstance(effect, DescribeJob)

    world = bench(act)
    missed = a_run().with_finalizer().submitted().running().remembering(look_at=NOON)
    _put(world, a=missed, b=missed)
    asyncio.run(world.run(("a", "b"), workers=1))
    assert done == ["a DescribeJob", "a PatchStatus", "b DescribeJob", "b PatchStatus"]


def test_whoever_has_waited_long_is_not_overtaken(clock: Clock) -> None:
    world, order = _watched()
    _put(world, progress=_PROGRESS, ended=_ENDED)

    async def play() -> None:
        made = world.controller(workers=1)
        made.enqueue("progress")
        clock.now += 60
        made.enqueue("ended")
        await world.until_drained(made)

    asyncio.run(play())
    assert order == ["progress", "ended"]

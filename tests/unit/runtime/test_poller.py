"""List passes: long ones are read in parts side by side, and a part that fails proves nothing about any run."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from emrjobs.core.failures import Failure, Operation
from emrjobs.core.job_run.outcomes import ActivePage
from emrjobs.core.job_run.runs import JobRun
from emrjobs.core.job_run.time_ranges import TimeRange
from emrjobs.core.job_run.timing import Timing
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.job_run import poller
from emrjobs.runtime.job_run.entries import JobRunStore
from emrjobs.runtime.job_run.poller import Pace, Poller, rest
from emrjobs.runtime.job_run.run_index import RunIndex
from tests.support.builders import CLUSTER, NOON, TIMING, a_run
from tests.support.parts import a_run_index, a_store, a_target

COUNT = 1000
Answer = ActivePage | Failure


class Account:
    """Runs that AWS has, one a second, newest first on pages of a hundred; some have ended since."""

    def __init__(self, ended: Collection[int] = (), broken: bool = False) -> None:
        self.runs = {f"run{n}": NOON + timedelta(seconds=n) for n in reversed(range(COUNT)) if n not in ended}
        self.broken = broken
        self.spans: set[TimeRange] = set()
        self.at_once = self.most_at_once = 0
        self.asked = asyncio.Event()

    async def list_active(self, _: str, span: TimeRange, token: str | None) -> Answer:
        self.asked.set()
        self.spans.add(span)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.broken and span.after is None:
            return Failure(Operation.LIST, "InternalServerException", "", 500)
        start = int(token or 0)
        found = [run for run, at in self.runs.items() if _within(span, at)]
        page = tuple(JobRun(run, "RUNNING", created_at=self.runs[run]) for run in found[start : start + 100])
        return ActivePage(page, str(start + 100) if start + 100 < len(found) else None)


def _within(span: TimeRange, at: Any) -> bool:
    return (span.after is None or span.after < at) and (span.before is None or at < span.before)


def followed() -> tuple[JobRunStore, RunIndex]:
    """A store with all the runs, none of them looked at."""
    index = a_run_index()
    store = a_store(index)
    world = a_run().running()
    for n in range(COUNT):
        status = world.status.model_copy(update={"id": f"run{n}", "created_at": NOON + timedelta(seconds=n)})
        store.apply(replace(world.resource, uid=f"uid{n}", status=status))
    return store, index


def a_poller(
    account: Account,
    store: JobRunStore,
    index: RunIndex,
    marked: set[str],
    timing: Timing = TIMING,
    hinted: float | None = None,
) -> tuple[Poller, Gate]:
    """With everything loaded, and a gate that is closed."""
    gate, loaded = Gate(timedelta(0)), asyncio.Event()
    loaded.set()
    pace = Pace(timing, lambda: 0.0, lambda: hinted, loaded)
    return Poller(a_target(account), store, index, gate, marked.add, pace), gate


def one_pass(account: Account, passes: int = 1) -> tuple[set[str], bool]:
    """Whom one pass has described, and whether it was complete, after so many others."""
    (store, index), marked = followed(), set[str]()
    made, _ = a_poller(account, store, index, marked)
    known = poller._Cluster(passes=passes)
    asyncio.run(made._pass(CLUSTER, known))
    due = {uid for uid in marked if (entry := store.get(uid)) is not None and entry.memory.look_at is not None}
    return {uid for uid in due if _unseen(store, uid)}, known.failures == 0


def _unseen(store: JobRunStore, uid: str) -> bool:
    entry = store.get(uid)
    return entry is not None and entry.memory.observed_run is None


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three pages are a long list."""
    monkeypatch.setattr(poller, "_LONG", 3)


ENDED = {0, 249, 250, 251, 500, 999}


def test_a_short_list_is_read_in_one() -> None:
    account = Account(ENDED)
    assert one_pass(account) == ({f"uid{n}" for n in ENDED}, True)
    assert account.spans == {TimeRange()}


def test_a_long_list_is_read_side_by_side_and_misses_the_same(long_lists: None) -> None:
    account = Account(ENDED)
    assert one_pass(account) == ({f"uid{n}" for n in ENDED}, True)
    assert len(account.spans) == account.most_at_once == 4


def test_the_first_list_of_a_process_is_read_side_by_side_where_a_later_one_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(poller, "_LONG_AT_FIRST", 5)
    first, later = Account(ENDED), Account(ENDED)
    assert one_pass(first, passes=0) == one_pass(later, passes=1)
    assert (len(first.spans), len(later.spans)) == (2, 1)


def test_a_part_that_fails_makes_the_pass_incomplete(long_lists: None) -> None:
    assert one_pass(Account(ENDED, broken=True)) == (set(), False)


def test_the_time_of_a_pass_counts_as_pause_but_for_half_of_it() -> None:
    assert (rest(2.0, 0.0), rest(2.0, 0.5), rest(2.0, 30.0)) == (2.0, 1.5, 1.0)


HOUR, BLINK = timedelta(hours=1), timedelta(milliseconds=1)


def every(first: timedelta, longest: timedelta) -> Timing:
    return replace(TIMING, poll=replace(TIMING.poll, first=first, longest=longest))


def played(
    timing: Timing, story: Callable[[Poller, Gate, Account], Coroutine[Any, Any, None]], **given: Any
) -> Account:
    """Whom a poller asked while a story was played; it begins before everything is loaded, and with a closed gate."""
    account = Account()

    async def play() -> None:
        made, gate = a_poller(account, *followed(), set(), timing, **given)
        made._loaded.clear()
        task = asyncio.create_task(made.run())
        try:
            await asyncio.wait_for(story(made, gate, account), 10)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    asyncio.run(play())
    return account


async def not_asked(account: Account) -> None:
    for _ in range(10):
        await asyncio.sleep(0)
    assert not account.asked.is_set()


def test_a_process_that_begins_looks_at_once_when_all_objects_are_known() -> None:
    async def story(made: Poller, gate: Gate, account: Account) -> None:
        gate.open()
        await not_asked(account)
        made._loaded.set()
        await account.asked.wait()

    assert played(every(HOUR, HOUR), story).asked.is_set()


def test_a_namespace_that_is_never_listed_does_not_keep_it_from_looking() -> None:
    async def story(_made: Poller, gate: Gate, account: Account) -> None:
        gate.open()
        await account.asked.wait()

    assert played(every(HOUR, BLINK), story).asked.is_set()


def test_who_takes_over_looks_soon_although_changes_are_pushed() -> None:
    async def story(made: Poller, gate: Gate, account: Account) -> None:
        made._loaded.set()
        await not_asked(account)
        gate.open()
        await account.asked.wait()

    assert played(every(BLINK, HOUR), story, hinted=3600).asked.is_set()

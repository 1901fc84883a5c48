"""List passes: long ones are read in parts side by side, and a part that fails proves nothing about any run."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from emrjobs.adapters.emr import EmrContainers
from emrjobs.core.failures import Failure, Operation
from emrjobs.core.outcomes import ActivePage
from emrjobs.core.runs import JobRun
from emrjobs.core.spans import Span
from emrjobs.runtime import poller
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.poller import Pace, Poller, rest
from emrjobs.runtime.store import Store
from emrjobs.runtime.turns import Turns
from tests.support.builders import CLUSTER, NOON, TIMING, a_run

COUNT = 1000
Answer = ActivePage | Failure


class Account:
    """Runs that AWS has, one a second, newest first on pages of a hundred; some have ended since."""

    def __init__(self, ended: set[int], broken: bool = False) -> None:
        self.runs = {f"run{n}": NOON + timedelta(seconds=n) for n in reversed(range(COUNT)) if n not in ended}
        self.broken = broken
        self.spans: set[Span] = set()
        self.at_once = self.most_at_once = 0

    async def list_active(self, _: str, span: Span, token: str | None) -> Answer:
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


def _within(span: Span, at: Any) -> bool:
    return (span.after is None or span.after < at) and (span.before is None or at < span.before)


def followed() -> Store:
    """A store with all the runs, none of them looked at."""
    store = Store()
    world = a_run().running()
    for n in range(COUNT):
        status = world.status.model_copy(update={"id": f"run{n}", "created_at": NOON + timedelta(seconds=n)})
        store.apply(replace(world.resource, uid=f"uid{n}", status=status))
    return store


def one_pass(account: Account) -> tuple[set[str], bool]:
    """Whom one pass has described, and whether it was complete."""
    store, marked = followed(), set[str]()
    pace = Pace(TIMING, lambda: 0.0, lambda: None)
    emr, turns = cast(EmrContainers, account), Turns(None, 1.0)
    made = Poller(store, emr, turns, Gate(timedelta(0)), marked.add, pace)
    known = poller._Cluster()
    asyncio.run(made._pass(CLUSTER, known))
    due = {uid for uid in marked if (entry := store.get(uid)) is not None and entry.memory.look_at is not None}
    return {uid for uid in due if _unseen(store, uid)}, known.failures == 0


def _unseen(store: Store, uid: str) -> bool:
    entry = store.get(uid)
    return entry is not None and entry.memory.sighting is None


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three pages are a long list."""
    monkeypatch.setattr(poller, "_LONG", 3)


ENDED = {0, 249, 250, 251, 500, 999}


def test_a_short_list_is_read_in_one() -> None:
    account = Account(ENDED)
    assert one_pass(account) == ({f"uid{n}" for n in ENDED}, True)
    assert account.spans == {Span()}


def test_a_long_list_is_read_side_by_side_and_misses_the_same(long_lists: None) -> None:
    account = Account(ENDED)
    assert one_pass(account) == ({f"uid{n}" for n in ENDED}, True)
    assert len(account.spans) == account.most_at_once == 4


def test_a_part_that_fails_makes_the_pass_incomplete(long_lists: None) -> None:
    assert one_pass(Account(ENDED, broken=True)) == (set(), False)


def test_the_time_of_a_pass_counts_as_pause_but_for_half_of_it() -> None:
    assert (rest(2.0, 0.0), rest(2.0, 0.5), rest(2.0, 30.0)) == (2.0, 1.5, 1.0)

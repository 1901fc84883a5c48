"""Follows the active runs of one target: a loop per virtual cluster lists them, and only what changed is looked at.

A list is believed little: a run that it lacks is described before anything is concluded.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from emrjobs.api.job_run.reasons import Reason
from emrjobs.core.failures import PASSING, Failure, Operation, judge
from emrjobs.core.job_run.memory import Memory
from emrjobs.core.job_run.memory_updates import Moment, due, listed, missing
from emrjobs.core.job_run.outcomes import ActivePage
from emrjobs.core.job_run.reporting import ready_reason
from emrjobs.core.job_run.runs import JobRun
from emrjobs.core.job_run.time_ranges import TimeRange, time_ranges
from emrjobs.core.job_run.timing import Timing
from emrjobs.core.job_run.tokens import current_token
from emrjobs.runtime.aws.target import AwsTarget
from emrjobs.runtime.gate import Gate, Phase
from emrjobs.runtime.job_run.entries import JobRunEntry, JobRunStore
from emrjobs.runtime.job_run.run_index import RunIndex
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.unexpected import note_unexpected

_LOG: Final = logging.getLogger("emrjobs.poller")
_DESCRIBES_PER_PAGE: Final = 4
"""A page costs as much of its bucket (5 a second) as four describes of theirs (20 a second)."""
_PAGE: Final = 100
"""Runs on a page, at most."""
_LONG: Final = 60
"""Pages that are read one after another."""
_LONG_AT_FIRST: Final = 20
"""The same in the first pass of a process, which nothing is known before."""
_MOST_SPANS: Final = 4
_FAILED_LISTS: Final = 3
"""So many in a row, and runs are described one by one until a list works."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What sets the times of the passes."""

    timing: Timing
    sample: Callable[[], float]
    hinted: Callable[[], float | None]
    """The seconds to take while changes are pushed to us, else None."""
    loaded: asyncio.Event
    """Set when the store holds all objects that there are."""


@dataclass(slots=True)
class _Cluster:
    """What the loop of one virtual cluster remembers between passes."""

    pages: int = 1
    passes: int = 0
    failures: int = 0


class Poller:
    """Runs while the gate is open; a standby lists nothing."""

    def __init__(
        self,
        target: AwsTarget,
        store: JobRunStore,
        index: RunIndex,
        gate: Gate,
        enqueue: Callable[[str], None],
        pace: Pace,
    ) -> None:
        self._target = target
        self._store = store
        self._index = index
        self._gate = gate
        self._enqueue = enqueue
        self._timing = pace.timing
        self._shortest = pace.timing.poll.first.total_seconds()
        self._longest = pace.timing.poll.longest.total_seconds()
        self._sample = pace.sample
        self._hinted = pace.hinted
        self._loaded = pace.loaded
        self._loops: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Keep a loop for every virtual cluster that has active runs."""
        with suppress(TimeoutError):
            # A pass tells nothing about objects that are not known yet, and may take long.
            await asyncio.wait_for(self._loaded.wait(), self._longest)
        async with asyncio.TaskGroup() as group:
            at_once = True
            while True:
                for cluster in self._index.clusters(self._target.key):
                    if cluster not in self._loops:
                        self._loops[cluster] = group.create_task(self._follow(cluster, at_once=at_once))
                at_once = False
                await asyncio.sleep(self._shortest / 4)

    async def _follow(self, cluster: str, *, at_once: bool) -> None:
        """``at_once``: its runs may have changed while no process looked."""
        known = _Cluster()
        pause = 0.0 if at_once else self._pause(known)
        try:
            while self._active(cluster):
                await asyncio.sleep(pause)
                if self._gate.phase is not Phase.OPEN:
                    pause = self._shortest
                    continue
                began = time.monotonic()
                try:
                    await self._look(cluster, known)
                except Exception as error:  # noqa: BLE001 - one answer must not end the process
                    known.failures += 1
                    note_unexpected("a list could not be taken in", error, virtualCluster=cluster)
                pause = rest(self._pause(known), time.monotonic() - began)
        finally:
            del self._loops[cluster]

    def _pause(self, known: _Cluster) -> float:
        hinted = self._hinted()
        if hinted is not None and not known.failures:
            return hinted * (0.9 + self._sample() / 5)
        seconds = self._shortest * 2.0 ** min(known.failures, 10)
        return min(seconds, self._longest) * (0.9 + self._sample() / 5)

    async def _look(self, cluster: str, known: _Cluster) -> None:
        few = len(self._active(cluster)) < _DESCRIBES_PER_PAGE * known.pages
        if few or known.failures >= _FAILED_LISTS:
            self._describe_all(cluster)
        if not few:
            await self._pass(cluster, known)

    def _describe_all(self, cluster: str) -> None:
        for uids in list(self._active(cluster).values()):
            for uid in uids:
                self._change(uid, due, datetime.now(UTC))

    async def _pass(self, cluster: str, known: _Cluster) -> None:
        """One list over all pages. What it lacks counts only if it was complete, and began after the acceptance."""
        began = datetime.now(UTC)
        expected = dict(self._active(cluster))
        answers = await asyncio.gather(*(self._read(cluster, span) for span in self._spans(cluster, known)))
        read = [answer for answer in answers if answer is not None]
        if len(read) < len(answers):
            known.failures += 1
            return
        shown = set[str]().union(*(ids for ids, _ in read))
        known.pages, known.passes, known.failures = sum(pages for _, pages in read), known.passes + 1, 0
        METRICS.list_passes.inc()
        for uid in (uid for run_id, uids in expected.items() if run_id not in shown for uid in uids):
            self._miss(uid, began)

    def _spans(self, cluster: str, known: _Cluster) -> tuple[TimeRange, ...]:
        """A long list is read in parts side by side, so that the time of a pass does not grow with it."""
        ours = self._active(cluster)
        pages = max(known.pages, len(ours) // _PAGE)
        number = min(-(-pages // (_LONG if known.passes else _LONG_AT_FIRST)), _MOST_SPANS)
        if number < 2:
            return (TimeRange(),)
        entries = (self._store.get(uid) for uids in ours.values() for uid in uids)
        return time_ranges(
            [e.resource.status.created_at for e in entries if e and e.resource.status.created_at], number
        )

    async def _read(self, cluster: str, span: TimeRange) -> tuple[set[str], int] | None:
        """All pages of a span: the ids that they show, and how many pages they were."""
        shown: set[str] = set()
        pages, token = 0, None
        while True:
            page = await self._page(cluster, span, token)
            if page is None:
                return None
            pages += 1
            shown.update(run.id for run in page.runs)
            if page.next is None:
                return shown, pages
            token = page.next

    async def _page(self, cluster: str, span: TimeRange, token: str | None) -> ActivePage | None:
        await self._target.rate_limiter.turn(Operation.LIST, cluster)
        asked_at = datetime.now(UTC)
        answer = await self._target.emr.list_active(cluster, span, token)
        self._target.note(Operation.LIST, answer)
        if isinstance(answer, Failure):
            self._failed(cluster, answer)
            return None
        self._target.reads.ok()
        ours = self._active(cluster)
        for run in answer.runs:
            for uid in ours.get(run.id, ()):
                self._see(uid, run, asked_at)
        return answer

    def _active(self, cluster: str) -> Mapping[str, tuple[str, ...]]:
        return self._index.active(self._target.key, cluster)

    def _failed(self, cluster: str, failure: Failure) -> None:
        verdict = judge(failure)
        if verdict in PASSING:
            self._target.reads.failed()
        facts = {"virtualCluster": cluster, "code": failure.code, "verdict": str(verdict)}
        _LOG.warning("a list failed", extra=facts)

    def _see(self, uid: str, run: JobRun, asked_at: datetime) -> None:
        entry = self._store.get(uid)
        if entry is None:
            return
        entry.memory = listed(entry.memory, run, self._moment(entry, asked_at))
        believed = entry.memory.observed_run
        if believed is not None and _tells_more(entry, believed.run):
            self._enqueue(uid)

    def _miss(self, uid: str, began: datetime) -> None:
        """Described, unless it was accepted so shortly before that a list may well lack it.

        If it goes on all the same (the list lags), the describes of that run back off.
        """
        entry = self._store.get(uid)
        if entry is None:
            return
        accepted = entry.resource.status.created_at or entry.resource.status.submission_started_at or began
        if entry.memory.observed_run is None and began - accepted < self._timing.poll.first:
            return
        self._change(uid, missing, began)

    def _change(self, uid: str, change: Callable[[Memory, Moment], Memory], asked_at: datetime) -> None:
        entry = self._store.get(uid)
        if entry is None:
            return
        entry.memory = change(entry.memory, self._moment(entry, asked_at))
        self._enqueue(uid)

    def _moment(self, entry: JobRunEntry, asked_at: datetime) -> Moment:
        resource = entry.resource
        token = current_token(resource.uid, resource.status)
        return Moment(asked_at, datetime.now(UTC), self._sample(), self._timing, resource.generation, token)


def rest(pause: float, spent: float) -> float:
    """Seconds until the next pass: the pause is meant from begin to begin, and at least half of it is kept."""
    return max(pause - spent, pause / 2)


def _tells_more(entry: JobRunEntry, run: JobRun) -> bool:
    """Whether the record says something that the status does not: only then a pass is worth it."""
    status = entry.resource.status
    if ready_reason(status) == Reason.LOOK_FAILED:
        return True
    retries = status.retry_policy_execution
    shown = (status.state, status.state_details, status.failure_reason, retries and retries.current_attempt_count)
    return shown != (
        run.state,
        run.state_details or status.state_details,
        run.failure_reason,
        run.current_attempt_count,
    )

"""Brings all runs of one account and region up to an instant, in the order of time. Pure.

Virtual clusters with a limit admit runs first come, first served; the others wait in PENDING.
"""

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Callable

from tests.sandbox.emr import life
from tests.sandbox.emr.life import Moment, Run

NO_SLOT = "JobRun timed out waiting for a free slot in the virtual cluster's queue."


class Schedule:
    def __init__(
        self,
        limit_of: Callable[[str], int | None],
        slot_timeout: Callable[[], float],
        happened: Callable[[Run, Moment], None],
    ) -> None:
        self._limit_of = limit_of
        self._slot_timeout = slot_timeout
        self._happened = happened
        self._heap: list[tuple[float, int, Run]] = []
        self._order = itertools.count()
        self._holders: dict[str, set[Run]] = defaultdict(set)
        self._waiting: dict[str, dict[Run, None]] = defaultdict(dict)

    def add(self, run: Run, at: float) -> None:
        self._told(run, lambda: life.born(run, at))

    def cancel(self, run: Run, at: float) -> None:
        self._told(run, lambda: life.cancel(run, at))

    def force(self, run: Run, moment: Moment) -> None:
        """The admin interface's own truth: a state of any name, at once."""

        def put() -> None:
            run.history.append(moment)
            if not run.active:
                run.due = run.cancel_due = math.inf

        self._told(run, put)
        self._leave(run, moment.at)

    def holding(self, cluster: str) -> int:
        return len(self._holders[cluster])

    def settle(self, now: float) -> None:
        while self._heap and self._heap[0][0] <= now:
            due, _, run = heapq.heappop(self._heap)
            if due == run.next_due:
                self._step(run)

    def admit(self, cluster: str, at: float) -> None:
        """Let waiting runs in while there is room: after an end, or a raised limit."""
        waiting = self._waiting[cluster]
        while waiting and self._room(cluster):
            run = next(iter(waiting))
            del waiting[run]
            if run.active and run.due < math.inf:  # else a cancellation has ended its natural course
                self._start(run, at)

    def _room(self, cluster: str) -> bool:
        limit = self._limit_of(cluster)
        return limit is None or len(self._holders[cluster]) < limit

    def _start(self, run: Run, at: float) -> None:
        self._holders[run.cluster].add(run)
        self._told(run, lambda: life.enter_next_stage(run, at))

    def _step(self, run: Run) -> None:
        at, waiting = run.next_due, self._waiting[run.cluster]
        if run in waiting and run.due <= run.cancel_due:
            self._told(run, lambda: life.end(run, at, "FAILED", NO_SLOT, "CLUSTER_UNAVAILABLE"))
        elif life.wants_slot(run):
            self._ask_for_slot(run, at)
        else:
            self._told(run, lambda: life.step(run))
        if not run.active:
            self._leave(run, at)

    def _ask_for_slot(self, run: Run, at: float) -> None:
        if self._room(run.cluster):
            self._start(run, at)
            return
        self._waiting[run.cluster][run] = None
        run.due = at + self._slot_timeout()
        self._push(run)

    def _leave(self, run: Run, at: float) -> None:
        if run.active:
            return
        self._waiting[run.cluster].pop(run, None)
        self._holders[run.cluster].discard(run)
        self.admit(run.cluster, at)

    def _told(self, run: Run, change: Callable[[], None]) -> None:
        before = len(run.history)
        change()
        self._push(run)
        for moment in run.history[before:]:
            self._happened(run, moment)

    def _push(self, run: Run) -> None:
        if run.next_due < math.inf:
            heapq.heappush(self._heap, (run.next_due, next(self._order), run))

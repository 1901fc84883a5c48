"""Passes over objects: observe, decide, act once, look again. One pass per object at a time."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from emrjobs.adapters.kube import KubeError
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import Decision, Forget, PatchStatus, Wait
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.priority import patience, unwritten
from emrjobs.core.job_run.resource import Resource
from emrjobs.core.job_run.timing import Timing
from emrjobs.runtime.gate import Gate, Phase
from emrjobs.runtime.job_run.executor import Executor
from emrjobs.runtime.job_run.log_fields import names
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.status_write_limiter import StatusWriteLimiter
from emrjobs.runtime.store import Entry, Store

_LOG: Final = logging.getLogger("emrjobs.controller")
_INVALID: Final = 422


class Controller:
    """The dirty set, the delays, and the workers. Used by one event loop only."""

    def __init__(
        self,
        store: Store,
        executor: Executor,
        gate: Gate,
        timing: Timing,
        workers: int,
        sample: Callable[[], float],
    ) -> None:
        self._store = store
        self._executor = executor
        self.lost_runs = executor.lost_runs
        self._blockades = executor.circuit_breakers
        self._gate = gate
        self._timing = timing
        self._workers = workers
        self._sample = sample
        self._queue: asyncio.PriorityQueue[tuple[float, str]] = asyncio.PriorityQueue()
        self._dirty: dict[str, float] = {}
        """When each is to have had its pass at the latest; the queue may hold older times of it, which are void."""
        self._busy: dict[str, float] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._troubles: dict[str, int] = {}
        self._status_write_limiter = StatusWriteLimiter()
        self._idle = asyncio.Event()
        self._idle.set()

    def mark(self, uid: str) -> None:
        """Look at this object again, soon: the most urgent first, and whoever has waited long."""
        entry = self._store.get(uid)
        waits = patience(entry.resource, entry.memory, datetime.now(UTC)) if entry else 0.0
        before = time.monotonic() + waits
        if self._dirty.get(uid, math.inf) <= before:
            return
        self._dirty[uid] = before
        self._idle.clear()
        if uid not in self._busy:
            self._queue.put_nowait((before, uid))

    def nudge(self, uid: str) -> None:
        """Look again, unless the last pass was cut short: then it has its own time, and news do not hasten it."""
        if uid not in self._troubles:
            self.mark(uid)

    def mark_all(self, uids: Iterable[str]) -> None:
        """Look at all of these again."""
        for uid in uids:
            self.mark(uid)

    @property
    def depth(self) -> int:
        """How many objects wait for a pass."""
        return len(self._dirty)

    @property
    def longest_pass(self) -> float:
        """Seconds that the oldest pass under way has taken."""
        return time.monotonic() - min(self._busy.values()) if self._busy else 0.0

    async def run(self) -> None:
        """Work for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._work())

    async def drained(self) -> None:
        """Return when no pass is under way and none is due."""
        await self._idle.wait()

    async def _work(self) -> None:
        while True:
            before, uid = await self._queue.get()
            if uid in self._busy or self._dirty.get(uid) != before:
                continue
            del self._dirty[uid]
            self._busy[uid] = time.monotonic()
            try:
                await self._guarded_pass(uid)
            finally:
                del self._busy[uid]
                if uid in self._dirty:
                    self._queue.put_nowait((self._dirty[uid], uid))
                elif not self._dirty and not self._busy:
                    self._idle.set()

    async def _guarded_pass(self, uid: str) -> None:
        try:
            await self._pass(uid)
            while self._answer_in_hand(uid):
                # Written down before anything else is sent: a crash would have it all sent again.
                self._dirty.pop(uid, None)
                await self._pass(uid)
            self._troubles.pop(uid, None)
        except KubeError as error:
            METRICS.kube_errors.labels(status=str(error.status)).inc()
            self._trouble(uid, f"the API server did not take it: {error}")
            if error.status == _INVALID and self._troubles[uid] == 1:
                self._executor.tell_of_misfit(uid)
        except Exception as error:  # noqa: BLE001 - one object must never stop the others
            # The text of an unexpected error may hold values of the object; its class does not.
            METRICS.pass_errors.labels(error=type(error).__name__).inc()
            self._trouble(uid, f"a pass failed with {type(error).__name__}", exc=error)

    def _trouble(self, uid: str, text: str, exc: Exception | None = None) -> None:
        count = self._troubles[uid] = self._troubles.get(uid, 0) + 1
        where = _where(exc) if exc else {}
        entry = self._store.get(uid)
        who = names(entry.resource) if entry else {"uid": uid}
        _LOG.warning(text, extra={**who, **where, "failures": count})
        self._later(uid, self._timing.kube_retry.delay(count, self._sample()))

    async def _pass(self, uid: str) -> None:
        entry = self._store.get(uid)
        if entry is None or (self._gate.phase is Phase.CLOSED and entry.resource.exists):
            return
        now = datetime.now(UTC)
        rule, decision = decide(self._observe(entry, now))
        METRICS.passes.labels(rule=rule).inc()
        match decision:
            case Forget():
                self._forget(uid)
            case _ if not self._may(decision):
                return
            case Wait(until):
                self._rest(entry.resource, until, now)
            case PatchStatus() if seconds := self._status_write_limiter.wait(uid):
                self._later(uid, timedelta(seconds=seconds))
            case _:
                if await self._executor.act(entry, decision):
                    self.mark(uid)

    def _rest(self, resource: Resource, until: datetime | None, now: datetime) -> None:
        if resource.status.finished:
            self.lost_runs.over(resource.uid)
        if until is not None:
            self._later(resource.uid, until - now)

    def _observe(self, entry: Entry, now: datetime) -> Observation:
        status = entry.resource.status
        wants_run = status.id is None or status.between_attempts
        open_circuit = self._blockades.ahead(entry.resource, now) if wants_run else None
        return Observation(
            now=now,
            resource=entry.resource,
            memory=entry.memory,
            timing=self._timing,
            open_circuit=open_circuit,
            skew=self._executor.emr.skew,
            denials_believable=not self.lost_runs.too_many,
        )

    def _may(self, decision: Decision) -> bool:
        """Whether this process may do it now."""
        phase = self._gate.phase
        return phase is Phase.OPEN or (phase is Phase.DRAINING and _records_only(decision))

    def _answer_in_hand(self, uid: str) -> bool:
        """Whether AWS has said something that is to be written down at once, and a pass for it is due."""
        entry = self._store.get(uid)
        return entry is not None and uid in self._dirty and unwritten(entry.resource, entry.memory)

    def _forget(self, uid: str) -> None:
        self._store.forget(uid)
        self._executor.reservations.forget(uid)
        self._troubles.pop(uid, None)
        self.lost_runs.over(uid)
        self._cancel_timer(uid)

    def _later(self, uid: str, delay: timedelta) -> None:
        self._cancel_timer(uid)
        seconds = min(max(0.0, delay.total_seconds()), 86_400.0)
        self._timers[uid] = asyncio.get_running_loop().call_later(seconds, self._due, uid)

    def _due(self, uid: str) -> None:
        self._timers.pop(uid, None)
        self.mark(uid)

    def _cancel_timer(self, uid: str) -> None:
        timer = self._timers.pop(uid, None)
        if timer is not None:
            timer.cancel()


def _records_only(decision: Decision) -> bool:
    """Whether it only writes down what has happened."""
    return isinstance(decision, PatchStatus) and not decision.intent


def _where(error: Exception) -> dict[str, str]:
    """File and line of an unexpected error, without its text."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return {}
    return {"at": f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}"}

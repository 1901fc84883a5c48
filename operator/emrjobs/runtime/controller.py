"""Passes over the objects of one kind: decide, act once, look again. What to do is the kind's reconciler's."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar

from emrjobs.adapters.kube import KubeError
from emrjobs.core.backoff import Backoff
from emrjobs.core.effects import Forget, PatchStatus, Wait
from emrjobs.runtime.gate import Gate, Phase
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.object_rate_limiter import ObjectRateLimiter
from emrjobs.runtime.store import Entry, M, O, Store
from emrjobs.runtime.unexpected import where
from emrjobs.runtime.work_queue import WorkQueue

_LOG: Final = logging.getLogger("emrjobs.controller")
_STATUS_BURST: Final = 30.0
"""More than any run's life takes at once."""
_STATUS_PER_SECOND: Final = 2.0
E = TypeVar("E")


class Reconciler(Protocol[O, M, E]):
    """What one kind wants: which effect is next, and how it is carried out."""

    def decide(self, entry: Entry[O, M], now: datetime) -> tuple[str, E | Wait | Forget]:
        """The effect to carry out now, and the name of the rule that asks for it."""

    async def act(self, entry: Entry[O, M], effect: E) -> bool:
        """Carry it out; false if it waits for something that adds the object to the queue again.

        Raises ``KubeError`` for what the API server refused.
        """

    def tolerated_delay(self, entry: Entry[O, M], now: datetime) -> float:
        """Seconds for which objects that are queued later may come first."""

    def unwritten(self, entry: Entry[O, M]) -> bool:
        """Whether something was learnt that must be written down before any other object is worked on."""

    def resting(self, resource: O) -> None:
        """There is nothing to do for the object until something changes."""

    def status_refused(self, resource: O) -> None:
        """The API server refuses every status of the object, for a reason that lies in the object."""

    def forgotten(self, uid: str) -> None:
        """The object is gone, and nothing is owed."""


class Controller(Generic[O, M, E]):
    """A work queue and its workers. Used by one event loop only."""

    def __init__(
        self,
        store: Store[O, M],
        reconciler: Reconciler[O, M, E],
        gate: Gate,
        retry: Backoff,
        workers: int,
        sample: Callable[[], float],
    ) -> None:
        """``retry``: between passes that the API server, or an error of our own, cut short.

        ``workers``: so many objects are worked on at once, see ``employ``.
        """
        self._store = store
        self._reconciler = reconciler
        self._gate = gate
        self._retry = retry
        self._workers = workers
        self._hiring = asyncio.Event()
        self._sample = sample
        self.queue = WorkQueue(self._tolerated_delay)
        self._failures: dict[str, int] = {}
        self._status_writes = ObjectRateLimiter(_STATUS_BURST, _STATUS_PER_SECOND)

    def enqueue(self, uid: str) -> None:
        """Look at this object again soon."""
        self.queue.add(uid)

    def enqueue_unless_backing_off(self, uid: str) -> None:
        """Look again, unless the last pass was cut short: then it has its own time, and news does not hasten it."""
        if uid not in self._failures:
            self.enqueue(uid)

    def enqueue_all(self, uids: Iterable[str]) -> None:
        """Look at all of these again."""
        for uid in uids:
            self.enqueue(uid)

    def employ(self, workers: int) -> None:
        """Have at least so many from now on: whose calls hang must not hold up the others."""
        self._workers = max(workers, self._workers)
        self._hiring.set()

    async def run(self) -> None:
        """Work for ever."""
        employed = 0
        async with asyncio.TaskGroup() as group:
            while True:
                self._hiring.clear()
                for _ in range(self._workers - employed):
                    group.create_task(self._work())
                employed = self._workers
                await self._hiring.wait()

    async def _work(self) -> None:
        while True:
            uid = await self.queue.get()
            try:
                await self._guarded_pass(uid)
            finally:
                self.queue.done(uid)

    async def _guarded_pass(self, uid: str) -> None:
        try:
            await self._pass(uid)
            while self._unwritten(uid) and self.queue.take_again(uid):
                # Written down before anything else is sent: a crash would have it all sent again.
                await self._pass(uid)
            self._failures.pop(uid, None)
        except KubeError as error:
            METRICS.kube_errors.labels(status=str(error.status)).inc()
            self._failed(uid, f"the API server refused a request: {error}")
            entry = self._store.get(uid)
            if error.own_fault and self._failures[uid] == 1 and entry is not None:
                self._reconciler.status_refused(entry.resource)
        except Exception as error:  # noqa: BLE001 - one object must never stop the others
            # The text of an unexpected error may hold values of the object; its class does not.
            METRICS.pass_errors.labels(error=type(error).__name__).inc()
            self._failed(uid, f"a pass failed with {type(error).__name__}", error)

    def _failed(self, uid: str, text: str, error: Exception | None = None) -> None:
        count = self._failures[uid] = self._failures.get(uid, 0) + 1
        entry = self._store.get(uid)
        who = entry.resource.log_fields() if entry else {"uid": uid}
        _LOG.warning(text, extra={**who, **where(error), "failures": count})
        self._enqueue_after(uid, self._retry.delay(count, self._sample()))

    async def _pass(self, uid: str) -> None:
        entry = self._store.get(uid)
        if entry is None or (self._gate.phase is Phase.CLOSED and entry.resource.exists):
            return
        now = datetime.now(UTC)
        rule, decision = self._reconciler.decide(entry, now)
        METRICS.passes.labels(rule=rule).inc()
        match decision:
            case Forget():
                self._forget(uid)
            case _ if not self._may(decision):
                return
            case Wait(until):
                self._reconciler.resting(entry.resource)
                if until is not None:
                    self._enqueue_after(uid, until - now)
            case PatchStatus() if seconds := self._status_writes.wait(uid):
                self._enqueue_after(uid, timedelta(seconds=seconds))
            case effect:
                if await self._reconciler.act(entry, effect):
                    self.enqueue(uid)

    def _may(self, decision: object) -> bool:
        """Whether this process may do it now. One that stops only writes down what has happened."""
        phase = self._gate.phase
        records = isinstance(decision, PatchStatus) and not decision.intent
        return phase is Phase.OPEN or (phase is Phase.DRAINING and records)

    def _unwritten(self, uid: str) -> bool:
        entry = self._store.get(uid)
        return entry is not None and self._reconciler.unwritten(entry)

    def _forget(self, uid: str) -> None:
        self._store.forget(uid)
        self._failures.pop(uid, None)
        self.queue.cancel_delay(uid)
        self._reconciler.forgotten(uid)

    def _enqueue_after(self, uid: str, delay: timedelta) -> None:
        self.queue.add_after(uid, delay.total_seconds())

    def _tolerated_delay(self, uid: str) -> float:
        entry = self._store.get(uid)
        return self._reconciler.tolerated_delay(entry, datetime.now(UTC)) if entry else 0.0

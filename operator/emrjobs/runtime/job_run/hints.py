"""Turns messages of the event queue into looks: a hint means that the run is described now."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from emrjobs.adapters.event_queue import EventQueue, Message, QueueError
from emrjobs.core.job_run.hints import read_hint
from emrjobs.core.job_run.memory_updates import Moment, due
from emrjobs.core.job_run.timing import Timing
from emrjobs.runtime.gate import Gate, Phase
from emrjobs.runtime.job_run.entries import JobRunStore
from emrjobs.runtime.job_run.run_index import RunIndex
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.unexpected import note_unexpected

_LOG: Final = logging.getLogger("emrjobs.hints")
READERS: Final = 2
_FRESH_SECONDS: Final = 90.0
"""A queue that answered within this works; the poller may then take its time."""
_LONGEST_PAUSE: Final = 60.0


class Hints:
    """Reads while the gate is open, so that a standby takes no messages from the one who acts."""

    def __init__(
        self,
        queue: EventQueue,
        store: JobRunStore,
        index: RunIndex,
        gate: Gate,
        enqueue: Callable[[str], None],
        timing: Timing,
    ) -> None:
        self._queue = queue
        self._store = store
        self._index = index
        self._gate = gate
        self._enqueue = enqueue
        self._timing = timing
        self._answered_at: float | None = None

    def working(self) -> bool:
        """Whether the queue can be relied on to bring most changes."""
        return self._answered_at is not None and time.monotonic() - self._answered_at < _FRESH_SECONDS

    async def run(self) -> None:
        """Read for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(READERS):
                group.create_task(self._read())

    async def _read(self) -> None:
        pause = 1.0
        while True:
            if self._gate.phase is not Phase.OPEN:
                await asyncio.sleep(1.0)
                continue
            try:
                await self._batch()
                pause = 1.0
            except QueueError as error:
                METRICS.hints.labels(result="failed").inc()
                _LOG.warning("the event queue could not be read", extra={"code": str(error)})
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _batch(self) -> None:
        messages = await self._queue.receive()
        self._answered_at = time.monotonic()
        for message in messages:
            METRICS.hints.labels(result=self._taken(message)).inc()
        if messages:
            await self._queue.delete(messages)

    def _taken(self, message: Message) -> str:
        """Whatever the message holds, it is deleted afterwards: it would come back to the next reader."""
        try:
            return self._take(message)
        except Exception as error:  # noqa: BLE001 - one message must not end the process
            note_unexpected("a message could not be read", error)
            return "malformed"

    def _take(self, message: Message) -> str:
        hint = read_hint(message.body)
        if hint is None:
            return "malformed"
        found = [(uid, entry) for uid in self._index.uids_of(hint.run_id) if (entry := self._store.get(uid))]
        now = datetime.now(UTC)
        for uid, entry in found:
            entry.memory = due(entry.memory, Moment(now, now, 0.0, self._timing, entry.resource.generation))
            self._enqueue(uid)
        return "taken" if found else "foreign"

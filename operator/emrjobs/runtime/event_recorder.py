"""Kubernetes Events at transitions: posted in the background, dropped rather than waited for."""

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final

from emrjobs.adapters.kube import Kube, KubeError, involved
from emrjobs.core.effects import Event
from emrjobs.core.objects import ObjectReference
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.object_rate_limiter import ObjectRateLimiter
from emrjobs.runtime.unexpected import note_unexpected

_LOG: Final = logging.getLogger("emrjobs.event_recorder")
_COMPONENT: Final = "emrjobs"
_POSTERS: Final = 4
_LONGEST: Final = 1024


_BURST: Final = 25.0
_PER_SECOND: Final = 1 / 300
"""Events of one object: as client-go's event correlator lets through."""
_SHARE: Final = 0.25
"""Of the queue, for one namespace, when half of the queue is taken."""


class EventRecorder:
    """A bounded queue of events and a few posters. What is too much is dropped and counted."""

    def __init__(self, kube: Kube, longest_queue: int = 2000) -> None:
        self._kube = kube
        self._longest = longest_queue
        self._queue: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue(longest_queue)
        self._queued = Counter[str]()
        self._objects = ObjectRateLimiter(_BURST, _PER_SECOND)

    def record(self, resource: ObjectReference, event: Event) -> None:
        """Have it posted, unless its object has too many, or its namespace takes what is left for others."""
        if self._crowded(resource.namespace) or self._objects.wait(resource.uid) > 0:
            METRICS.events_dropped.inc()
            return
        self._queue.put_nowait((resource.namespace, _event(resource, event, datetime.now(UTC))))
        self._queued[resource.namespace] += 1

    def _crowded(self, namespace: str) -> bool:
        size = self._queue.qsize()
        busy = size >= self._longest / 2 and self._queued[namespace] >= self._longest * _SHARE
        return busy or size >= self._longest

    async def run(self) -> None:
        """Post for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_POSTERS):
                group.create_task(self._post())

    async def _post(self) -> None:
        while True:
            namespace, body = await self._queue.get()
            self._queued[namespace] -= 1
            if not self._queued[namespace]:
                del self._queued[namespace]
            try:
                await self._kube.create_event(namespace, body)
            except KubeError as error:
                # Refused in a namespace that is going, or the API server is away: the status says it all anyway.
                METRICS.events_dropped.inc()
                _LOG.debug("event not posted", extra={"status": error.status})
            except Exception as error:  # noqa: BLE001 - one event must never stop the others
                METRICS.events_dropped.inc()
                note_unexpected("an event could not be posted", error)
            finally:
                self._queue.task_done()

    async def drained(self) -> None:
        """Return when the queue is empty."""
        await self._queue.join()


def _event(resource: ObjectReference, event: Event, now: datetime) -> dict[str, Any]:
    moment = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "metadata": {"generateName": f"{resource.name[:200]}.", "namespace": resource.namespace},
        "involvedObject": involved(resource),
        "type": "Warning" if event.warning else "Normal",
        "reason": event.reason,
        "message": event.message[:_LONGEST],
        "firstTimestamp": moment,
        "lastTimestamp": moment,
        "count": 1,
        "source": {"component": _COMPONENT},
        "reportingComponent": _COMPONENT,
        "reportingInstance": _COMPONENT,
    }

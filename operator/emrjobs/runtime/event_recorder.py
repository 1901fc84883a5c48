"""Kubernetes Events at transitions: posted in the background, dropped rather than waited for."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any, Final

from emrjobs.adapters.kube import Kube, KubeError, involved
from emrjobs.core.effects import Event
from emrjobs.core.objects import KubernetesObject
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.unexpected import note_unexpected

_LOG: Final = logging.getLogger("emrjobs.event_recorder")
_COMPONENT: Final = "emrjobs"
_POSTERS: Final = 4
_LONGEST: Final = 1024


class EventRecorder:
    """A bounded line of events and a few posters."""

    def __init__(self, kube: Kube, longest_line: int = 2000) -> None:
        self._kube = kube
        self._line: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue(longest_line)

    def record(self, resource: KubernetesObject, event: Event) -> None:
        """Put it in the line; dropped and counted if the line is full."""
        try:
            self._line.put_nowait((resource.namespace, _event(resource, event, datetime.now(UTC))))
        except asyncio.QueueFull:
            METRICS.events_dropped.inc()

    async def run(self) -> None:
        """Post for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_POSTERS):
                group.create_task(self._post())

    async def _post(self) -> None:
        while True:
            namespace, body = await self._line.get()
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
                self._line.task_done()

    async def drained(self) -> None:
        """Return when the line is empty."""
        await self._line.join()


def _event(resource: KubernetesObject, event: Event, now: datetime) -> dict[str, Any]:
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

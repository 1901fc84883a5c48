"""Keeps the open circuits that requests met, and wakes who waits when one is gone. No I/O."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from emrjobs.core.job_run.circuit_breaker import Key, OpenCircuit, keys
from emrjobs.core.job_run.memory import Trouble
from emrjobs.core.job_run.resource import Resource

_HEAD_START: Final = timedelta(seconds=3)
"""The probe tries first; the others see what came of it."""


class CircuitBreakers:
    """By what a refusal depends on."""

    def __init__(self, wake: Callable[[str], None]) -> None:
        self._wake = wake
        self._open: dict[Key, OpenCircuit] = {}
        self._waiting: dict[Key, set[str]] = {}

    def ahead(self, resource: Resource, now: datetime) -> OpenCircuit | None:
        """What stands in this object's way and is another's to probe. The object is woken when it is gone."""
        for key in keys(resource):
            open_circuit = self._open.get(key)
            if open_circuit is not None and open_circuit.probe != resource.uid and now < open_circuit.until:
                self._waiting.setdefault(key, set()).add(resource.uid)
                return open_circuit
        return None

    def met(self, resource: Resource, trouble: Trouble) -> None:
        """The object's request was refused."""
        for key in keys(resource):
            if key[0] is not trouble.verdict:
                continue
            before = self._open.get(key)
            since = before.since if before is not None and before.until >= trouble.since else trouble.since
            self._open[key] = OpenCircuit(
                trouble.verdict, resource.uid, trouble.message, since, trouble.retry_at + _HEAD_START
            )

    def passed(self, resource: Resource) -> None:
        """The object's request was accepted: nothing stands in the way."""
        for key in keys(resource):
            if self._open.pop(key, None) is not None:
                for uid in self._waiting.pop(key, set()):
                    self._wake(uid)

"""Keeps the refusals that requests met, and wakes who waits when one is gone. No I/O."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from emrjobs.core.job_run.circuit_breaker import CircuitKey, OpenCircuit, keys
from emrjobs.core.job_run.memory import Trouble
from emrjobs.core.job_run.resource import Resource

_HEAD_START: Final = timedelta(seconds=3)
"""The probe tries first; the others see what came of it."""
_SWEEP: Final = timedelta(minutes=1)


class CircuitBreakers:
    """By what a refusal depends on. What is past its time is forgotten."""

    def __init__(self, wake: Callable[[str], None]) -> None:
        self._wake = wake
        self._open: dict[CircuitKey, OpenCircuit] = {}
        self._waiting: dict[CircuitKey, set[str]] = {}
        self._swept_at: datetime | None = None

    def __len__(self) -> int:
        return len(self._open)

    def ahead(self, resource: Resource, now: datetime) -> OpenCircuit | None:
        """What stands in this object's way and is another's to probe. The object is woken when it is gone."""
        for key in keys(resource):
            circuit = self._open.get(key)
            if circuit is not None and circuit.probe != resource.uid and now < circuit.until:
                self._waiting.setdefault(key, set()).add(resource.uid)
                return circuit
        return None

    def met(self, resource: Resource, trouble: Trouble, now: datetime) -> None:
        """The object's request was refused."""
        self._sweep(now)
        for key in keys(resource):
            if key.verdict is not trouble.verdict:
                continue
            before = self._open.get(key)
            since = before.since if before is not None and before.until >= trouble.since else trouble.since
            until = trouble.retry_at + _HEAD_START
            self._open[key] = OpenCircuit(trouble.verdict, trouble.code, resource.uid, since, until)

    def passed(self, resource: Resource) -> None:
        """The object's request was accepted: nothing stands in the way."""
        for key in keys(resource):
            if self._open.pop(key, None) is not None:
                self._wake_all(key)

    def _sweep(self, now: datetime) -> None:
        """An object that is gone or edited never says that its refusal is over. Whoever waited for it may try."""
        if self._swept_at is not None and now - self._swept_at < _SWEEP:
            return
        self._swept_at = now
        for key in [key for key, circuit in self._open.items() if circuit.until < now]:
            del self._open[key]
            self._wake_all(key)

    def _wake_all(self, key: CircuitKey) -> None:
        for uid in self._waiting.pop(key, set()):
            self._wake(uid)

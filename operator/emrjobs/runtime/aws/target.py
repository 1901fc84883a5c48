"""Everything that talks to AWS, or counts for it, in one place for each (role, Region).

Nothing here is shared between targets: what fails or slows down at one touches no other.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from emrjobs.adapters.emr_containers import EmrContainers
from emrjobs.core.failures import Failure, Operation, Verdict, judge, known
from emrjobs.core.job_run.resource import Resource
from emrjobs.core.job_run.target import NoTarget, Target, TargetKey
from emrjobs.runtime.aws.call_slots import CallSlots
from emrjobs.runtime.aws.circuit_breakers import CircuitBreakers
from emrjobs.runtime.aws.lost_runs import LostRuns
from emrjobs.runtime.aws.rate_limiter import RateLimiter
from emrjobs.runtime.aws.reservations import Reservations
from emrjobs.runtime.health import FailureStreak, Outage
from emrjobs.runtime.metrics import METRICS


@dataclass(frozen=True, slots=True)
class AwsTarget:
    """One identity in one Region."""

    key: TargetKey
    emr: EmrContainers
    rate_limiter: RateLimiter
    reservations: Reservations
    call_slots: CallSlots
    circuit_breakers: CircuitBreakers
    lost_runs: LostRuns
    health: FailureStreak
    reads: Outage
    """Of lists and describes."""

    def note(self, operation: Operation, outcome: object) -> None:
        """Count a call by its result, and slow down where AWS says so."""
        if not isinstance(outcome, Failure):
            METRICS.aws_calls.labels(operation=operation, result="ok").inc()
            return
        verdict = judge(outcome)
        METRICS.aws_calls.labels(operation=operation, result=verdict).inc()
        if not known(outcome):
            # The code is AWS's, or a proxy's: it is in the log line, and not a label that grows without end.
            METRICS.unknown_codes.labels(operation=operation, code="other").inc()
        if verdict is Verdict.THROTTLED:
            self.rate_limiter.throttled(operation)


Locate = Callable[[Resource], Target | NoTarget]
"""Says where the run of an object is."""
Connect = Callable[[TargetKey, Callable[[str], None]], AwsTarget]
"""Makes the target of a key, which wakes objects by their uids."""


class AwsTargets:
    """The registry of targets: each is made when the first object asks for it, and kept until the end."""

    def __init__(self, locate: Locate, connect: Connect, wake: Callable[[str], None]) -> None:
        """``wake`` has an object looked at again, by uid."""
        self.locate = locate
        self._connect = connect
        self._wake = wake
        self._targets: dict[TargetKey, AwsTarget] = {}
        self._running: dict[TargetKey, asyncio.Task[None]] = {}
        self._added = asyncio.Event()

    def __iter__(self) -> Iterator[AwsTarget]:
        return iter(tuple(self._targets.values()))

    def get(self, key: TargetKey) -> AwsTarget:
        """The target of that key."""
        target = self._targets.get(key)
        if target is None:
            target = self._targets[key] = self._connect(key, self._wake)
            self._added.set()
        return target

    def find(self, key: TargetKey) -> AwsTarget | None:
        """The target of that key, if it was ever asked for."""
        return self._targets.get(key)

    def of(self, resource: Resource) -> AwsTarget | None:
        """The target that the object's run belongs to. None where AWS cannot be asked about it."""
        target = self.locate(resource)
        return self.get(target.key) if isinstance(target, Target) else None

    async def run(self, parts: Callable[[AwsTarget], Iterable[Coroutine[Any, Any, None]]]) -> None:
        """Run the parts of every target, for ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._added.clear()
                for key in self._targets.keys() - self._running.keys():
                    self._running[key] = group.create_task(_all(parts(self._targets[key])))
                await self._added.wait()

    def keep(self, keys: Collection[TargetKey]) -> None:
        """Let go of all other targets: no policy names them any more. Calls under way end as they end."""
        for key in self._targets.keys() - keys:
            del self._targets[key]
            if (task := self._running.pop(key, None)) is not None:
                task.cancel()

    def over(self, uid: str) -> None:
        """The object has reached its end."""
        for target in self:
            target.lost_runs.over(uid)

    def forget(self, uid: str) -> None:
        """The object is gone."""
        self.over(uid)
        for target in self:
            target.reservations.forget(uid)

    def handed_over(self, idle: float) -> None:
        """Another process may have called AWS until so many seconds ago."""
        for target in self:
            target.rate_limiter.handed_over(idle)

    def unhealthy(self) -> str | None:
        """The problem that every target has, for readiness: while one works, the others' objects wait alone."""
        problems = [target.health.problem() for target in self]
        return None if None in problems else next(iter(problems), None)

    def too_many_lost(self) -> str | None:
        """A target where AWS denies knowing many runs, for readiness."""
        return next((problem for target in self if (problem := target.lost_runs.problem())), None)

    def close(self) -> None:
        """Take no more calls."""
        for target in self:
            target.emr.close()


async def _all(parts: Iterable[Coroutine[Any, Any, None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(part)

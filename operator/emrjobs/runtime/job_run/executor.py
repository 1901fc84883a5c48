"""Carries out one effect, and takes what came of it into the store."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, assert_never

from emrjobs.adapters.emr_containers import EmrContainers
from emrjobs.adapters.job_run.objects import resource_of
from emrjobs.adapters.kube import ConflictError, Kube, KubeError, NotFoundError
from emrjobs.api.conditions import Reason
from emrjobs.api.names import FINALIZER
from emrjobs.core.failures import Failure, Operation, Verdict, judge, known
from emrjobs.core.job_run.effects import (
    AddFinalizer,
    CancelJob,
    ConfirmLoss,
    DeleteObject,
    DescribeJob,
    Effect,
    Event,
    FindRun,
    InspectCluster,
    PatchStatus,
    RemoveFinalizer,
    ReserveStart,
    StartJob,
)
from emrjobs.core.job_run.memory_updates import (
    AwsEffect,
    Moment,
    apply_outcome,
    awaiting_reservation,
    intent_recorded,
    reservation_granted,
)
from emrjobs.core.job_run.outcomes import CancelTaken, Outcome, Seen
from emrjobs.core.job_run.timing import Timing
from emrjobs.runtime.aws.circuit_breakers import CircuitBreakers
from emrjobs.runtime.aws.lost_runs import LostRuns
from emrjobs.runtime.aws.rate_limiter import RateLimiter
from emrjobs.runtime.aws.reservations import Reservations
from emrjobs.runtime.event_recorder import EventRecorder
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.health import FailureStreak
from emrjobs.runtime.job_run.log_fields import names
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.store import Entry, Store

_LOG: Final = logging.getLogger("emrjobs.executor")

_OPERATION: Final[Mapping[type, Operation]] = {
    StartJob: Operation.START,
    CancelJob: Operation.CANCEL,
    DescribeJob: Operation.DESCRIBE,
    FindRun: Operation.LIST,
    InspectCluster: Operation.INSPECT,
    ConfirmLoss: Operation.LIST,
}

_INVALID: Final = 422
"""One object's own fault: what is stored does not fit the CRD."""
_MISFIT: Final = (
    "The API server refuses every status of this object, since what is stored does not fit the CRD; delete it and "
    "create it anew"
)
_NOBODY_SERVED: Final = frozenset({Verdict.UNREACHABLE, Verdict.CREDENTIALS})
"""Failures that every object would meet."""


@dataclass(frozen=True, slots=True)
class Executor:
    """Everything that an effect can need."""

    store: Store
    kube: Kube
    emr: EmrContainers
    rate_limiter: RateLimiter
    reservations: Reservations
    event_recorder: EventRecorder
    gate: Gate
    timing: Timing
    sample: Callable[[], float]
    lost_runs: LostRuns
    circuit_breakers: CircuitBreakers
    aws_streak: FailureStreak
    kube_streak: FailureStreak

    async def act(self, entry: Entry, effect: Effect) -> bool:
        """Do it; false if it waits for its place. Raises ``KubeError`` for what the API server did not take."""
        match effect:
            case PatchStatus():
                await self._patch_status(entry, effect)
            case AddFinalizer():
                await self._write(entry, "finalizer", self.kube.set_finalizer(entry.resource, True))
            case RemoveFinalizer():
                await self._release(entry)
            case DeleteObject():
                await self._delete(entry)
            case ReserveStart():
                return self._reserve_start(entry, effect)
            case StartJob() | CancelJob() | DescribeJob() | FindRun() | InspectCluster() | ConfirmLoss():
                return await self._call_aws(entry, effect)
            case _:
                assert_never(effect)
        return True

    async def _release(self, entry: Entry) -> None:
        """The last finalizer of a deleted object takes the object with it; the answer's version shows no change."""
        last = entry.resource.deleting and set(entry.resource.finalizers) <= {FINALIZER}
        if await self._write(entry, "finalizer", self.kube.set_finalizer(entry.resource, False)) and last:
            self.store.gone(entry.resource.uid)

    async def _patch_status(self, entry: Entry, effect: PatchStatus) -> None:
        before = entry.resource
        if not await self._write(entry, "status", self.kube.patch_status(before, effect.status)):
            return
        if effect.intent and effect.status.client_token is not None:
            token, exclusive = effect.status.client_token, self.gate.exclusive
            entry.memory = intent_recorded(entry.memory, token, exclusive=exclusive)
        if effect.status.state != before.status.state:
            change = {"state": effect.status.state, "was": before.status.state}
            _LOG.info("state changed", extra={**names(entry.resource), **change})
        if effect.event is not None:
            self.event_recorder.post(entry.resource, effect.event)

    async def _write(self, entry: Entry, kind: str, write: Awaitable[Mapping[str, Any]]) -> bool:
        """Take the answer of a guarded write into the store at once; false if the object had changed or gone."""
        METRICS.kube_writes.labels(kind=kind).inc()
        before = entry.resource
        try:
            self.store.apply(resource_of(await write, before))
        except NotFoundError:
            self.store.gone(before.uid)
            return False
        except ConflictError:
            await self._read_again(entry)
            if entry.resource is before:
                raise  # nothing had changed, so trying again at once would change nothing either
            return False
        except KubeError as error:
            if error.status != _INVALID:
                self.kube_streak.failed()
            raise
        self.kube_streak.ok()
        return True

    def tell_of_misfit(self, uid: str) -> None:
        """An event is all that an object gets whose status the API server refuses."""
        METRICS.refused_objects.inc()
        entry = self.store.get(uid)
        if entry is not None:
            self.event_recorder.post(entry.resource, Event(Reason.STATUS_REFUSED, _MISFIT, warning=True))

    async def _delete(self, entry: Entry) -> None:
        METRICS.kube_writes.labels(kind="delete").inc()
        try:
            await self.kube.delete(entry.resource)
        except NotFoundError:
            self.store.gone(entry.resource.uid)
        except ConflictError:
            await self._read_again(entry)
        else:
            self.store.gone(entry.resource.uid)

    async def _read_again(self, entry: Entry) -> None:
        """The object changed under us: what AWS told us stays in memory, the rest is decided anew."""
        METRICS.conflicts.inc()
        await self._read(entry)

    async def _read(self, entry: Entry) -> None:
        """Take in the object as it is now."""
        try:
            fresh = resource_of(await self.kube.get(entry.resource), entry.resource)
        except NotFoundError:
            self.store.gone(entry.resource.uid)
            return
        if fresh.uid != entry.resource.uid:
            self.store.gone(entry.resource.uid)
        self.store.apply(fresh)

    def _reserve_start(self, entry: Entry, effect: ReserveStart) -> bool:
        entry.memory = awaiting_reservation(entry.memory, self._moment(entry, datetime.now(UTC)))

        def come() -> None:
            entry.memory = reservation_granted(entry.memory, self._moment(entry, datetime.now(UTC)))

        self.reservations.ask(entry.resource, Operation.START, come, again=effect.again)
        return True

    async def _call_aws(self, entry: Entry, effect: AwsEffect) -> bool:
        operation = _OPERATION[type(effect)]
        # StartJobRun has its place from ReserveStart, before the finalizer was set.
        if operation is not Operation.START and not self.reservations.take(entry.resource, operation):
            return False
        if isinstance(effect, StartJob) and await self._outdated(entry, effect):
            return True
        asked_at, began = datetime.now(UTC), time.monotonic()
        outcome = await self._call(effect)
        self._note_health(entry, effect, outcome)
        METRICS.aws_seconds.labels(operation=operation).observe(time.monotonic() - began)
        self._note(entry, operation, outcome)
        entry.memory = apply_outcome(entry.memory, effect, outcome, self._moment(entry, asked_at))
        self._note_circuit(entry, effect)
        if isinstance(effect, CancelJob) and isinstance(outcome, CancelTaken) and not entry.resource.exists:
            self._tell_of_orphan(entry, effect.id)
        return True

    def _tell_of_orphan(self, entry: Entry, run_id: str) -> None:
        """The object went before its run did, by force: nothing but this says what became of the run."""
        METRICS.orphans.inc()
        _LOG.warning("cancelled a job run whose object is gone", extra={**names(entry.resource), "run": run_id})
        message = f"The object is gone; its job run {run_id} is being cancelled"
        self.event_recorder.post(entry.resource, Event(Reason.RUN_ORPHANED, message, warning=True))

    async def _outdated(self, entry: Entry, effect: StartJob) -> bool:
        """Whether the object is another by now. Asked before a request is sent that somebody else recorded.

        The one who recorded it may have taken it back, while a watch that lags still shows it to his successor.
        """
        sends = entry.memory.sends
        if sends is not None and not sends.inherited and sends.token == effect.request["clientToken"]:
            return False
        version = entry.resource.resource_version
        await self._read(entry)
        return not entry.resource.exists or entry.resource.resource_version != version

    def _note_circuit(self, entry: Entry, effect: AwsEffect) -> None:
        if not isinstance(effect, StartJob | InspectCluster):
            return
        trouble = entry.memory.start
        if trouble is None:
            self.circuit_breakers.passed(entry.resource)
        else:
            self.circuit_breakers.met(entry.resource, trouble)

    async def _call(self, effect: AwsEffect) -> Outcome:
        match effect:
            case StartJob():
                return await self.emr.start(effect, self.gate.not_after())
            case CancelJob():
                return await self.emr.cancel(effect, self.gate.not_after())
            case DescribeJob():
                return await self.emr.describe(effect)
            case FindRun():
                return await self.emr.find(effect)
            case InspectCluster():
                return await self.emr.inspect(effect)
            case ConfirmLoss():
                return await self.emr.confirm_loss(effect)

    def _note(self, entry: Entry, operation: Operation, outcome: Outcome) -> None:
        if not isinstance(outcome, Failure):
            METRICS.aws_calls.labels(operation=operation, result="ok").inc()
            return
        verdict = judge(outcome)
        METRICS.aws_calls.labels(operation=operation, result=verdict).inc()
        if not known(outcome):
            METRICS.unknown_codes.labels(operation=operation, code=outcome.code).inc()
        if verdict is Verdict.THROTTLED:
            self.rate_limiter.throttled(operation)
        facts = {"operation": str(operation), "code": outcome.code, "verdict": str(verdict)}
        _LOG.warning("AWS did not do it", extra={**names(entry.resource), **facts})

    def _note_health(self, entry: Entry, effect: AwsEffect, outcome: Outcome) -> None:
        verdict = judge(outcome) if isinstance(outcome, Failure) else None
        if verdict in _NOBODY_SERVED:
            self.aws_streak.failed()
        elif verdict is not Verdict.NOT_SENT:
            self.aws_streak.ok()
        if isinstance(outcome, Seen):
            self.lost_runs.seen(entry.resource.uid)
        elif verdict is Verdict.GONE and isinstance(effect, DescribeJob):
            self.lost_runs.denied(entry.resource.uid)

    def _moment(self, entry: Entry, asked_at: datetime) -> Moment:
        generation = entry.resource.status.submitted_generation or entry.resource.generation
        return Moment(asked_at, datetime.now(UTC), self.sample(), self.timing, generation)

"""Carries out one effect, and takes what came of it into the store."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, assert_never

from emrjobs.adapters.assumed_role import Caller
from emrjobs.adapters.emr_containers import EmrContainers
from emrjobs.api.job_run.reasons import Reason
from emrjobs.core.effects import ObjectEffect
from emrjobs.core.failures import PASSING, Failure, Operation, Verdict, judge
from emrjobs.core.job_policy.templates import Template
from emrjobs.core.job_run.effects import (
    AddFinalizer,
    AwaitPlace,
    AwsEffect,
    CancelJob,
    ConfirmLoss,
    DeleteObject,
    DescribeJob,
    Effect,
    Event,
    FindRun,
    InspectCluster,
    PatchStatus,
    ReadSpec,
    ReadTemplate,
    RemoveFinalizer,
    ReserveStart,
    StartJob,
)
from emrjobs.core.job_run.memory import Memory
from emrjobs.core.job_run.memory_updates import (
    Moment,
    apply_outcome,
    awaiting_reservation,
    intent_recorded,
    reservation_granted,
)
from emrjobs.core.job_run.outcomes import CancelTaken, Outcome, Seen
from emrjobs.core.job_run.ownership import tagged
from emrjobs.core.job_run.resource import NotJudged, Resource
from emrjobs.core.job_run.target import TargetKey
from emrjobs.core.job_run.timing import Timing
from emrjobs.core.job_run.tokens import current_token
from emrjobs.runtime.aws.target import AwsTarget, AwsTargets
from emrjobs.runtime.event_recorder import EventRecorder
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.job_run.active_runs import ActiveRuns
from emrjobs.runtime.job_run.entries import JobRunEntry
from emrjobs.runtime.metrics import METRICS
from emrjobs.runtime.object_writer import ObjectWriter, Parse

_LOG: Final = logging.getLogger("emrjobs.executor")

_OPERATION: Final[Mapping[type, Operation]] = {
    StartJob: Operation.START,
    CancelJob: Operation.CANCEL,
    DescribeJob: Operation.DESCRIBE,
    FindRun: Operation.LIST,
    InspectCluster: Operation.INSPECT,
    ConfirmLoss: Operation.LIST,
    ReadTemplate: Operation.READ_TEMPLATE,
}

_NOBODY_SERVED: Final = frozenset({Verdict.UNREACHABLE, Verdict.CREDENTIALS})
"""Failures that every object would meet."""


@dataclass(frozen=True, slots=True)
class Executor:
    """Everything that an effect can need."""

    writer: ObjectWriter[Resource, Memory]
    targets: AwsTargets
    event_recorder: EventRecorder
    gate: Gate
    timing: Timing
    sample: Callable[[], float]
    parse_whole: Parse[Resource]
    """Reads what the user wrote, whatever policies have supplied, and keeps all of it."""
    active_runs: ActiveRuns
    template_read: Callable[[TargetKey, Template], None]
    """Told of each job template that was read."""
    installation: str | None = None
    """The tag of every run's owner, see ``tagged``."""

    async def act(self, entry: JobRunEntry, effect: Effect) -> bool:
        """Do it; false if it waits for the rate limiter. Raises ``KubeError`` for what the API server refused."""
        match effect:
            case PatchStatus() | AddFinalizer() | RemoveFinalizer() | DeleteObject():
                await self._write(entry, effect)
            case ReadSpec():
                await self.writer.read(entry, self._with_whole_spec)
            case AwaitPlace():
                self.active_runs.ask(entry.resource, effect.policy)
            case ReserveStart():
                return self._reserve_start(entry, effect)
            case (
                StartJob() | CancelJob() | DescribeJob() | FindRun() | InspectCluster() | ConfirmLoss() | ReadTemplate()
            ):
                return await self._call_aws(entry, effect)
            case _:
                assert_never(effect)
        return True

    async def _write(self, entry: JobRunEntry, effect: ObjectEffect) -> None:
        before = entry.resource.status.state
        if not await self.writer.write(entry, effect) or not isinstance(effect, PatchStatus):
            return
        if effect.intent and effect.status.client_token is not None:
            token, exclusive = effect.status.client_token, self.gate.exclusive
            entry.memory = intent_recorded(entry.memory, token, exclusive=exclusive)
        if effect.status.state != before:
            _LOG.info(
                "state changed", extra={**entry.resource.log_fields(), "state": effect.status.state, "was": before}
            )

    def _reserve_start(self, entry: JobRunEntry, effect: ReserveStart) -> bool:
        entry.memory = awaiting_reservation(entry.memory, self._moment(entry, datetime.now(UTC)))

        def come() -> None:
            entry.memory = reservation_granted(entry.memory, self._moment(entry, datetime.now(UTC)))

        target = self.targets.of(entry.resource)
        if target is not None:
            target.reservations.ask(entry.resource, Operation.START, come, again=effect.again)
        return True

    async def _call_aws(self, entry: JobRunEntry, effect: AwsEffect) -> bool:
        operation, target = _OPERATION[type(effect)], self.targets.of(entry.resource)
        if target is None:
            # The policies have changed since this was decided.
            return True
        if not target.call_slots.free(entry.resource.uid):
            return False
        # StartJobRun has its reservation from ReserveStart, before the finalizer was set.
        if operation is not Operation.START and not target.reservations.take(
            entry.resource, operation, partial(_still_asks, entry, effect)
        ):
            return False
        with target.call_slots.taken():
            if isinstance(effect, StartJob) and await self._outdated(entry, effect):
                return True
            asked_at, began = datetime.now(UTC), time.monotonic()
            outcome = await self._call(entry, target.emr, effect)
        METRICS.aws_seconds.labels(operation=operation).observe(time.monotonic() - began)
        _note_health(target, entry, effect, outcome)
        target.note(operation, outcome)
        _log_failure(entry, operation, outcome)
        entry.memory = apply_outcome(entry.memory, effect, outcome, self._moment(entry, asked_at))
        _note_circuit(target, entry, effect)
        if isinstance(outcome, Template):
            self.template_read(target.key, outcome)
        if isinstance(effect, CancelJob) and isinstance(outcome, CancelTaken) and not entry.resource.exists:
            self._tell_of_orphan(entry, effect.id)
        return True

    def _tell_of_orphan(self, entry: JobRunEntry, run_id: str) -> None:
        """The object went before its run did, by force: nothing but this says what became of the run."""
        METRICS.orphans.inc()
        _LOG.warning("cancelled a job run whose object is gone", extra={**entry.resource.log_fields(), "run": run_id})
        message = f"The object is gone; its job run {run_id} is being cancelled"
        self.event_recorder.record(entry.resource, Event(Reason.RUN_ORPHANED, message, warning=True))

    async def _outdated(self, entry: JobRunEntry, effect: StartJob) -> bool:
        """Whether the object is another by now. Asked before a request is sent that somebody else recorded.

        The one who recorded it may have taken it back, while a watch that lags still shows it to his successor.
        """
        sends = entry.memory.sends
        if sends is not None and not sends.inherited and sends.token == effect.request["clientToken"]:
            return False
        version = entry.resource.resource_version
        await self.writer.read(entry)
        return not entry.resource.exists or entry.resource.resource_version != version

    async def _call(self, entry: JobRunEntry, emr: EmrContainers, effect: AwsEffect) -> Outcome:
        match effect:
            case StartJob():
                return await emr.start(self._tagged(entry, effect), self.gate.not_after(), _caller(entry))
            case CancelJob():
                return await emr.cancel(effect, self.gate.not_after(), _caller(entry))
            case DescribeJob():
                return await emr.describe(effect)
            case FindRun():
                return await emr.find(effect)
            case InspectCluster():
                return await emr.inspect(effect)
            case ConfirmLoss():
                return await emr.confirm_loss(effect)
            case ReadTemplate():
                return await emr.read_template(effect)

    def _tagged(self, entry: JobRunEntry, effect: StartJob) -> StartJob:
        return replace(effect, request=tagged(effect.request, entry.resource, self.installation))

    def _with_whole_spec(self, raw: Mapping[str, Any], _: Resource | None) -> Resource:
        return self.parse_whole(raw, None)

    def _moment(self, entry: JobRunEntry, asked_at: datetime) -> Moment:
        resource = entry.resource
        generation = resource.status.submitted_generation or resource.generation
        token = current_token(resource.uid, resource.status)
        return Moment(asked_at, datetime.now(UTC), self.sample(), self.timing, generation, token)


def _still_asks(entry: JobRunEntry, effect: AwsEffect) -> bool:
    """Whether a place in the rate limit is of use. What one object has read, all others know."""
    admission = entry.resource.admission
    needed = isinstance(admission, NotJudged) and admission.template is not None
    return needed or not isinstance(effect, ReadTemplate)


def _caller(entry: JobRunEntry) -> Caller | None:
    """For whom the session with AWS is: nobody where no policy allowed the run."""
    policy = entry.resource.status.policy
    return Caller(entry.resource.namespace, policy.name) if policy is not None else None


def _note_circuit(target: AwsTarget, entry: JobRunEntry, effect: AwsEffect) -> None:
    if not isinstance(effect, StartJob | InspectCluster):
        return
    trouble = entry.memory.start
    if trouble is None:
        target.circuit_breakers.passed(entry.resource)
    else:
        target.circuit_breakers.met(entry.resource, trouble, datetime.now(UTC))


def _log_failure(entry: JobRunEntry, operation: Operation, outcome: Outcome) -> None:
    if isinstance(outcome, Failure):
        facts = {"operation": str(operation), "code": outcome.code, "verdict": str(judge(outcome))}
        _LOG.warning("AWS did not do it", extra={**entry.resource.log_fields(), **facts})


def _note_health(target: AwsTarget, entry: JobRunEntry, effect: AwsEffect, outcome: Outcome) -> None:
    verdict = judge(outcome) if isinstance(outcome, Failure) else None
    if verdict in _NOBODY_SERVED:
        target.health.failed()
    elif verdict is not Verdict.NOT_SENT:
        target.health.ok()
    if isinstance(outcome, Seen):
        target.reads.ok()
        target.lost_runs.seen(entry.resource.uid)
    elif verdict in PASSING and isinstance(effect, DescribeJob):
        target.reads.failed()
    elif verdict is Verdict.GONE and isinstance(effect, DescribeJob):
        target.lost_runs.denied(entry.resource.uid)

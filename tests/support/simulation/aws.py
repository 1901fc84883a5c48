"""EMR on EKS in a few lines and without time of its own: tokens, lives, late requests, lagging lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Failure, Operation
from emrjobs.core.job_run.effects import (
    AwsEffect,
    CancelJob,
    ConfirmLoss,
    DescribeJob,
    FindRun,
    InspectCluster,
    ReadTemplate,
    StartJob,
)
from emrjobs.core.job_run.outcomes import CancelTaken, ClusterView, Found, LossChecked, Outcome, Seen, Started
from emrjobs.core.job_run.runs import TERMINAL, JobRun
from tests.support.simulation.faults import Fault

OPERATIONS: Final[Mapping[type, Operation]] = {
    StartJob: Operation.START,
    CancelJob: Operation.CANCEL,
    DescribeJob: Operation.DESCRIBE,
    FindRun: Operation.LIST,
    InspectCluster: Operation.INSPECT,
    ConfirmLoss: Operation.LIST,
}


@dataclass(frozen=True, slots=True)
class Life:
    """How a run goes if nobody cancels it, and how it takes being cancelled."""

    pending: timedelta = timedelta(seconds=3)
    submitted: timedelta = timedelta(seconds=5)
    running: timedelta = timedelta(seconds=30)
    ends: tuple[str, ...] = ("COMPLETED",)
    """How the first run ends, the second, and so on: COMPLETED, or a failureReason; the last holds for all others."""
    cancelling: timedelta = timedelta(seconds=10)
    list_lag: timedelta = timedelta(seconds=5)


@dataclass(slots=True)
class Run:
    """One job run, whatever became of its record."""

    id: str
    request: Mapping[str, Any]
    created_at: datetime
    life: Life
    end: str
    cancelled_at: datetime | None = None
    forgotten: bool = False

    @property
    def token(self) -> str:
        return str(self.request["clientToken"])

    @property
    def _outcome(self) -> State:
        return State.COMPLETED if self.end == State.COMPLETED else State.FAILED

    @property
    def _natural_end(self) -> datetime:
        return self.created_at + self.life.pending + self.life.submitted + self.life.running

    @property
    def ends_at(self) -> datetime:
        """A run that would end sooner than its cancellation takes ends by itself."""
        if self.cancelled_at is None:
            return self._natural_end
        return min(self._natural_end, self.cancelled_at + self.life.cancelling)

    def state(self, now: datetime) -> State:
        if now >= self.ends_at:
            return self._outcome if self.ends_at == self._natural_end else State.CANCELLED
        if self.cancelled_at is not None:
            return State.CANCEL_PENDING
        age = now - self.created_at
        if age < self.life.pending:
            return State.PENDING
        return State.SUBMITTED if age < self.life.pending + self.life.submitted else State.RUNNING

    def alive(self, now: datetime) -> bool:
        """Whether it runs, or will run, without anybody having asked it to stop."""
        return self.state(now) not in TERMINAL

    def shown(self, now: datetime) -> JobRun:
        state = self.state(now)
        ended = state in TERMINAL
        return JobRun(
            id=self.id,
            state=state,
            arn=f"arn:aws:emr-containers:eu-west-1:123456789012:/virtualclusters/x/jobruns/{self.id}",
            name=self.request["name"],
            virtual_cluster_id=self.request["virtualClusterId"],
            client_token=self.token,
            failure_reason=self.end if state is State.FAILED else None,
            state_details="JobRun CANCELLED successfully." if state is State.CANCELLED else None,
            created_at=self.created_at,
            finished_at=self.ends_at if ended else None,
            request={m: self.request[m] for m in ("executionRoleArn", "releaseLabel") if m in self.request},
        )


@dataclass(slots=True)
class ModelAws:
    """The service. It knows a token by (token, virtual cluster), the less friendly of the possible readings."""

    life: Life
    runs: list[Run] = field(default_factory=list)
    on_their_way: list[tuple[datetime, StartJob]] = field(default_factory=list)

    def call(self, effect: AwsEffect, fault: Fault, now: datetime) -> Outcome:
        if fault.happens and fault.late:
            assert isinstance(effect, StartJob)
            self.on_their_way.append((now + fault.late, effect))
        answer = self._do(effect, now) if fault.happens and not fault.late else None
        failure = fault.failure(OPERATIONS[type(effect)])
        if isinstance(answer, Failure):
            return answer if failure is None else failure
        return failure or answer or Failure(OPERATIONS[type(effect)], "AnswerLost")

    def tick(self, now: datetime) -> None:
        """Accept what was on its way long enough."""
        for at, effect in [*self.on_their_way]:
            if at <= now:
                self.on_their_way.remove((at, effect))
                self._do(effect, at)

    @property
    def to_come(self) -> bool:
        """Whether a request on its way would start a run that is not there yet."""
        return any(self._known(effect.request) is None for _, effect in self.on_their_way)

    def forget(self, run_id: str | None) -> None:
        """Drop the record of a run."""
        for run in self.runs:
            run.forgotten = run.forgotten or run.id == run_id

    def listed(self, now: datetime) -> list[JobRun]:
        """The runs that have not ended, as lists show them: as they were a while ago."""
        then = [(run, now - run.life.list_lag) for run in self.runs if not run.forgotten]
        return [run.shown(at) for run, at in then if run.created_at <= at and run.alive(at)]

    def _do(self, effect: AwsEffect, now: datetime) -> Outcome:
        match effect:
            case StartJob():
                return self._start(effect.request, now)
            case CancelJob():
                return self._cancel(effect, now)
            case DescribeJob():
                run = self._record(effect.id, effect.virtual_cluster_id)
                return Seen(run.shown(now)) if run else _unknown(Operation.DESCRIBE)
            case FindRun():
                return Found(self._find(effect, now))
            case InspectCluster():
                return ClusterView("RUNNING", queue_full=False)
            case ConfirmLoss():
                return LossChecked(right_endpoint=True)
            case ReadTemplate():
                raise AssertionError("no policy judges templates here")
            case _:
                assert_never(effect)

    def _start(self, request: Mapping[str, Any], now: datetime) -> Started:
        run = self._known(request)
        if run is None:
            end = self.life.ends[min(len(self.runs), len(self.life.ends) - 1)]
            run = Run(f"run{len(self.runs)}", dict(request), now, self.life, end)
            self.runs.append(run)
        return Started(run.id, run.shown(now).arn, run.request["name"])

    def _known(self, request: Mapping[str, Any]) -> Run | None:
        key = (request["clientToken"], request["virtualClusterId"])
        return next((run for run in self.runs if (run.token, run.request["virtualClusterId"]) == key), None)

    def _cancel(self, effect: CancelJob, now: datetime) -> CancelTaken | Failure:
        run = self._record(effect.id, effect.virtual_cluster_id)
        if run is None:
            return Failure(Operation.CANCEL, "ValidationException", f"Job run {effect.id} doesn't exist.")
        if not run.alive(now):
            text = f"Job run {effect.id} is not in a cancellable state"
            return Failure(Operation.CANCEL, "ValidationException", text)
        run.cancelled_at = run.cancelled_at or now
        return CancelTaken()

    def _find(self, effect: FindRun, now: datetime) -> JobRun | None:
        for run in self.runs:
            listed = run.created_at + run.life.list_lag <= now and run.created_at >= effect.created_after
            here = run.request["virtualClusterId"] == effect.virtual_cluster_id and not run.forgotten
            if listed and here and run.request["name"] == effect.name and run.token == effect.client_token:
                return run.shown(now)
        return None

    def _record(self, run_id: str, cluster: str) -> Run | None:
        found = next((run for run in self.runs if run.id == run_id and not run.forgotten), None)
        return found if found and found.request["virtualClusterId"] == cluster else None


def _unknown(operation: Operation) -> Failure:
    return Failure(operation, "ResourceNotFoundException", "Job run doesn't exist.")

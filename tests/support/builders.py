"""Worlds for decisions, in plain words: ``a_run().submitted().deleting().running().observe()``.

A world that cannot be is refused: a test of it would prove nothing.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from emrjobs.api.job_run.kind import FINALIZER
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.spec import EmrJobRunSpec
from emrjobs.api.job_run.status import Cancellation, EmrJobRunStatus, State
from emrjobs.core.failures import REFUSALS, Verdict
from emrjobs.core.job_run.circuit_breaker import OpenCircuit
from emrjobs.core.job_run.conditions import Situation
from emrjobs.core.job_run.large_spec import outline
from emrjobs.core.job_run.lifecycle import Lifecycle
from emrjobs.core.job_run.memory import Memory, Sends, Trouble
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.parsing import parse_spec
from emrjobs.core.job_run.reporting import report
from emrjobs.core.job_run.resource import Resource
from emrjobs.core.job_run.rules.completion import status_after
from emrjobs.core.job_run.runs import TERMINAL, JobRun, ObservedRun, Source
from emrjobs.core.job_run.timing import Timing
from emrjobs.core.job_run.tokens import client_token
from emrjobs.core.parsing import SpecProblem
from tests.support.impossible import impossible

NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
UID: Final = "8c1b8a2e-5a3f-4f5e-9d59-2f6f2a9f6c11"
RUN_ID: Final = "0000000abcdef0123456"
CLUSTER: Final = "0b0example0cluster0one"
ROLE: Final = "arn:aws:iam::123456789012:role/job"
TIMING: Final = Timing()
OTHERS: Final = "example.com/other"
"""Another controller's finalizer."""

_SPEC: Final = {
    "virtualClusterId": CLUSTER,
    "executionRoleArn": ROLE,
    "releaseLabel": "emr-7.9.0-latest",
    "jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "s3://b/job.py"}},
}
_SITUATIONS: Final = {
    State.COMPLETED: Situation.COMPLETE,
    State.FAILED: Situation.FAILED,
    State.CANCELLED: Situation.FAILED,
    State.LOST: Situation.FAILED,
    State.REJECTED: Situation.REFUSED,
    State.SUSPENDED: Situation.SUSPENDED,
}


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


_NOTHING: Final = Memory()


class ImpossibleWorldError(Exception):
    """No API server and no operator could have brought this about."""


@dataclass(frozen=True, slots=True)
class World:
    """An object and what is known besides. Every method gives another world."""

    now: datetime
    resource: Resource
    memory: Memory = _NOTHING
    open_circuit: OpenCircuit | None = None
    believable: bool = True

    def observe(self) -> Observation:
        """The world as the rules see it. Raises ``ImpossibleWorldError``."""
        seen = Observation(
            self.now, self.resource, self.memory, TIMING, self.open_circuit, denials_believable=self.believable
        )
        for why in impossible(seen):
            raise ImpossibleWorldError(why)
        return seen

    @property
    def status(self) -> EmrJobRunStatus:
        return self.resource.status

    # ---- the object

    def having(self, **changes: Any) -> Self:
        """Other members of the resource."""
        return replace(self, resource=replace(self.resource, **changes))

    def with_members(self, **members: Any) -> Self:
        """Members of the spec that act on the run's life, by their names on the wire."""
        spec = {**_SPEC, **members}
        return self.having(spec=parse_spec(spec), lifecycle=Lifecycle.read(spec))

    def retained(self) -> Self:
        return self.with_members(deletionPolicy="Retain")

    def unreadable(self) -> Self:
        return self.having(spec=parse_spec({**_SPEC, "releaseLabel": 7}))

    def outlined(self) -> Self:
        """Only an outline of the spec is kept."""
        spec = self.resource.spec
        assert isinstance(spec, EmrJobRunSpec)
        return self.having(spec=outline(spec, self.resource.name))

    def edited(self) -> Self:
        """A newer generation."""
        return self.having(generation=self.resource.generation + 1)

    def with_finalizer(self) -> Self:
        return self.having(finalizers=(*self.resource.finalizers, FINALIZER))

    def with_foreign_finalizer(self) -> Self:
        return self.having(finalizers=(*self.resource.finalizers, OTHERS))

    def deleting(self, ago: float = 0) -> Self:
        return self.edited().having(deleting_since=self.now - seconds(ago))

    def gone(self) -> Self:
        return self.having(exists=False)

    def later(self, after: float) -> Self:
        return replace(self, now=self.now + seconds(after))

    # ---- its status

    def saying(self, **changes: Any) -> Self:
        """Other members of the status, by their Python names."""
        return self.having(status=self.status.model_copy(update=changes))

    def shown(self, state: str, reason: Reason, message: str = "so", **changes: Any) -> Self:
        """Reported in that state, for the present generation."""
        seen = Observation(self.now, self.resource, self.memory, TIMING)
        situation = _SITUATIONS.get(State(state), Situation.ACTIVE)
        return self.having(status=report(seen, situation, state, reason, message, **changes))

    def queued(self, reason: Reason = Reason.QUEUED, message: str = "so") -> Self:
        return self.shown(State.QUEUED, reason, message, wanted_since=self.resource.created_at)

    def rejected(self, reason: Reason = Reason.REQUEST_REFUSED) -> Self:
        return self.shown(State.REJECTED, reason, wanted_since=self.resource.created_at)

    def intended(self, ago: float = 0, attempt: int = 1, *, shown: bool = True) -> Self:
        """The intent is recorded, by somebody."""
        intent: dict[str, Any] = {
            "client_token": client_token(UID, attempt),
            "attempt": attempt,
            "name": "job",
            "virtual_cluster_id": CLUSTER,
            "submitted_generation": self.resource.generation,
            "submission_started_at": self.now - seconds(ago),
            "wanted_since": self.resource.created_at,
        }
        text = f"The request is being sent to virtual cluster {CLUSTER}"
        world = self.shown(State.SUBMITTING, Reason.SUBMITTING, text) if shown else self
        return world.saying(**intent)

    def submitted(self, state: str = State.PENDING, reason: Reason = Reason.ACCEPTED) -> Self:
        world = self if self.status.client_token else self.intended(ago=60)
        arn = f"arn:aws:emr-containers:eu-west-1:123456789012:/virtualclusters/{CLUSTER}/jobruns/{RUN_ID}"
        shown = world.shown(state, reason, id=RUN_ID, arn=arn, created_at=self.now - seconds(59))
        return shown.remembering(confirmed_run=RUN_ID)

    def unconfirmed(self) -> Self:
        """Only the status says that the run is this object's."""
        return self.remembering(confirmed_run=None)

    def running(self) -> Self:
        return self.submitted(State.RUNNING, Reason.RUNNING).saying(started_at=self.now - seconds(30))

    def ended(self, state: str = State.COMPLETED, reason: Reason = Reason.COMPLETED) -> Self:
        return self.submitted(state, reason).saying(finished_at=self.now - seconds(1))

    def failed_once(self) -> Self:
        """Between attempts, with the back-off over."""
        world = self.submitted(State.QUEUED, Reason.RESUBMITTING)
        return world.saying(finished_at=self.now - timedelta(hours=1), resubmissions=1, failure_reason="INTERNAL_ERROR")

    def suspended(self) -> Self:
        return self.with_members(suspend=True).shown(State.SUSPENDED, Reason.SUSPENDED)

    def cancelling(self, reason: Reason = Reason.DELETED, ago: float = 0) -> Self:
        attempt = self.status.attempt or 1
        asked = Cancellation(reason=reason, requested_at=self.now - seconds(ago), attempt=attempt)
        return self.saying(cancellation=asked)

    # ---- what the process remembers

    def remembering(self, **changes: Any) -> Self:
        return replace(self, memory=replace(self.memory, **changes))

    def with_reservation(self) -> Self:
        return self.remembering(reserved_until=self.now + seconds(20))

    def awaiting_reservation(self, ago: float = 0) -> Self:
        return self.remembering(waiting_since=self.now - seconds(ago))

    def sent(self, made: int = 1, doubtful: int = 0, *, inherited: bool = False, ago: float = 1) -> Self:
        token = self.status.client_token or client_token(UID, 1)
        latest = self.now - seconds(ago) if made else None
        return self.remembering(sends=Sends(token, made, doubtful, inherited, latest))

    def met(self, verdict: Verdict, count: int = 1, retry_in: float = 30, since: float = 0) -> Self:
        """The newest send failed."""
        trouble = Trouble(
            verdict, "Code", "AWS's words", count, self.now - seconds(since), self.now + seconds(retry_in)
        )
        generation = self.status.submitted_generation or self.resource.generation
        return self.remembering(start=trouble, refused_generation=generation if verdict in REFUSALS else None)

    def seen(self, state: str, ago: float = 0, source: Source = Source.DESCRIBE, **record: Any) -> Self:
        """AWS showed the run."""
        at = self.now - seconds(ago)
        ended = at if state in TERMINAL else None
        facts = {
            "created_at": self.status.created_at,
            "finished_at": ended,
            "client_token": self.status.client_token,
            **record,
        }
        run = JobRun(id=RUN_ID, state=state, **facts)
        return self.remembering(observed_run=ObservedRun(run, at, source), look_at=self.now + seconds(30))

    def noted(self) -> Self:
        """What was seen stands in the status."""
        observed_run = self.memory.observed_run
        if observed_run is None:
            raise ImpossibleWorldError("nothing was seen that could be noted")
        return self.having(status=status_after(self.observe(), observed_run))

    def behind_probe(self, verdict: Verdict, for_seconds: float = 60, since: float = 0) -> Self:
        """Another object probes what stands in the way."""
        until = self.now + seconds(for_seconds)
        return replace(self, open_circuit=OpenCircuit(verdict, "Code", "another", self.now - seconds(since), until))


def a_run() -> World:
    """A new object that wants to run and asks for nothing else."""
    resource = Resource(
        uid=UID,
        namespace="team-a",
        name="job",
        resource_version="1",
        generation=1,
        spec=_readable(),
        lifecycle=Lifecycle.read(_SPEC),
        status=EmrJobRunStatus(),
        created_at=NOON - timedelta(minutes=5),
    )
    return World(NOON, resource)


def _readable() -> EmrJobRunSpec:
    spec = parse_spec(_SPEC)
    assert not isinstance(spec, SpecProblem)
    return spec

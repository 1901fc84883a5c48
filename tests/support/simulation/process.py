"""An operator process without I/O: a store, a memory, a timer, and passes that carry out what is decided."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from emrjobs.adapters.job_run.objects import resource_of
from emrjobs.core.failures import Operation
from emrjobs.core.job_run.circuit_breaker import OpenCircuit
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import (
    AddFinalizer,
    AwsEffect,
    CancelJob,
    ConfirmLoss,
    Decision,
    DeleteObject,
    DescribeJob,
    Effect,
    FindRun,
    Forget,
    InspectCluster,
    PatchStatus,
    ReadSpec,
    RemoveFinalizer,
    ReserveStart,
    StartJob,
    Wait,
)
from emrjobs.core.job_run.memory_updates import (
    Moment,
    apply_outcome,
    awaiting_reservation,
    due,
    intent_recorded,
    new_term,
    reservation_granted,
)
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.timing import Timing
from emrjobs.core.job_run.tokens import current_token
from emrjobs.runtime.job_run.entries import JobRunEntry, JobRunStore
from emrjobs.runtime.job_run.run_index import RunIndex
from tests.support.parts import TARGET, a_run_index, a_store
from tests.support.simulation.aws import OPERATIONS, ModelAws
from tests.support.simulation.cluster import UID, Conflict, Gone, ModelCluster, NoAnswer
from tests.support.simulation.faults import WRITE, Tape
from tests.support.simulation.lists import after_list

TIMING: Final = Timing()
_FOR_EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
_AFTER_NO_ANSWER: Final = timedelta(seconds=1)


class Crash(Exception):
    """The process dies here."""


@dataclass(slots=True)
class Done:
    """One pass, for whoever judges it."""

    rule: str
    seen: Observation
    decision: Decision


@dataclass(slots=True)
class Process:
    """``lag``: how long the watch takes to show a change; ``queue``: how long a place in the rate limit takes;
    ``lists``: whether runs are followed by lists, or each by itself; ``alone``: whether a Lease, or being the only
    one, keeps others from sending under an intent of ours."""

    cluster: ModelCluster
    aws: ModelAws
    tape: Tape
    lag: timedelta
    queue: timedelta
    lists: bool
    alone: bool = True
    leads: bool = True
    index: RunIndex = field(default_factory=a_run_index)
    store: JobRunStore = field(init=False)
    dirty: bool = False
    timer: datetime | None = None
    turn_at: datetime | None = None
    poll_at: datetime | None = None
    shown: int = 0
    changes_at: dict[int, datetime] = field(default_factory=dict)
    dies_in_next_effect: bool = False
    open_circuit: OpenCircuit | None = None

    def __post_init__(self) -> None:
        self.store = a_store(self.index)

    def restart(self) -> None:
        """Lose everything but what the API server has."""
        self.index = a_run_index()
        self.store = a_store(self.index)
        self.timer = self.turn_at = self.poll_at = None
        self.shown = len(self.cluster.history)
        self.dies_in_next_effect = False
        if self.cluster.current is not None:
            self.store.apply(self.cluster.current)
        self.dirty = True

    def doom(self) -> None:
        """It will die in its next effect."""
        self.dies_in_next_effect = True

    def lead(self) -> None:
        """Begin to act, as the next holder of the Lease."""
        self.leads = True
        self.store.renew_memories(new_term)
        self.dirty = True

    def watch(self, now: datetime) -> None:
        """Take in the changes whose time has come."""
        for number in range(self.shown, len(self.cluster.history)):
            self.changes_at.setdefault(number, now + self.lag)
        for number in range(self.shown, len(self.cluster.history)):
            if self.changes_at[number] > now:
                return
            raw = self.cluster.history[number]
            known = self.store.get(UID)
            changed = (
                self.store.gone(UID)
                if raw is None
                else self.store.apply(resource_of(raw, known.resource if known else None))
            )
            self.dirty = self.dirty or changed
            self.shown = number + 1

    def ring(self, now: datetime) -> None:
        """See whether a time has come."""
        if self.turn_at is not None and self.turn_at <= now:
            self.turn_at = None
            self._turn_come(now)
        if self.timer is not None and self.timer <= now:
            self.timer, self.dirty = None, True
        if self.leads:
            self._poll(now)

    @property
    def next_at(self) -> datetime | None:
        """When there will be something to see or, for a leader, to do."""
        coming = [self.changes_at[n] for n in range(self.shown, len(self.cluster.history)) if n in self.changes_at]
        own = (self.timer, self.turn_at, self.poll_at) if self.leads else ()
        times = [at for at in (*own, *coming) if at is not None]
        return min(times) if times else None

    def run_pass(self, now: datetime) -> Done | None:
        """Observe, decide, act once. The controller and the executor do the same, with I/O."""
        self.dirty = False
        entry = self.store.get(UID)
        if entry is None:
            return None
        seen = Observation(now, entry.resource, entry.memory, TIMING, self._ahead(entry, now))
        rule, decision = decide(seen)
        match decision:
            case Forget():
                self.store.forget(UID)
                self.timer = None
            case Wait():
                assert decision.until is None or decision.until > now, f"{rule} waits for the past"
                if decision.until is not None and decision.until < _FOR_EVER:
                    self.timer = decision.until
            case _:
                self._guarded(entry, decision, now)
        return Done(rule, seen, decision)

    def _ahead(self, entry: JobRunEntry, now: datetime) -> OpenCircuit | None:
        status = entry.resource.status
        open_circuit = self.open_circuit if status.id is None or status.between_attempts else None
        return open_circuit if open_circuit is not None and now < open_circuit.until else None

    def _poll(self, now: datetime) -> None:
        """As the poller of a virtual cluster does while it has active runs of ours."""
        if not self.index.clusters(TARGET):
            self.poll_at = None
            return
        self.poll_at = self.poll_at or now + TIMING.poll.first
        if self.poll_at > now:
            return
        self.poll_at = now + TIMING.poll.first
        entry = self.store.get(UID)
        if entry is None:
            return
        moment = self._moment(entry, now, now)
        if not self.lists:
            entry.memory, self.dirty = due(entry.memory, moment), True
            return
        if self.tape.next(Operation.LIST).code is None:
            entry.memory, self.dirty = after_list(entry, self.aws.listed(moment.now), moment), True

    def _guarded(self, entry: JobRunEntry, effect: Effect, now: datetime) -> None:
        try:
            self._act(entry, effect, now)
            self.dirty = True
        except NoAnswer:
            self.timer = now + _AFTER_NO_ANSWER
        except Crash:
            self.restart()

    def _act(self, entry: JobRunEntry, effect: Effect, now: datetime) -> None:
        match effect:
            case PatchStatus():
                self._patch_status(entry, effect)
            case AddFinalizer() | RemoveFinalizer():
                self._write(entry, effect)
                if self.cluster.raw is None:
                    self.store.gone(UID)
            case DeleteObject():
                self._delete(entry, now)
            case ReadSpec():
                self._read_spec(entry)
            case ReserveStart():
                entry.memory = awaiting_reservation(entry.memory, self._moment(entry, now, now))
                self.turn_at = self.turn_at or now + self.queue
            case StartJob() | CancelJob() | DescribeJob() | FindRun() | InspectCluster() | ConfirmLoss():
                self._call(entry, effect, now)
            case _:
                raise AssertionError("no policy limits active runs here")

    def _patch_status(self, entry: JobRunEntry, effect: PatchStatus) -> None:
        written, token = self._write(entry, effect), effect.status.client_token
        if written and effect.intent and token and self.alone:
            entry.memory = intent_recorded(entry.memory, token)

    def _read_spec(self, entry: JobRunEntry) -> None:
        if self.cluster.raw is None:
            self.store.gone(UID)
        else:
            entry.resource = resource_of(self.cluster.raw, whole_spec=True)

    def _write(self, entry: JobRunEntry, effect: PatchStatus | AddFinalizer | RemoveFinalizer) -> bool:
        seen, fault = entry.resource, self.tape.next(WRITE)
        try:
            if isinstance(effect, PatchStatus):
                answer = self.cluster.patch_status(seen, effect.status, fault)
            else:
                answer = self.cluster.set_finalizer(seen, isinstance(effect, AddFinalizer), fault)
        except Gone:
            self.store.gone(UID)
            return False
        except Conflict:
            self._read_again()
            return False
        self._perhaps_die()
        self.store.apply(answer)
        return True

    def _delete(self, entry: JobRunEntry, now: datetime) -> None:
        try:
            self.cluster.delete_version(entry.resource, self.tape.next(WRITE), now)
        except Conflict:
            self._read_again()
        except Gone:
            self.store.gone(UID)
        else:
            self._perhaps_die()
            self.store.gone(UID)

    def _read_again(self) -> None:
        fresh = self.cluster.current
        if fresh is None:
            self.store.gone(UID)
        else:
            self.store.apply(fresh)

    def _call(self, entry: JobRunEntry, effect: AwsEffect, now: datetime) -> None:
        if isinstance(effect, StartJob) and self._outdated(entry, effect):
            return
        outcome = self.aws.call(effect, self.tape.next(OPERATIONS[type(effect)]), now)
        self._perhaps_die()
        entry.memory = apply_outcome(entry.memory, effect, outcome, self._moment(entry, now, now))

    def _outdated(self, entry: JobRunEntry, effect: StartJob) -> bool:
        """A request that somebody else recorded is sent only for the object as it is now."""
        sends = entry.memory.sends
        if sends is not None and not sends.inherited and sends.token == effect.request["clientToken"]:
            return False
        version = entry.resource.resource_version
        self._read_again()
        return not entry.resource.exists or entry.resource.resource_version != version

    def _perhaps_die(self) -> None:
        if self.dies_in_next_effect:
            raise Crash

    def _turn_come(self, now: datetime) -> None:
        entry = self.store.get(UID)
        if entry is not None:
            entry.memory = reservation_granted(entry.memory, self._moment(entry, now, now))
            self.dirty = True

    @staticmethod
    def _moment(entry: JobRunEntry, asked_at: datetime, now: datetime) -> Moment:
        generation = entry.resource.status.submitted_generation or entry.resource.generation
        return Moment(asked_at, now, 0.5, TIMING, generation, current_token(UID, entry.resource.status))

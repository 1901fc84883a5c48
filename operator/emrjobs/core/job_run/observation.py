"""Everything that a decision may depend on, at one instant. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.spec import DeletionPolicy, PartialSpec
from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.core.job_run.circuit_breaker import OpenCircuit
from emrjobs.core.job_run.deadlines import active_until, start_until
from emrjobs.core.job_run.large_spec import LargeSpec
from emrjobs.core.job_run.memory import Memory, Sends
from emrjobs.core.job_run.resource import Resource
from emrjobs.core.job_run.runs import JobRun
from emrjobs.core.job_run.target import OWN_TARGET, NoTarget, Target
from emrjobs.core.job_run.timing import Timing
from emrjobs.core.job_run.tokens import current_attempt, current_token


class Place(Enum):
    """How an object stands with the number of active runs that its policy allows."""

    FREE = "there is no limit"
    HELD = "it counts as active"
    AWAITED = "it is in line"
    NEEDED = "it is not in line yet"


@dataclass(frozen=True, slots=True)
class Observation:
    """The object, what this process knows besides, and the time."""

    now: datetime
    resource: Resource
    memory: Memory
    timing: Timing
    open_circuit: OpenCircuit | None = None
    """What another object's request met and this one's would meet too."""
    skew: timedelta = timedelta(0)
    """How far AWS's clock is ahead of ours."""
    review_due: bool = False
    """Whether policies have changed since they admitted the request, of which nothing is recorded yet."""
    place: Place = Place.FREE
    """Under the policy that admits the request."""
    denials_believable: bool = True
    """False while AWS denies knowing so many runs that something else must be wrong."""
    target: Target | NoTarget = OWN_TARGET
    """As whom and where AWS is called about it."""

    @property
    def status(self) -> EmrJobRunStatus:
        """The status as the API server last showed it."""
        return self.resource.status

    @property
    def attempt(self) -> int:
        """The number of the current attempt, or between attempts of the next one."""
        return current_attempt(self.status)

    @property
    def token(self) -> str:
        """The token of that attempt. What the status says of it counts for nothing."""
        return current_token(self.resource.uid, self.status)

    @property
    def intent_recorded(self) -> bool:
        """Whether the request of that attempt was perhaps sent."""
        return self.status.client_token is not None and not self.status.between_attempts

    @property
    def submitted(self) -> bool:
        """Whether the status holds the id of that attempt's run."""
        return self.status.id is not None and not self.status.between_attempts

    @property
    def cluster(self) -> str | None:
        """The virtual cluster that the intent names; without one, the spec's."""
        spec = self.resource.spec
        known = spec.virtual_cluster_id if isinstance(spec, PartialSpec | LargeSpec) else None
        return self.status.virtual_cluster_id or known

    @property
    def stop(self) -> Reason | None:
        """Why the run must not go on, if so. The strongest reason wins."""
        lifecycle = self.resource.lifecycle
        if self.resource.deleting and lifecycle.deletion_policy is DeletionPolicy.CANCEL:
            return Reason.DELETED
        if lifecycle.cancel:
            return Reason.CANCELLED
        if lifecycle.suspend:
            return Reason.SUSPENDED
        if self.status.state == State.SUSPENDED:
            # Deadlines count anew once it is resumed.
            return None
        if _passed(self.ours(active_until(self.resource)), self.now):
            return Reason.DEADLINE_EXCEEDED
        if _passed(start_until(self.resource), self.now):
            return Reason.START_DEADLINE_EXCEEDED
        return None

    def ours(self, at_aws: datetime | None) -> datetime | None:
        """A moment that was worked out from AWS's times, by our clock."""
        return at_aws - self.skew if at_aws is not None else None

    @property
    def sends(self) -> Sends:
        """What is known of the sends of the current token; a stranger's where nothing is."""
        known = self.memory.sends
        return known if known is not None and known.token == self.token else Sends(self.token)

    @property
    def run(self) -> JobRun | None:
        """The newest record of the current attempt's run; None as long as nothing shows that it is ours."""
        record = self._record
        return record if record is not None and self.memory.confirmed_run == record.id else None

    @property
    def foreign(self) -> bool:
        """Whether the status names a token, or a run, that is not of this object."""
        if self.intent_recorded and self.status.client_token != self.token:
            return True
        record = self._record
        return record is not None and self.memory.confirmed_run != record.id and record.client_token is not None

    @property
    def _record(self) -> JobRun | None:
        observed_run = self.memory.observed_run
        if observed_run is None or not self.submitted or observed_run.run.id != self.status.id:
            return None
        return observed_run.run

    @property
    def never_accepted(self) -> bool:
        """Whether it is certain, without looking, that nothing runs under the recorded token."""
        return not self.sends.inherited and self.sends.doubtful == 0


def _passed(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now

"""Everything that a decision may depend on, at one instant. Pure."""

from dataclasses import dataclass
from datetime import datetime

from emrjobs.api.conditions import Reason
from emrjobs.api.spec import DeletionPolicy, EmrJobRunSpec
from emrjobs.api.status import EmrJobRunStatus
from emrjobs.core.memory import Memory, Sends
from emrjobs.core.obstacles import Obstacle
from emrjobs.core.resource import Resource
from emrjobs.core.runs import JobRun
from emrjobs.core.timing import Timing
from emrjobs.core.tokens import client_token


@dataclass(frozen=True, slots=True)
class Observation:
    """The object, what this process knows besides, and the time."""

    now: datetime
    resource: Resource
    memory: Memory
    timing: Timing
    obstacle: Obstacle | None = None
    """What another object's request met and this one's would meet too."""
    losses_believable: bool = True
    """False while AWS denies knowing so many runs that something else must be wrong."""

    @property
    def status(self) -> EmrJobRunStatus:
        """The status as the API server last showed it."""
        return self.resource.status

    @property
    def attempt(self) -> int:
        """The number of the attempt that the status speaks of, or will speak of first."""
        return self.status.attempt or 1

    @property
    def token(self) -> str:
        """The token of the current attempt: the recorded one, or the one that would be recorded."""
        return self.status.client_token or client_token(self.resource.uid, self.attempt)

    @property
    def intent_recorded(self) -> bool:
        """Whether the request was perhaps sent."""
        return self.status.client_token is not None

    @property
    def submitted(self) -> bool:
        """Whether the status holds the id of a run."""
        return self.status.id is not None

    @property
    def cluster(self) -> str | None:
        """The virtual cluster that the intent names; without one, the spec's."""
        spec = self.resource.spec
        return self.status.virtual_cluster_id or (spec.virtual_cluster_id if isinstance(spec, EmrJobRunSpec) else None)

    @property
    def stop(self) -> Reason | None:
        """Why the run must not go on, if so."""
        if self.resource.deleting and self.resource.wishes.deletion_policy is DeletionPolicy.CANCEL:
            return Reason.DELETED
        return None

    @property
    def sends(self) -> Sends:
        """What is known of the sends of the current token; a stranger's where nothing is."""
        known = self.memory.sends
        return known if known is not None and known.token == self.token else Sends(self.token)

    @property
    def run(self) -> JobRun | None:
        """The newest record of the run that the status names."""
        sighting = self.memory.sighting
        if sighting is None or sighting.run.id != self.status.id:
            return None
        return sighting.run

    @property
    def never_accepted(self) -> bool:
        """Whether it is certain, without looking, that nothing runs under the recorded token."""
        return not self.sends.inherited and self.sends.doubtful == 0

"""What this process knows about an object beyond the object itself. Pure values.

Losing it must be harmless: a new process starts with an empty one.
"""

from dataclasses import dataclass
from datetime import datetime

from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.runs import ObservedRun


@dataclass(frozen=True, slots=True)
class Trouble:
    """Failures in a row of one kind of call."""

    verdict: Verdict
    code: str
    message: str
    count: int
    since: datetime
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """A run that AWS has for our token and that is not in the status yet."""

    token: str
    id: str
    arn: str | None
    name: str | None
    resent: bool
    """Whether AWS may have accepted an earlier send, so that the record is to be read first."""
    read: bool = False
    """Whether reading the record was tried."""
    cluster: str | None = None
    """The virtual cluster that it is in, where that is known."""


@dataclass(frozen=True, slots=True)
class Search:
    """The newest look for a run by its token that found nothing."""

    token: str
    asked_at: datetime
    count: int
    retry_at: datetime
    failures: int = 0
    """Newest looks in a row that got no answer; ``asked_at`` is that of an earlier one then."""
    code: str = ""
    """What AWS answered to the newest, if that was a failure."""


@dataclass(frozen=True, slots=True)
class Cancelling:
    """The newest CancelJobRun that AWS answered."""

    id: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Sends:
    """What this process knows of the sends of one token."""

    token: str
    made: int = 0
    doubtful: int = 0
    """Sends that were not refused: accepted, or with an answer that was lost."""
    inherited: bool = True
    """Whether somebody else may have sent it: the intent was not recorded by this process in this term."""
    latest_at: datetime | None = None
    """When the answer to our latest send came, or was given up."""


@dataclass(frozen=True, slots=True)
class Memory:
    """All of it for one object."""

    reserved_until: datetime | None = None
    waiting_since: datetime | None = None
    sends: Sends | None = None
    start: Trouble | None = None
    refused_generation: int | None = None
    """The generation that ``start`` speaks of, where it is a refusal."""
    template: Trouble | None = None
    """Of reading the job template that the request names."""
    accepted: Accepted | None = None
    search: Search | None = None
    confirmed_run: str | None = None
    """The id of the run that AWS has shown to carry our token. An id that only the status names may be anybody's."""
    cancelling: Cancelling | None = None
    cancel: Trouble | None = None
    describe: Trouble | None = None
    observed_run: ObservedRun | None = None
    looks: int = 0
    """Looks in a row that showed the same state."""
    look_at: datetime | None = None
    """When to describe the run; None leaves it to the lists."""
    gone_once_at: datetime | None = None
    """When AWS first denied knowing the run."""
    gone_twice: bool = False
    """AWS denied it again, long enough after."""
    loss_checked: bool | None = None
    """Whether the denial came from the right endpoint; None while that was not asked."""

"""A job run as AWS shows it, and what may be concluded from one look. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from emrjobs.api.job_run.status import State

RUN_ID: Final = re.compile(r"[0-9a-z]{1,64}")
"""The id of a job run (botocore's ResourceIdString). Anything else would be another path of the API's URLs."""

TERMINAL: Final = frozenset({State.COMPLETED, State.FAILED, State.CANCELLED})
"""The states that a run never leaves."""

ACTIVE: Final = (State.PENDING, State.SUBMITTED, State.RUNNING, State.CANCEL_PENDING)
"""The states that a run passes through, in order."""

_RANK: Final[Mapping[str, int]] = {state: rank for rank, state in enumerate(ACTIVE)}


class Source(StrEnum):
    """Who told us. Lists lag behind, so they are believed less."""

    DESCRIBE = "describe"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class JobRun:
    """The members of the service's JobRun that we read. Any may be missing; times are aware UTC."""

    id: str
    state: str
    arn: str | None = None
    name: str | None = None
    virtual_cluster_id: str | None = None
    client_token: str | None = None
    state_details: str | None = None
    failure_reason: str | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    finished_at: datetime | None = None
    current_attempt_count: int | None = None
    request: Mapping[str, Any] | None = None
    """The request members as the service returns them; from a describe only."""
    tags: Mapping[str, str] | None = None
    """Only where somebody asks whose run it is."""

    @property
    def ended(self) -> bool:
        """Whether the run is in a state that it never leaves."""
        return self.state in TERMINAL

    @property
    def cancellable(self) -> bool:
        """Whether CancelJobRun can still do something. States that we do not know count as yes."""
        return not self.ended and self.state != State.CANCEL_PENDING


@dataclass(frozen=True, slots=True)
class ObservedRun:
    """A run, when the request that showed it was sent, and how."""

    run: JobRun
    asked_at: datetime
    source: Source
    running_before: datetime | None = None
    """When the first of the earlier observations that showed it RUNNING was asked for."""

    @property
    def first_running(self) -> datetime | None:
        """When it was first seen RUNNING, if it was."""
        return self.running_before or (self.asked_at if self.run.state == State.RUNNING else None)


def newer(known: ObservedRun | None, seen: ObservedRun) -> ObservedRun:
    """Of two observations of one run, the one to believe.

    An older request never wins, a terminal state is never left, and a list never moves a state back.
    """
    if known is None:
        return seen
    if known.run.ended or seen.asked_at < known.asked_at:
        return known
    if seen.source is Source.LIST and goes_back(known.run.state, seen.run.state):
        return known
    return replace(seen, running_before=known.first_running)


def goes_back(known: str, seen: str) -> bool:
    """Whether a run that was in the one state cannot be in the other any more. Unknown states are in no order."""
    return _RANK.get(seen, len(ACTIVE)) < _RANK.get(known, -1)

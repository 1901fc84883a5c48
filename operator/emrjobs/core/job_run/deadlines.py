"""When something is due although nothing changes: deadlines, the next attempt, the clean-up. Pure."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_run.status import EmrJobRunStatus
from emrjobs.core.job_run.resource import Resource


def active_until(resource: Resource) -> datetime | None:
    """When ``activeDeadlineSeconds`` has passed, by AWS's own time of acceptance."""
    since, limit = resource.status.active_since, resource.lifecycle.active_deadline
    return since + limit if since is not None and limit is not None else None


def start_until(resource: Resource) -> datetime | None:
    """When ``startDeadlineSeconds`` has passed; None once a run has been RUNNING since it was wanted."""
    limit = resource.lifecycle.start_deadline
    since = wanted_since(resource)
    if limit is None or since is None or _has_started(resource.status, since):
        return None
    return since + limit


def wanted_since(resource: Resource) -> datetime | None:
    """Creation, or the latest resumption."""
    return resource.status.wanted_since or resource.created_at


def _has_started(status: EmrJobRunStatus, since: datetime) -> bool:
    earlier = (attempt.started_at for attempt in status.attempts)
    return any(moment is not None and moment >= since for moment in (status.started_at, *earlier))


def next_attempt_at(resource: Resource) -> datetime | None:
    """When the back-off after a failed attempt is over. The same answer in every process."""
    status, count = resource.status, resource.status.resubmissions or 0
    if count == 0 or status.finished_at is None:
        return None
    return status.finished_at + resubmission_delay(resource, count)


def resubmission_delay(resource: Resource, count: int) -> timedelta:
    """How long after its end the present attempt is followed by the ``count``-th new one."""
    return resource.lifecycle.resubmission.backoff.delay(count, _sample(resource.status.client_token or ""))


def clean_up_at(resource: Resource) -> datetime | None:
    """When ``ttlSecondsAfterFinished`` has passed."""
    finished, ttl = resource.status.condition(ConditionType.FINISHED), resource.lifecycle.ttl
    if finished is None or finished.last_transition_time is None or ttl is None:
        return None
    return finished.last_transition_time + ttl


def earliest(moments: Iterable[datetime | None], after: datetime) -> datetime | None:
    """The first of those moments that is still to come."""
    coming = [moment for moment in moments if moment is not None and moment > after]
    return min(coming, default=None)


def _sample(token: str) -> float:
    """A jitter that belongs to the attempt: in [0, 1)."""
    return int.from_bytes(hashlib.sha256(token.encode()).digest()[:4]) / 2**32

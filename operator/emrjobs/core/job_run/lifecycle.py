"""The members of the spec that act on the run's life. Pure; read leniently.

They work even where the request part of the spec cannot be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from emrjobs.api.job_run.lifecycle import LONGEST_SECONDS, FailureReason
from emrjobs.api.job_run.spec import DeletionPolicy
from emrjobs.core.backoff import Backoff

_FAILURE_REASONS: Final = (FailureReason.INTERNAL_ERROR, FailureReason.CLUSTER_UNAVAILABLE)
_FIRST_BACKOFF: Final = 30
_LONGEST_BACKOFF: Final = 600


@dataclass(frozen=True, slots=True)
class Resubmission:
    """When a failure is followed by a new attempt."""

    limit: int = 0
    failure_reasons: tuple[str, ...] = _FAILURE_REASONS
    backoff: Backoff = Backoff(timedelta(seconds=_FIRST_BACKOFF), timedelta(seconds=_LONGEST_BACKOFF))


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What the spec asks of the run's life, now."""

    deletion_policy: DeletionPolicy = DeletionPolicy.CANCEL
    suspend: bool = False
    cancel: bool = False
    active_deadline: timedelta | None = None
    start_deadline: timedelta | None = None
    ttl: timedelta | None = None
    resubmission: Resubmission = Resubmission()

    @classmethod
    def read(cls, spec: object) -> "Lifecycle":
        """Members that are absent or broken ask for nothing; anything but a plain ``Retain`` cancels."""
        members = spec if isinstance(spec, Mapping) else {}
        retain = members.get("deletionPolicy") == DeletionPolicy.RETAIN
        read = cls(
            deletion_policy=DeletionPolicy.RETAIN if retain else DeletionPolicy.CANCEL,
            suspend=members.get("suspend") is True,
            cancel=members.get("cancel") is True,
            active_deadline=_seconds(members.get("activeDeadlineSeconds")),
            start_deadline=_seconds(members.get("startDeadlineSeconds")),
            ttl=_seconds(members.get("ttlSecondsAfterFinished")),
            resubmission=_resubmission(members.get("resubmitPolicy")),
        )
        return _shared(read)

    def filled_from(self, defaults: "Lifecycle") -> "Lifecycle":
        """With the durations of the defaults where there is none."""
        return _shared(
            replace(
                self,
                active_deadline=self.active_deadline or defaults.active_deadline,
                start_deadline=self.start_deadline or defaults.start_deadline,
                ttl=self.ttl or defaults.ttl,
            )
        )


NO_DEFAULTS: Final = Lifecycle()


@lru_cache(maxsize=1024)
def _shared(lifecycle: Lifecycle) -> Lifecycle:
    """One value for all objects that ask for the same."""
    return lifecycle


def _resubmission(policy: object) -> Resubmission:
    members: Mapping[str, Any] = policy if isinstance(policy, Mapping) else {}
    limit, reasons = members.get("limit"), members.get("failureReasons")
    first = _seconds(members.get("backoffSeconds")) or timedelta(seconds=_FIRST_BACKOFF)
    longest = _seconds(members.get("maxBackoffSeconds")) or timedelta(seconds=_LONGEST_BACKOFF)
    return Resubmission(
        limit=limit if isinstance(limit, int) and not isinstance(limit, bool) else 0,
        failure_reasons=tuple(map(str, reasons)) if isinstance(reasons, list) else _FAILURE_REASONS,
        backoff=Backoff(min(first, longest), longest),
    )


def _seconds(value: object) -> timedelta | None:
    """More than the API allows (an older schema let it in) means the most that it allows."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return None
    return timedelta(seconds=min(value, LONGEST_SECONDS))

"""Makes the target that every run belongs to today: the operator's own identity, in its own Region."""

from collections.abc import Callable

from emrjobs.adapters.aws_session import new_session
from emrjobs.adapters.emr_containers import EmrContainers
from emrjobs.core.job_run.resource import Resource
from emrjobs.runtime.aws.circuit_breakers import CircuitBreakers
from emrjobs.runtime.aws.lost_runs import LostRuns
from emrjobs.runtime.aws.rate_limiter import RateLimiter
from emrjobs.runtime.aws.reservations import Reservations
from emrjobs.runtime.aws.target import AwsTarget, AwsTargets, TargetKey
from emrjobs.runtime.health import FailureStreak, Outage
from emrjobs.settings import Settings


def own_target(settings: Settings, wake: Callable[[str], None]) -> AwsTargets:
    """A registry of that one, connected at once, so that a process without a Region says so when it starts.

    Raises botocore's ``NoRegionError``.
    """
    own = TargetKey(role_arn=None, region=settings.aws_region)

    def key_of(_: Resource) -> TargetKey:
        return own

    def connect(key: TargetKey, wake: Callable[[str], None]) -> AwsTarget:
        emr = EmrContainers(settings.aws_connections, lambda: new_session(key.region))
        return target_of(key, emr, settings, wake)

    targets = AwsTargets(key_of, connect, wake)
    targets.get(own)
    return targets


def target_of(key: TargetKey, emr: EmrContainers, settings: Settings, wake: Callable[[str], None]) -> AwsTarget:
    """Everything that counts for these calls."""
    rate_limiter = RateLimiter(settings.quotas, settings.quota_share)
    return AwsTarget(
        key=key,
        emr=emr,
        rate_limiter=rate_limiter,
        reservations=Reservations(rate_limiter, settings.turn_kept, wake),
        circuit_breakers=CircuitBreakers(wake),
        lost_runs=LostRuns(),
        health=FailureStreak("AWS cannot be reached, or does not accept our credentials", settings.not_ready_after),
        reads=Outage(),
    )

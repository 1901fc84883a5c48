"""Makes the targets: the operator's own identity in its own Region, and those that policies name."""

from collections.abc import Callable
from typing import Any

from emrjobs.adapters.assumed_role import Role, assumed_session
from emrjobs.adapters.aws_session import new_session
from emrjobs.adapters.emr_containers import EmrContainers
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_run.resource import Resource
from emrjobs.core.job_run.target import NoTarget, Target, TargetKey, target_named_by, target_of
from emrjobs.runtime.aws.call_slots import CallSlots
from emrjobs.runtime.aws.circuit_breakers import CircuitBreakers
from emrjobs.runtime.aws.lost_runs import LostRuns
from emrjobs.runtime.aws.rate_limiter import RateLimiter
from emrjobs.runtime.aws.reservations import Reservations
from emrjobs.runtime.aws.target import AwsTarget, AwsTargets
from emrjobs.runtime.health import FailureStreak, Outage
from emrjobs.settings import Settings


class Locator:
    """Finds the target of an object by the policies as they are."""

    def __init__(self, region: str | None, policies: Policies | None) -> None:
        """``region``: the operator's own; None: what boto3's own chain finds. ``policies``: None until loaded."""
        self.own = TargetKey(region=new_session(region).region_name)
        self._policies = policies

    def locate(self, resource: Resource) -> Target | NoTarget:
        """Where the run of the object is, or will be."""
        return target_of(resource, self._policies, self.own)

    def key_of(self, policy: CompiledPolicy) -> TargetKey:
        """Where the runs of a policy are."""
        return target_named_by(policy, self.own).key

    def replace(self, policies: Policies) -> set[TargetKey]:
        """Other policies hold from now on; the targets that there are."""
        self._policies = policies
        return {self.own, *map(self.key_of, policies)}


def aws_targets(settings: Settings, locator: Locator, wake: Callable[[str], None]) -> AwsTargets:
    """A registry with the operator's own target, so that a process without a Region says so when it starts.

    Raises botocore's ``NoRegionError``.
    """
    limiters: dict[tuple[str | None, str | None], RateLimiter] = {}

    def connect(key: TargetKey, wake: Callable[[str], None]) -> AwsTarget:
        emr = EmrContainers(settings.aws_connections, _sessions(key, settings))
        # AWS counts by account and Region, whoever calls.
        place = (key.account, key.region)
        if place not in limiters:
            limiters[place] = RateLimiter(settings.quotas, settings.quota_share)
        return aws_target(key, emr, limiters[place], settings, wake)

    targets = AwsTargets(locator.locate, connect, wake)
    targets.get(locator.own)
    return targets


def _sessions(key: TargetKey, settings: Settings) -> Callable[[], Any]:
    if key.role_arn is None:
        return lambda: new_session(key.region)
    retry = settings.timing().retry
    role = Role(key.role_arn, key.region, key.external_id, settings.tag_sessions, settings.installation, retry)
    return lambda: assumed_session(role, lambda: new_session(settings.aws_region))


def aws_target(
    key: TargetKey, emr: EmrContainers, rate_limiter: RateLimiter, settings: Settings, wake: Callable[[str], None]
) -> AwsTarget:
    """Everything that counts for these calls."""
    return AwsTarget(
        key=key,
        emr=emr,
        rate_limiter=rate_limiter,
        reservations=Reservations(rate_limiter, settings.turn_kept, wake),
        call_slots=CallSlots(settings.workers, wake),
        circuit_breakers=CircuitBreakers(wake),
        lost_runs=LostRuns(),
        health=FailureStreak("AWS cannot be reached, or does not accept our credentials", settings.not_ready_after),
        reads=Outage(),
    )

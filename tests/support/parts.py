"""Parts of the runtime, put together for tests of some of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import cast

from emrjobs.adapters.emr_containers import EmrContainers
from emrjobs.core.job_run.memory import Memory
from emrjobs.core.job_run.target import Target, TargetKey
from emrjobs.runtime.aws.call_slots import CallSlots
from emrjobs.runtime.aws.circuit_breakers import CircuitBreakers
from emrjobs.runtime.aws.lost_runs import LostRuns
from emrjobs.runtime.aws.rate_limiter import RateLimiter
from emrjobs.runtime.aws.reservations import Reservations
from emrjobs.runtime.aws.target import AwsTarget, AwsTargets
from emrjobs.runtime.health import FailureStreak, Outage
from emrjobs.runtime.job_run.entries import JobRunStore
from emrjobs.runtime.job_run.run_index import RunIndex

TARGET = TargetKey()


def a_run_index() -> RunIndex:
    """With one target for all."""
    return RunIndex(lambda _: Target(TARGET))


def a_store(index: RunIndex | None = None) -> JobRunStore:
    """An empty one."""
    return JobRunStore(Memory(), [index] if index is not None else [])


def a_target(
    emr: object, rate_limiter: RateLimiter | None = None, wake: Callable[[str], None] = lambda _: None
) -> AwsTarget:
    """Without rate limits, unless given."""
    limiter = rate_limiter if rate_limiter is not None else RateLimiter(None, 1.0)
    return AwsTarget(
        key=TARGET,
        emr=cast(EmrContainers, emr),
        rate_limiter=limiter,
        reservations=Reservations(limiter, timedelta(seconds=30), wake),
        call_slots=CallSlots(32, wake),
        circuit_breakers=CircuitBreakers(wake),
        lost_runs=LostRuns(),
        health=FailureStreak("AWS", timedelta(0)),
        reads=Outage(),
    )


def one_target(target: AwsTarget) -> AwsTargets:
    """A registry of just that one, made already."""
    targets = AwsTargets(lambda _: Target(TARGET), lambda *_: target, lambda _: None)
    targets.get(TARGET)
    return targets

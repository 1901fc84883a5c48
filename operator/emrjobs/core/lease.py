"""Who leads: what to do about the Lease as it was last seen. Pure.

A Lease has run out when nobody has changed it for its duration, by the watcher's own monotonic clock.
Clocks of different machines are never compared.
"""

import math
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Lease:
    """The members of a coordination.k8s.io Lease that matter here."""

    holder: str
    seconds: float
    transitions: int
    resource_version: str


@dataclass(frozen=True, slots=True)
class Observed:
    """A Lease, and since when (monotonic seconds) it has looked like that."""

    lease: Lease
    since: float


class Step(Enum):
    """What a candidate does next."""

    CREATE = "there is no Lease"
    RENEW = "the Lease is ours"
    TAKE = "the Lease was released, or has run out"
    STAND_BY = "somebody else holds the Lease"


def observe(before: Observed | None, lease: Lease, now: float) -> Observed:
    """What is known after a look: the clock starts anew whenever the Lease has changed."""
    if before is not None and before.lease.resource_version == lease.resource_version:
        return before
    return Observed(lease, now)


def idle_seconds(observed: Observed | None, acts_for: float, now: float) -> float:
    """For how long nobody can have acted by the Lease, if a holder acts for ``acts_for`` seconds after he renewed it.

    Infinite where there is no Lease. One that was released may have been used until it was first seen so.
    """
    if observed is None:
        return math.inf
    acted = acts_for if observed.lease.holder else 0.0
    return max(0.0, now - observed.since - acted)


def next_step(observed: Observed | None, me: str, now: float) -> Step:
    """The step of the candidate ``me``."""
    if observed is None:
        return Step.CREATE
    lease = observed.lease
    if lease.holder == me:
        return Step.RENEW
    if not lease.holder or now - observed.since > lease.seconds:
        return Step.TAKE
    return Step.STAND_BY

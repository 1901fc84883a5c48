"""Leads or stands by: a Lease of our own, renewed while we work, released when we stop.

Safety does not rest on it (tokens and guarded patches do); it saves two operators from doing everything twice.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from emrjobs.adapters.kube import ConflictError, KubeError
from emrjobs.adapters.leases import Leases
from emrjobs.core.lease import Lease, Observed, Step, idle_seconds, next_step, observe
from emrjobs.runtime.gate import Gate, Phase
from emrjobs.runtime.unexpected import note_unexpected

_LOG: Final = logging.getLogger("emrjobs.leadership")


class LeadershipLostError(Exception):
    """Another holder was seen while we led. The process ends and is started again as a standby."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long the Lease lasts, how long a leader acts without renewing, and how often it tries."""

    lasts: timedelta
    renew_within: timedelta
    retry: timedelta


class LeaderElector:
    """Opens the gate while we hold the Lease."""

    def __init__(
        self, leases: Leases, me: str, terms: Terms, gate: Gate, on_open: Callable[[float | None], None]
    ) -> None:
        """``on_open`` is told when the gate has opened: with a new term, for how many seconds nobody can have acted.

        Infinitely many where there was no Lease; None where the term goes on.
        """
        self._leases = leases
        self._me = me
        self._terms = terms
        self._gate = gate
        self._on_open = on_open
        self._observed: Observed | None = None
        self._leads = False
        self._held_transitions: int | None = None
        self._reached: float | None = None

    @property
    def leads(self) -> bool:
        """Whether we hold the Lease, as far as we know."""
        return self._leads

    def problem(self) -> str | None:
        """What is wrong, if the Lease has not been reached for its whole duration; for readiness."""
        if self._reached is None:
            return "the Lease has not been reached yet"
        overdue = time.monotonic() - self._reached > self._terms.lasts.total_seconds()
        return "the Lease cannot be reached" if overdue else None

    async def run(self) -> None:
        """Hold the Lease, or wait for it, for ever. Raises ``LeadershipLostError``."""
        while True:
            try:
                await self._round()
            except ConflictError:
                _LOG.debug("another was faster")
            except KubeError as error:
                _LOG.warning("the Lease could not be reached", extra={"status": error.status, "reason": error.reason})
            except (TypeError, ValueError, LookupError) as error:
                # Somebody wrote a Lease that we cannot read: we do not lead by it.
                note_unexpected("the Lease could not be read", error)
            await asyncio.sleep(self._terms.retry.total_seconds())

    async def release(self) -> None:
        """Let a standby take over at once. ``run`` must have ended, or it would take the Lease again."""
        if not self._leads or self._observed is None:
            return
        self._leads = False
        try:
            await self._leases.replace(self._observed.lease, "", self._terms.lasts.total_seconds())
        except KubeError as error:
            _LOG.warning("the Lease could not be released", extra={"status": error.status})

    async def _round(self) -> None:
        asked_at = time.monotonic()
        lease = await self._leases.read()
        self._reached = time.monotonic()
        # Seen no earlier than the request was sent, and no later than its answer came: the later one is safe.
        self._observed = observe(self._observed, lease, self._reached) if lease else None
        idle = idle_seconds(self._observed, self._terms.renew_within.total_seconds(), asked_at)
        match next_step(self._observed, self._me, time.monotonic()):
            case Step.CREATE:
                self._hold(await self._leases.create(self._me, self._terms.lasts.total_seconds()), asked_at, idle)
            case Step.RENEW | Step.TAKE if lease is not None:
                held = await self._leases.replace(lease, self._me, self._terms.lasts.total_seconds())
                self._hold(held, asked_at, idle)
            case _:
                self._stand_by()

    def _hold(self, lease: Lease, asked_at: float, idle: float) -> None:
        """Times count from before we asked: others count from after they saw it, which is later."""
        self._observed = Observed(lease, time.monotonic())
        begins = not self._leads or lease.transitions != self._held_transitions
        # We ourselves may have acted under a Lease that is gone.
        idle = 0.0 if self._leads else idle
        was_open = self._gate.phase is not Phase.CLOSED
        self._leads, self._held_transitions = True, lease.transitions
        self._gate.open(
            acts_until=asked_at + self._terms.renew_within.total_seconds(),
            sends_until=asked_at + self._terms.lasts.total_seconds(),
        )
        if begins:
            _LOG.info("leading", extra={"transitions": lease.transitions})
        if begins or not was_open:
            self._on_open(idle if begins else None)

    def _stand_by(self) -> None:
        if self._leads:
            self._leads = False
            self._gate.close()
            raise LeadershipLostError

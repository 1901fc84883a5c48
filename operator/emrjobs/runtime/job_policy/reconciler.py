"""What one EmrJobPolicy wants: a status that tells whether it counts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from emrjobs.core.effects import Forget, ObjectEffect, Wait
from emrjobs.core.job_policy.neighbours import Neighbours
from emrjobs.core.job_policy.reconcile import Usage, decide
from emrjobs.core.job_policy.resource import PolicyResource
from emrjobs.runtime.object_writer import ObjectWriter
from emrjobs.runtime.store import Entry, Store


@dataclass(frozen=True, slots=True)
class Spread:
    """For how many namespaces with runs a policy is, and beside which others, as it was last counted."""

    namespaces: int
    neighbours: Neighbours


PolicyEntry = Entry[PolicyResource, Spread | None]
PolicyStore = Store[PolicyResource, Spread | None]


@dataclass(frozen=True, slots=True)
class JobPolicyReconciler:
    """See ``controller.Reconciler``."""

    writer: ObjectWriter[PolicyResource, Spread | None]
    usage: Callable[[PolicyResource, Spread], Usage]
    gone: Callable[[], None]
    """Told that a policy does not exist any more: our own write may have been its end."""

    def decide(self, entry: PolicyEntry, now: datetime) -> tuple[str, ObjectEffect | Wait | Forget]:
        """By ``core/job_policy/reconcile.py``."""
        spread = entry.memory
        usage = self.usage(entry.resource, spread) if spread is not None else None
        return decide(entry.resource, usage, now)

    async def act(self, entry: PolicyEntry, effect: ObjectEffect) -> bool:
        """Write it."""
        await self.writer.write(entry, effect)
        return True

    def tolerated_delay(self, _: PolicyEntry, __: datetime) -> float:
        """None comes before another."""
        return 0.0

    def unwritten(self, _: PolicyEntry) -> bool:
        """Nothing is learnt that could be lost."""
        return False

    def resting(self, resource: PolicyResource) -> None:
        """Nothing is remembered."""

    def status_refused(self, resource: PolicyResource) -> None:
        """Nothing is remembered."""

    def forgotten(self, _: str) -> None:
        """It may have held until now."""
        self.gone()

"""How many runs may be active under a policy, and who is next. No I/O."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from emrjobs.api.job_run.status import State
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_run.observation import Place
from emrjobs.core.job_run.resource import Resource

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Holding(Enum):
    """Why an object counts."""

    GRANTED = "its intent may be recorded"
    ACTIVE = "its intent is recorded, and its run has not ended"


@dataclass(slots=True)
class _Limited:
    """One policy. Waiting objects are in line by the time of their creation, those of each namespace by themselves."""

    most: int | None = None
    most_per_namespace: int | None = None
    holders: dict[str, str] = field(default_factory=dict)
    """Namespaces, by the uid of what counts."""
    waiting: dict[str, str] = field(default_factory=dict)
    """Namespaces, by the uid of what waits."""
    lines: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    """Heaps, by namespace. What waits no longer is left out when it comes first."""

    @property
    def limits(self) -> bool:
        """Whether there is a limit at all."""
        return self.most is not None or self.most_per_namespace is not None

    def next(self) -> str | None:
        """Who has the next place, if there is one: of the namespace with the fewest, then the oldest."""
        if self.most is not None and len(self.holders) >= self.most:
            return None
        held: dict[str, int] = {}
        for namespace in self.holders.values():
            held[namespace] = held.get(namespace, 0) + 1
        turns = [
            (held.get(namespace, 0) if self.most_per_namespace is not None else 0, *first)
            for namespace, first in self._firsts()
            if self.most_per_namespace is None or held.get(namespace, 0) < self.most_per_namespace
        ]
        return min(turns)[-1] if turns else None

    def _firsts(self) -> Iterator[tuple[str, tuple[datetime, str]]]:
        for namespace, line in list(self.lines.items()):
            while line and line[0][1] not in self.waiting:
                heapq.heappop(line)
            if line:
                yield namespace, line[0]
            else:
                del self.lines[namespace]


class ActiveRuns:
    """An index of the store: what counts is what the store holds, so nothing is remembered over a restart.

    A place is granted before the intent is recorded, and given back when the run has ended, or the object wants no run
    any more.
    """

    def __init__(self, wake: Callable[[str], None]) -> None:
        """``wake`` is told of the uid of whoever has got the place that he waited for."""
        self._wake = wake
        self._open = False
        self._known: tuple[str, ...] = ()
        self._policies: dict[str, _Limited] = {}
        self._held: dict[str, tuple[str, Holding]] = {}
        """The policy, by uid."""
        self._waits: dict[str, str] = {}
        """The policy, by uid."""

    @property
    def limited(self) -> bool:
        """Whether any policy has a limit."""
        return any(policy.limits for policy in self._policies.values())

    def open(self) -> None:
        """All objects are known: from now on places are granted."""
        self._open = True
        self._serve_all()

    def replace(self, policies: Policies) -> None:
        """Other limits hold. Where there are more runs than that, nobody is stopped, and none starts."""
        limits = {policy.name: policy.spec.limits for policy in policies}
        self._known = tuple(limits)
        for name in limits.keys() | self._policies.keys():
            limit, limited = limits.get(name), self._policies.setdefault(name, _Limited())
            limited.most = limit.max_active_runs if limit is not None else None
            limited.most_per_namespace = limit.max_active_runs_per_namespace if limit is not None else None
        self._serve_all()

    def place(self, resource: Resource, policy: str) -> Place:
        """How the object stands with that policy."""
        held = self._held.get(resource.uid)
        if held is not None and held[0] == policy:
            return Place.HELD
        if not self._limited(policy).limits:
            return Place.FREE
        return Place.AWAITED if self._waits.get(resource.uid) == policy else Place.NEEDED

    def ask(self, resource: Resource, policy: str) -> None:
        """Get in line, and get a place at once if it is free and nobody came before."""
        uid, limited = resource.uid, self._limited(policy)
        self._drop(uid)
        limited.waiting[uid] = resource.namespace
        self._waits[uid] = policy
        heapq.heappush(limited.lines.setdefault(resource.namespace, []), (resource.created_at or _NEVER, uid))
        self._serve(policy, but=uid)

    def policies(self) -> tuple[str, ...]:
        """Those that hold. A name in a status may be anybody's."""
        return self._known

    def counts(self, policy: str) -> tuple[int, int]:
        """How many runs are active, those about to be submitted among them, and how many objects wait."""
        limited = self._limited(policy)
        return len(limited.holders), len(limited.waiting)

    def insert(self, resource: Resource) -> None:
        """A version of an object is known from now on."""
        policy = _active_under(resource)
        held = self._held.get(resource.uid)
        if policy is not None:
            if held is None or held[0] != policy:
                self._drop(resource.uid)
            self._hold(resource, policy, Holding.ACTIVE)
        elif (held is not None and held[1] is Holding.ACTIVE) or not _wants_run(resource):
            self._drop(resource.uid)

    def remove(self, resource: Resource) -> None:
        """A version of an object is known no more; another one follows, unless the object is gone."""
        if not resource.exists:
            self._drop(resource.uid)

    def _hold(self, resource: Resource, policy: str, holding: Holding) -> None:
        self._limited(policy).holders[resource.uid] = resource.namespace
        self._held[resource.uid] = (policy, holding)

    def _drop(self, uid: str) -> None:
        held, waits = self._held.pop(uid, None), self._waits.pop(uid, None)
        if waits is not None:
            self._limited(waits).waiting.pop(uid, None)
        if held is not None:
            self._limited(held[0]).holders.pop(uid, None)
            self._serve(held[0])

    def _serve_all(self) -> None:
        for policy in list(self._policies):
            self._serve(policy)

    def _serve(self, policy: str, but: str | None = None) -> None:
        """Grant what is free to those who are next. Nobody is woken but they."""
        limited = self._limited(policy)
        while self._open and (uid := limited.next()) is not None:
            limited.holders[uid] = limited.waiting.pop(uid)
            del self._waits[uid]
            self._held[uid] = (policy, Holding.GRANTED)
            if uid != but:
                self._wake(uid)

    def _limited(self, policy: str) -> _Limited:
        return self._policies.setdefault(policy, _Limited())


def _active_under(resource: Resource) -> str | None:
    status = resource.status
    if status.policy is None or status.client_token is None or status.finished or status.between_attempts:
        return None
    return status.policy.name


def _wants_run(resource: Resource) -> bool:
    lifecycle, status = resource.lifecycle, resource.status
    stopped = resource.deleting or lifecycle.suspend or lifecycle.cancel or status.finished
    return not stopped and status.state != State.REJECTED

"""Faults by operation, nth call or probability: what shall go wrong with one call. Pure.

`error`, `throttle`, `expired`, `denied` … answer before anything is done; `lost` does it and cuts the
connection; `cut` cuts without doing it; `hang` never answers; `slow` does it late, even when nobody waits.
"""

import itertools
import random
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tests.sandbox.emr.errors import PRESETS, ServiceError, denied, preset

Kind = Literal[
    "error",  # `status`, `code`, `message`
    "error-after",  # done, then answered with an error all the same
    "lost",  # done, then the connection is cut
    "cut",  # the connection is cut, nothing is done
    "hang",  # nothing is done, no answer for `seconds`, then cut
    "hang-after",  # done, no answer for `seconds`, then cut
    "slow",  # done after `seconds`, whether or not anyone still waits, and answered
    "slow-after",  # done, answered after `seconds`
    "garbage",  # done, answered 200 with something that is no JSON
    "denied",
    "throttle",
    "expired",
    "unrecognized",
    "opt-in",
    "internal",
    "unavailable",
    "too-large",
    "partial",  # a list lacks `share` of its items
    "short",  # a list ends after this page although more follow
    "lag",  # a list shows what was `seconds` ago
]
BEFORE = frozenset({"error", "denied", *PRESETS})
EVERYTHING = "*"
LONG = 3600.0


class Fault(BaseModel):
    """Counts the calls that it fits; strikes where nth, after, times and probability all allow it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    operations: tuple[str, ...] = (EVERYTHING,)
    nth: tuple[int, ...] = ()  # 1 is the first call that fits; empty: all
    after: int = 0  # let so many pass first
    times: int | None = None  # strike at most so often
    probability: float = Field(default=1.0, ge=0, le=1)
    virtual_cluster_id: str | None = None
    job_run_id: str | None = None
    client_token: str | None = None
    name: str | None = None  # a pattern, searched
    role: str | None = None  # a pattern, searched
    region: str | None = None
    seconds: float = LONG
    share: float = 0.5
    status: int = 500
    code: str = "InternalServerException"
    message: str = "An internal error has occurred. Retry your request."


@dataclass(slots=True)
class Armed:
    id: int
    fault: Fault
    seen: int = 0
    struck: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """What a fault can be told apart by."""

    operation: str
    region: str
    request: dict[str, Any]


@dataclass(slots=True)
class Damage:
    """All that strikes one call."""

    refuse: Fault | None = None
    wait_before: float = 0.0
    wait_after: float = 0.0
    cut_before: bool = False
    cut_after: bool = False
    refuse_after: Fault | None = None
    garbage: bool = False
    lag: float = 0.0
    drop_share: float = 0.0
    short: bool = False
    by: list[int] = field(default_factory=list)


def _text(request: dict[str, Any], member: str) -> str:
    value = request.get(member)
    return value if isinstance(value, str) else ""


def fits(fault: Fault, target: Target) -> bool:
    if EVERYTHING not in fault.operations and target.operation not in fault.operations:
        return False
    if fault.region is not None and fault.region != target.region:
        return False
    exact = (
        (fault.virtual_cluster_id, "virtualClusterId"),
        (fault.job_run_id, "id"),
        (fault.client_token, "clientToken"),
    )
    if any(wanted is not None and wanted != _text(target.request, member) for wanted, member in exact):
        return False
    patterns = ((fault.name, "name"), (fault.role, "executionRoleArn"))
    return all(p is None or re.search(p, _text(target.request, member)) for p, member in patterns)


def _add(damage: Damage, fault: Fault) -> None:
    kind = fault.kind
    if kind in BEFORE:
        damage.refuse = damage.refuse or fault
    elif kind in {"hang", "slow"}:
        damage.wait_before += fault.seconds
    elif kind in {"hang-after", "slow-after"}:
        damage.wait_after += fault.seconds
    damage.cut_before = damage.cut_before or kind in {"cut", "hang"}
    damage.cut_after = damage.cut_after or kind in {"lost", "hang-after"}
    damage.refuse_after = fault if kind == "error-after" else damage.refuse_after
    damage.garbage = damage.garbage or kind == "garbage"
    damage.lag = max(damage.lag, fault.seconds) if kind == "lag" else damage.lag
    damage.drop_share = fault.share if kind == "partial" else damage.drop_share
    damage.short = damage.short or kind == "short"


def refusal(fault: Fault, principal: str, operation: str, resource: str) -> ServiceError:
    if fault.kind == "denied":
        return denied(principal, operation, resource)
    if fault.kind in PRESETS:
        return preset(fault.kind)
    return ServiceError(fault.code, fault.message, fault.status)


class Faults:
    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._ids = itertools.count(1)
        self.armed: list[Armed] = []

    def add(self, fault: Fault) -> int:
        armed = Armed(next(self._ids), fault)
        self.armed.append(armed)
        return armed.id

    def remove(self, fault_id: int | None = None) -> None:
        self.armed = [a for a in self.armed if fault_id is not None and a.id != fault_id]

    def strike(self, target: Target) -> Damage:
        damage = Damage()
        for armed in self.armed:
            if fits(armed.fault, target) and self._strikes(armed):
                armed.struck += 1
                damage.by.append(armed.id)
                _add(damage, armed.fault)
        return damage

    def _strikes(self, armed: Armed) -> bool:
        armed.seen += 1
        fault = armed.fault
        spent = fault.times is not None and armed.struck >= fault.times
        if spent or armed.seen <= fault.after or (fault.nth and armed.seen not in fault.nth):
            return False
        return fault.probability >= 1 or self._dice.random() < fault.probability

    def keeps(self, share: float) -> bool:
        """Whether a list that lacks `share` of its items keeps this one."""
        return self._dice.random() >= share

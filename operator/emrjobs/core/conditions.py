"""The whole set of conditions of a status, with true transition times. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from emrjobs.api.conditions import Condition, ConditionType


def set_conditions(
    statuses: Mapping[ConditionType, str],
    previous: Sequence[Condition],
    reason: str,
    message: str,
    generation: int,
    now: datetime,
) -> tuple[Condition, ...]:
    """One condition for each of ``statuses``; other types become absent, as kstatus expects of Reconciling and Stalled.

    A transition time moves only when the condition's status does.
    """
    before = {c.type: c for c in previous}
    moment = now.replace(microsecond=0)

    def condition(type_: ConditionType, status: str) -> Condition:
        old = before.get(type_)
        same = old is not None and old.status == status and old.last_transition_time is not None
        return Condition(
            type=type_,
            status=status,
            observed_generation=generation,
            last_transition_time=old.last_transition_time if old is not None and same else moment,
            reason=reason,
            message=message,
        )

    return tuple(condition(type_, status) for type_, status in statuses.items())

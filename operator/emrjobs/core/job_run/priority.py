"""Who waits for whom where there is more to do than can be done at once. Pure."""

from datetime import datetime
from typing import Final

from emrjobs.core.job_run.memory import Memory
from emrjobs.core.job_run.resource import Resource

_SUBMISSIONS: Final = 5.0
_PROGRESS: Final = 10.0


def tolerated_delay(resource: Resource, memory: Memory, now: datetime) -> float:
    """Seconds for which what comes later may be done before this object's next pass.

    The end of a run and a user's wish go first. A new run comes next. That a run has come one step further can
    wait longest; if it ends meanwhile, one write tells both.
    """
    status = resource.status
    if resource.deleting or not resource.exists or memory.accepted is not None or status.finished:
        return 0.0
    if status.id is None or status.between_attempts:
        return _SUBMISSIONS
    wished = resource.generation != status.observed_generation or memory.cancelling is not None
    ended = memory.observed_run is not None and memory.observed_run.run.ended
    missed = memory.look_at is not None and memory.look_at <= now
    return 0.0 if wished or ended or missed else _PROGRESS


def unwritten(resource: Resource, memory: Memory) -> bool:
    """Whether AWS has accepted a run that the status does not name yet, or shown an end that it does not tell yet."""
    status, accepted, observed_run = resource.status, memory.accepted, memory.observed_run
    if not resource.exists or status.finished or status.between_attempts:
        return False
    if status.id is None:
        return accepted is not None and accepted.token == status.client_token
    if observed_run is None or memory.confirmed_run != status.id:
        return False
    return observed_run.run.ended and observed_run.run.id == status.id

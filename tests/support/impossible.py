"""Which worlds cannot be: no API server and no operator could have brought them about. Pure."""

from collections.abc import Iterator
from typing import Final

from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.resource import Resource
from tests.support.legality import conditions_of

_SHOWN_BY_AWS: Final = (
    State.PENDING,
    State.SUBMITTED,
    State.RUNNING,
    State.CANCEL_PENDING,
    State.COMPLETED,
    State.FAILED,
    State.LOST,
)


def impossible(o: Observation) -> Iterator[str]:
    """Everything that cannot be."""
    yield from _object(o.resource)
    yield from _intent(o.status)
    yield from _shown(o.status)
    yield from _memory(o)


def _object(resource: Resource) -> Iterator[str]:
    if resource.exists and resource.deleting and not resource.finalizers:
        yield "an object that is being deleted without a finalizer is gone"
    if (resource.status.observed_generation or 0) > resource.generation:
        yield "a generation was observed that never was"
    if len(set(resource.finalizers)) != len(resource.finalizers):
        yield "a finalizer is on only once"


def _intent(status: EmrJobRunStatus) -> Iterator[str]:
    parts = (status.attempt, status.virtual_cluster_id, status.submitted_generation, status.submission_started_at)
    if status.client_token is not None and None in parts:
        yield "an intent is recorded whole"
    if status.client_token is None and any(part is not None for part in (status.id, *parts)):
        yield "without a clientToken there is neither id nor intent"
    if status.cancellation is not None and status.client_token is None:
        yield "nothing is cancelled that was not intended"
    if status.cancellation is not None and status.cancellation.attempt > (status.attempt or 1):
        yield "an attempt that never began cannot be cancelled"


def _shown(status: EmrJobRunStatus) -> Iterator[str]:
    if status.state in _SHOWN_BY_AWS and status.id is None:
        yield "a run that AWS has shown has an id"
    if status.state is not None and {c.type: c.status for c in status.conditions} != conditions_of(status.state):
        yield "conditions and state say different things"


def _memory(o: Observation) -> Iterator[str]:
    sends, accepted, observed_run = o.memory.sends, o.memory.accepted, o.memory.observed_run
    if sends is not None and sends.doubtful > sends.made:
        yield "a send that was not made cannot be in doubt"
    sent = sends is not None and accepted is not None and sends.token == accepted.token and sends.made > 0
    if accepted is not None and not accepted.resent and not sent:
        yield "nothing is accepted at once that was not sent"
    if observed_run is not None and observed_run.asked_at > o.now:
        yield "nothing is seen before it is asked for"

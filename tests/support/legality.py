"""What no decision may ever be, whatever the rules say: the promises of one pass. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_run.spec import DeletionPolicy, EmrJobRunSpec
from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.core.job_run.effects import (
    AddFinalizer,
    CancelJob,
    ConfirmLoss,
    Decision,
    DeleteObject,
    DescribeJob,
    FindRun,
    Forget,
    InspectCluster,
    PatchStatus,
    RemoveFinalizer,
    ReserveStart,
    StartJob,
    Wait,
)
from emrjobs.core.job_run.large_spec import LargeSpec
from emrjobs.core.job_run.observation import Observation

AWS: Final = (StartJob, CancelJob, DescribeJob, FindRun, InspectCluster, ConfirmLoss)
KUBERNETES: Final = (PatchStatus, AddFinalizer, RemoveFinalizer, DeleteObject)

_ACTIVE: Final = {ConditionType.READY: "False", ConditionType.RECONCILING: "True"}
_FAILED: Final = {
    ConditionType.READY: "False",
    ConditionType.STALLED: "True",
    ConditionType.FAILED: "True",
    ConditionType.FINISHED: "True",
}
CONDITIONS: Final[Mapping[str, Mapping[ConditionType, str]]] = {
    State.COMPLETED: {ConditionType.READY: "True", ConditionType.COMPLETE: "True", ConditionType.FINISHED: "True"},
    State.FAILED: _FAILED,
    State.CANCELLED: _FAILED,
    State.LOST: _FAILED,
    State.REJECTED: {ConditionType.READY: "False", ConditionType.STALLED: "True"},
    State.SUSPENDED: {ConditionType.READY: "True", ConditionType.SUSPENDED: "True"},
}
"""The table of the API's description, by state; every other state is on its way."""


def conditions_of(state: str) -> Mapping[ConditionType, str]:
    """The types that are set, and their statuses."""
    return CONDITIONS.get(state, _ACTIVE)


def wrongs(o: Observation, decision: Decision) -> list[str]:
    """Everything that is wrong with a decision; nothing, as it should be."""
    return [*_in_general(o, decision), *_for_each(o, decision)]


def _in_general(o: Observation, decision: Decision) -> Iterator[str]:
    if not o.resource.exists and isinstance(decision, (*KUBERNETES, StartJob, ReserveStart)):
        yield "the object is gone, and that would be done to it or for it"
    if o.resource.exists and o.status.finished and isinstance(decision, AWS):
        yield "a finished object costs a call"
    if o.resource.exists and isinstance(decision, Forget):
        yield "an object that exists is forgotten"


def _for_each(o: Observation, decision: Decision) -> Iterator[str]:
    match decision:
        case StartJob():
            yield from _start(o, decision)
        case PatchStatus():
            yield from _patch(o, decision.status)
            yield from _intent(o, decision)
        case RemoveFinalizer():
            yield from _release(o)
        case AddFinalizer():
            yield from _hold(o)
        case CancelJob():
            yield from _cancel(o, decision)
        case _:
            yield from _lesser(o, decision)


def _lesser(o: Observation, decision: Decision) -> Iterator[str]:
    match decision:
        case Wait(until) if until is not None and until <= o.now:
            yield "waits for a time that is past"
        case ReserveStart() if _must_not_start(o):
            yield "gets in line without wanting to run"
        case FindRun() if not o.intent_recorded:
            yield "looks for a run that was never intended"
        case DeleteObject() if not o.status.finished or o.resource.recreated_by is not None:
            yield "deletes an object that goes on, or that would come back and run again"
        case _:
            return


def _must_not_start(o: Observation) -> bool:
    readable = isinstance(o.resource.spec, EmrJobRunSpec | LargeSpec)
    return o.stop is not None or o.resource.deleting or o.submitted or o.status.finished or not readable


def _start(o: Observation, effect: StartJob) -> Iterator[str]:
    if _must_not_start(o):
        yield "starts what must not start"
    if not o.intent_recorded:
        yield "starts without a recorded intent"
    if effect.request.get("clientToken") != o.status.client_token:
        yield "sends another token than the recorded one"
    if effect.request.get("virtualClusterId") != o.status.virtual_cluster_id:
        yield "sends to another virtual cluster than the recorded one"
    if o.memory.accepted is not None and o.memory.accepted.token == o.token:
        yield "sends again although the answer is in hand"


def _release(o: Observation) -> Iterator[str]:
    if not o.resource.has_finalizer:
        yield "takes off a finalizer that is not there"
    if o.status.finished or o.resource.lifecycle.deletion_policy is DeletionPolicy.RETAIN:
        return
    if not o.resource.deleting:
        yield "lets go of an object that shall cancel"
    if o.submitted:
        yield "lets go of a run that goes on"
    if o.intent_recorded and not o.never_accepted and not _searched_long_enough(o):
        yield "lets go of a run that may go on"


def _searched_long_enough(o: Observation) -> bool:
    search, cancellation = o.memory.search, o.status.cancellation
    if search is None or search.token != o.token or cancellation is None:
        return False
    since = max(o.status.submission_started_at or cancellation.requested_at, cancellation.requested_at)
    return search.asked_at >= since + o.timing.grace


def _hold(o: Observation) -> Iterator[str]:
    if o.resource.has_finalizer or o.resource.deleting or o.status.finished:
        yield "adds a finalizer that is there, or cannot be added, or has no use"
    if o.resource.lifecycle.deletion_policy is DeletionPolicy.RETAIN:
        yield "holds an object that shall let its run go on"


def _cancel(o: Observation, effect: CancelJob) -> Iterator[str]:
    accepted = o.memory.accepted
    if effect.id not in (o.status.id, accepted.id if accepted else None):
        yield "cancels a run that is not ours"
    recorded = o.status.cancellation is not None and o.status.cancellation.attempt == o.attempt
    if o.resource.exists and not recorded:
        yield "cancels without having recorded why"


def _patch(o: Observation, new: EmrJobRunStatus) -> Iterator[str]:
    if new == o.status:
        yield "writes what is there already"
    if o.status.finished:
        yield from _last_words(o, new)
    goes_on = o.run is not None and not o.run.ended and not o.status.finished and not o.memory.gone_twice
    if goes_on and (new.finished or new.between_attempts):
        yield "takes a run that goes on for one that has ended"
    if o.submitted and (new.id, new.client_token) != (o.status.id, o.status.client_token):
        yield "gives up an id"
    if new.id is not None and None in (new.client_token, new.attempt, new.virtual_cluster_id):
        yield "records an id without the intent that it belongs to"
    if o.status.client_token and new.client_token is None and not (o.never_accepted or o.memory.search):
        yield "unlocks a request that was perhaps accepted"
    if new.observed_generation not in (o.resource.generation, o.status.observed_generation):
        yield "speaks of a generation that it has not seen"
    yield from _shown(new)


def _intent(o: Observation, patch: PatchStatus) -> Iterator[str]:
    new = patch.status
    if patch.intent and (_must_not_start(o) or o.intent_recorded):
        yield "intends to start what must not start"
    if patch.intent and (new.client_token, new.attempt) != (o.token, o.attempt):
        yield "intends with another token than the attempt's own"
    if not patch.intent and new.id is None and new.client_token not in (None, o.status.client_token):
        yield "records a token without saying so"


def _last_words(o: Observation, new: EmrJobRunStatus) -> Iterator[str]:
    """A finished object is written to for a new generation, or once to say why it is kept."""
    if new.state != o.status.state or not new.finished:
        yield "changes how it ended"
    if o.status.observed_generation == o.resource.generation and o.resource.recreated_by is None:
        yield "writes to a finished object that nobody changed"


def _shown(new: EmrJobRunStatus) -> Iterator[str]:
    expected = conditions_of(new.state or "")
    if {c.type: c.status for c in new.conditions} != expected:
        yield f"state {new.state} with conditions {[c.type for c in new.conditions]}"

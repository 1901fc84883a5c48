"""Rules for objects that are over, and for runs that must not go on. Pure."""

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.spec import DeletionPolicy
from emrjobs.api.job_run.status import OURS, Cancellation, State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.conditions import Situation
from emrjobs.core.job_run.deadlines import clean_up_at
from emrjobs.core.job_run.effects import Decision, DeleteObject, Event, PatchStatus, RemoveFinalizer, Wait
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.reporting import NO_INTENT, acknowledged, cancelling_message, report, shorten, stopping
from emrjobs.core.job_run.rules.completion import (
    HELD_WORDS,
    last_words,
    not_started_words,
    resumed_status,
    suspended_status,
)
from emrjobs.core.job_run.rules.recovery import look_for_run, stop_outranks_retain
from emrjobs.core.job_run.rules.visibility import cannot_look

_KEPT = "kept after ttlSecondsAfterFinished"
_HELD = Event(Reason.SUSPENDED, HELD_WORDS)
_RESUMED = Event(Reason.RESUMED, "No longer held by spec.suspend; the request is sent when its turn comes")


def finished(o: Observation) -> Decision | None:
    """The end was reached: let go of the object, and from then on do nothing but clean it up when its time comes."""
    if not o.status.finished:
        return None
    if o.resource.has_finalizer:
        return RemoveFinalizer()
    if o.resource.deleting:
        return Wait()
    if o.status.observed_generation != o.resource.generation:
        return PatchStatus(acknowledged(o))
    due = clean_up_at(o.resource)
    if due is None or due > o.now:
        return Wait(due)
    return DeleteObject() if o.resource.recreated_by is None else _kept(o, o.resource.recreated_by)


def _kept(o: Observation, recreated_by: str) -> Decision:
    """Say once that the object is kept, and why."""
    done = o.status.condition(ConditionType.FINISHED)
    if done is None or _KEPT in done.message:
        return Wait()
    text = f"{_KEPT}, since {recreated_by} would create it again and so run it again"
    noted = done.model_copy(update={"message": f"{shorten(done.message)} ({text})"})
    others = tuple(noted if c.type == ConditionType.FINISHED else c for c in o.status.conditions)
    status = o.status.model_copy(update={"conditions": others})
    return PatchStatus(status, Event(Reason.KEPT, f"The object is {text}"))


def retained(o: Observation) -> Decision | None:
    """The object is being deleted and its run may go on: let go at once, and send nothing any more."""
    if not o.resource.deleting or o.resource.lifecycle.deletion_policy is DeletionPolicy.CANCEL:
        return None
    if _yet_to_be_stopped(o):
        return None
    if o.resource.has_finalizer:
        return RemoveFinalizer()
    return None if o.submitted else Wait()


def _yet_to_be_stopped(o: Observation) -> bool:
    """Whether the run is to end for another reason than the deletion, and AWS has not answered to that yet."""
    if not o.intent_recorded or not stop_outranks_retain(o):
        return False
    if o.memory.cancel is not None and o.memory.cancel.verdict is Verdict.DENIED:
        return False
    asked = o.memory.cancelling is not None and o.memory.cancelling.id == o.status.id
    return not asked and (o.run is None or o.run.cancellable)


def never_sent(o: Observation) -> Decision | None:
    """It must not run, and no intent was recorded: there is nothing to cancel."""
    if o.stop is None or o.intent_recorded:
        return None
    return _settled(o, o.stop)


def still_suspended(o: Observation) -> Decision | None:
    """It is suspended, and was: a request that was recorded before is not sent."""
    if o.stop is not Reason.SUSPENDED or o.submitted or o.status.state != State.SUSPENDED:
        return None
    return _settled(o, o.stop)


def _settled(o: Observation, stop: Reason) -> Decision:
    """Nothing runs any more, and nothing may."""
    if stop is Reason.DELETED:
        return RemoveFinalizer() if o.resource.has_finalizer else Wait()
    if stop is Reason.SUSPENDED:
        return _suspended(o)
    message = not_started_words(o, stop)
    # AWS's words go into the status only.
    status = report(o, Situation.FAILED, State.CANCELLED, stop, message + last_words(o))
    return PatchStatus(status, Event(stop, message, warning=stop is not Reason.CANCELLED))


def _suspended(o: Observation) -> Decision:
    if o.status.state != State.SUSPENDED:
        return PatchStatus(suspended_status(o), _HELD)
    if o.status.observed_generation != o.resource.generation:
        return PatchStatus(acknowledged(o))
    return Wait()


def stop_not_recorded(o: Observation) -> Decision | None:
    """It must not run any more: record why before anything is done about it."""
    if o.stop is None or stopping(o):
        return None
    cancellation = Cancellation(reason=o.stop, requested_at=o.now, attempt=o.attempt)
    message = cancelling_message(cancellation)
    # Not REJECTED or SUSPENDED any more: it is being cancelled, which is another situation.
    shown = o.status.state
    state = State.SUBMITTING if shown is None or shown in OURS else shown
    status = report(o, Situation.ACTIVE, state, Reason.CANCELLING, message, cancellation=cancellation)
    return PatchStatus(status, Event(Reason.CANCELLING, message))


def perhaps_sent(o: Observation) -> Decision | None:
    """It is to be stopped, and may have been sent: look until it is certain that nothing runs."""
    if o.submitted or not stopping(o):
        return None
    if not o.never_accepted:
        look = look_for_run(o)
        if look is not None:
            return cannot_look(o) or look
    # Attempt 1 is unlocked: nothing was started, so the spec may be changed. A later one keeps its token.
    changes = {"cancellation": None, **(NO_INTENT if o.attempt == 1 else {})}
    if o.stop is Reason.SUSPENDED:
        return PatchStatus(suspended_status(o, **changes), _HELD)
    if o.stop in (Reason.DELETED, Reason.CANCELLED):
        return _settled(o, o.stop)
    recorded = Reason(o.status.cancellation.reason) if o.status.cancellation else None
    if recorded is Reason.SUSPENDED:
        # Also past a deadline: a resumption begins to count anew.
        return PatchStatus(resumed_status(o, **changes), _RESUMED)
    return _settled(o, o.stop or recorded or Reason.CANCELLED)


def resumed(o: Observation) -> Decision | None:
    """It was suspended, and is no longer: everything that counts time counts anew."""
    if o.status.state != State.SUSPENDED or o.stop is not None:
        return None
    return PatchStatus(resumed_status(o), _RESUMED)

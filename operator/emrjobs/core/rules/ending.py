"""Rules for objects that are over, and for runs that must not go on. Pure."""

from emrjobs.api.conditions import Reason
from emrjobs.api.status import Cancellation, State
from emrjobs.core.conditions import Situation
from emrjobs.core.effects import Announcement, Decision, PatchStatus, ReleaseObject, Wait
from emrjobs.core.observation import Observation
from emrjobs.core.reporting import acknowledged, cancelling_message, report, stopping
from emrjobs.core.rules.recovery import look_for_run


def finished(o: Observation) -> Decision | None:
    """The end was reached: let go of the object, and from then on do nothing."""
    if not o.status.finished:
        return None
    if o.resource.held:
        return ReleaseObject()
    if o.status.observed_generation != o.resource.generation and not o.resource.deleting:
        return PatchStatus(acknowledged(o))
    return Wait()


def retained(o: Observation) -> Decision | None:
    """The object is being deleted and its run may go on: let go at once, and send nothing any more."""
    if not o.resource.deleting or o.stop is not None:
        return None
    if o.resource.held:
        return ReleaseObject()
    return None if o.submitted else Wait()


def never_sent(o: Observation) -> Decision | None:
    """It must not run, and no intent was recorded: there is nothing to cancel."""
    if o.stop is None or o.intent_recorded:
        return None
    return ReleaseObject() if o.resource.held else Wait()


def stop_not_recorded(o: Observation) -> Decision | None:
    """It must not run any more: record why before anything is done about it."""
    if o.stop is None or stopping(o):
        return None
    cancellation = Cancellation(reason=o.stop, requested_at=o.now, attempt=o.attempt)
    message = cancelling_message(cancellation)
    # Not REJECTED any more: it is being cancelled, which is another situation.
    state = State.SUBMITTING if o.status.state in (None, State.REJECTED) else o.status.state
    status = report(o, Situation.ACTIVE, state, Reason.CANCELLING, message, cancellation=cancellation)
    return PatchStatus(status, Announcement(Reason.CANCELLING, message))


def perhaps_sent(o: Observation) -> Decision | None:
    """It is to be stopped, and may have been sent: look until it is certain that nothing runs."""
    if o.submitted or not stopping(o):
        return None
    if not o.never_accepted:
        look = look_for_run(o)
        if look is not None:
            return look
    return ReleaseObject() if o.resource.held else Wait()

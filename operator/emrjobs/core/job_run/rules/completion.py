"""What the end of an attempt means: the end of the object, a suspension, or another attempt. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.core.job_run.conditions import Situation
from emrjobs.core.job_run.deadlines import resubmission_delay
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.reporting import because, facts, progressed, report, stopping
from emrjobs.core.job_run.runs import JobRun, ObservedRun

_LOST_SIGHT: Final = "Trouble monitoring your JobRun"
"""How stateDetails begin when EMR lost sight of a driver that may still be alive (developer guide, job run errors)."""

_STRONGEST: Final = (Reason.DELETED, Reason.CANCELLED)

HELD_WORDS: Final = "Held by spec.suspend; it runs when that is false"
"""What the status and the event of a suspension say."""


def status_after(o: Observation, observed_run: ObservedRun, **changes: Any) -> EmrJobRunStatus:
    """The status after that record of the run. An attempt that ended may be followed by another."""
    run = observed_run.run
    if run.state == State.CANCELLED and stopping(o):
        return _after_cancelling(o, observed_run, changes)
    if run.state == State.FAILED and _try_again(o, run):
        return _after_failure(o, observed_run, changes)
    return progressed(o, observed_run, _final(o, run) if run.state == State.FAILED else "", **changes)


def _after_cancelling(o: Observation, observed_run: ObservedRun, changes: Mapping[str, Any]) -> EmrJobRunStatus:
    """Decided by the spec as it is now, and where it does not say, by the recorded reason."""
    known = {**facts(o.status, observed_run), **changes}
    recorded = Reason(o.status.cancellation.reason) if o.status.cancellation else Reason.CANCELLED
    if o.stop not in _STRONGEST and recorded is Reason.SUSPENDED:
        return suspended_status(o, **known) if o.stop is Reason.SUSPENDED else resumed_status(o, **known)
    reason, message = cancelled_words(o.stop if o.stop in _STRONGEST else recorded)
    return report(o, Situation.FAILED, State.CANCELLED, reason, message, **known)


def _try_again(o: Observation, run: JobRun) -> bool:
    policy = o.resource.lifecycle.resubmission
    recorded = o.status.cancellation.reason if o.status.cancellation is not None and stopping(o) else None
    if {o.stop, recorded} - {None, Reason.SUSPENDED} or (run.state_details or "").startswith(_LOST_SIGHT):
        return False
    return run.failure_reason in policy.failure_reasons and (o.status.resubmissions or 0) < policy.limit


def _after_failure(o: Observation, observed_run: ObservedRun, changes: Mapping[str, Any]) -> EmrJobRunStatus:
    known = {**facts(o.status, observed_run), **changes}
    if o.stop is Reason.SUSPENDED:
        return suspended_status(o, **known)
    count = (o.status.resubmissions or 0) + 1
    known["resubmissions"] = count
    text = _follows(o, observed_run.run, count)
    return report(o, Situation.ACTIVE, State.QUEUED, Reason.RESUBMITTING, text, **known)


def _follows(o: Observation, run: JobRun, count: int) -> str:
    ended = run.finished_at or o.status.finished_at
    due = f" at {ended + resubmission_delay(o.resource, count):%Y-%m-%dT%H:%M:%SZ}" if ended else ""
    left = f"new attempt {count} of {o.resource.lifecycle.resubmission.limit}"
    return f"Attempt {o.attempt} failed with {run.failure_reason}; attempt {o.attempt + 1} follows{due} ({left})"


def _final(o: Observation, run: JobRun) -> str:
    """Why a policy that lists this failure is not followed, if so."""
    policy = o.resource.lifecycle.resubmission
    if policy.limit == 0 or run.failure_reason not in policy.failure_reasons:
        return ""
    if stopping(o) or o.stop not in (None, Reason.SUSPENDED):
        return ""
    if (run.state_details or "").startswith(_LOST_SIGHT):
        return " (not tried again: its driver may still be alive)"
    return f" (resubmitPolicy.limit is {policy.limit}: no attempt is left)"


def suspended_status(o: Observation, **changes: Any) -> EmrJobRunStatus:
    """Held until ``suspend`` is false."""
    return report(o, Situation.SUSPENDED, State.SUSPENDED, Reason.SUSPENDED, HELD_WORDS, **changes)


def resumed_status(o: Observation, **changes: Any) -> EmrJobRunStatus:
    """Wanted again from now on: deadlines and new attempts count anew."""
    anew = {"wanted_since": o.now, "active_since": None, "resubmissions": None}
    text = "Resumed; the request is sent when its turn comes"
    return report(o, Situation.ACTIVE, State.QUEUED, Reason.RESUMED, text, **{**changes, **anew})


def not_started_words(o: Observation, reason: Reason) -> str:
    """Why there is no run, or no further one."""
    what = "The job run was not started"
    return f"{what if o.attempt == 1 else f'Attempt {o.attempt} was not started'}{because(reason)}"


def last_words(o: Observation) -> str:
    """What AWS had answered to a request that is given up now."""
    ready = o.status.condition(ConditionType.READY)
    return f". Before that: {ready.message}" if o.status.state == State.REJECTED and ready is not None else ""


def cancelled_words(reason: Reason) -> tuple[Reason, str]:
    """Reason and message of an end that was wanted."""
    return reason, f"The job run was cancelled{because(reason)}"

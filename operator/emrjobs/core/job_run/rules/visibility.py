"""Says so where AWS cannot be asked about a run: the last known state stays, with the reason. Pure."""

from typing import Final

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.conditions import Situation
from emrjobs.core.job_run.effects import Event, PatchStatus, Wait
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.reporting import ready_reason, report
from emrjobs.core.job_run.target import NOT_LOADED, NoTarget

_STRONGER: Final = (Reason.LOOK_FAILED, Reason.CANCEL_FAILED, Reason.REQUEST_MISMATCH)
"""Reasons that stay although AWS cannot be asked."""
_PASSING: Final = 3
"""Failures in a row after which a passing trouble is shown."""


def cannot_look(o: Observation) -> PatchStatus | None:
    """AWS denies it, or has failed several times in a row; None where that is not so, or is shown already."""
    answer = _describe_trouble(o) if o.submitted else _search_trouble(o)
    if answer is None or o.status.state == State.REJECTED or ready_reason(o.status) in _STRONGER:
        return None
    return _look_failed(o, f"AWS does not say whether and how the job run goes on; it answers {answer}")


def no_target(o: Observation, target: NoTarget) -> PatchStatus | Wait:
    """No policy says as whom AWS could be asked. What is but not loaded yet will be in a moment."""
    stays = o.status.state in (State.REJECTED, State.SUSPENDED) or ready_reason(o.status) in _STRONGER
    if target is NOT_LOADED or not o.resource.exists or stays:
        return Wait()
    return _look_failed(o, f"AWS is not asked about the job run: {target.why}")


def _look_failed(o: Observation, text: str) -> PatchStatus:
    if o.resource.deleting:
        text += ". Setting deletionPolicy to Retain lets go of the run"
    status = report(o, Situation.ACTIVE, o.status.state or State.SUBMITTING, Reason.LOOK_FAILED, text)
    return PatchStatus(status, Event(Reason.LOOK_FAILED, text, warning=True))


def _describe_trouble(o: Observation) -> str | None:
    trouble = o.memory.describe
    if trouble is None or (trouble.verdict is not Verdict.DENIED and trouble.count < _PASSING):
        return None
    return f"{trouble.code} to DescribeJobRun"


def _search_trouble(o: Observation) -> str | None:
    search = o.memory.search
    if search is None or search.token != o.token or search.failures < _PASSING:
        return None
    return f"{search.code} to ListJobRuns"


def keeping_trouble(o: Observation, new: EmrJobRunStatus) -> EmrJobRunStatus:
    """The new status with a trouble that still stands, which a look at the run must not wipe out."""
    if new.finished or new.between_attempts or not _still_stands(o, new):
        return new
    generation = new.observed_generation
    kept = tuple(c.model_copy(update={"observed_generation": generation}) for c in o.status.conditions)
    return new.model_copy(update={"conditions": kept})


def _still_stands(o: Observation, new: EmrJobRunStatus) -> bool:
    match ready_reason(o.status):
        case Reason.CANCEL_FAILED:
            return new.state == o.status.state
        case Reason.LOOK_FAILED:
            return o.memory.describe is not None or isinstance(o.target, NoTarget)
        case reason:
            return reason == Reason.REQUEST_MISMATCH

"""Turns what is known into the status that readers see. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import OURS, Cancellation, EmrJobRunStatus, RetryPolicyExecution, State
from emrjobs.core.job_run.conditions import Situation, conditions
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.runs import JobRun, ObservedRun

_LONGEST_MESSAGE: Final = 1024

_CAUSES: Final[Mapping[str | None, str]] = {
    Reason.DELETED: "the object was deleted",
    Reason.CANCELLED: "spec.cancel is true",
    Reason.SUSPENDED: "spec.suspend is true",
    Reason.DEADLINE_EXCEEDED: "activeDeadlineSeconds passed",
    Reason.START_DEADLINE_EXCEEDED: "startDeadlineSeconds passed before it was RUNNING",
}

NO_INTENT: Final[Mapping[str, None]] = dict.fromkeys(
    (
        "client_token",
        "attempt",
        "name",
        "virtual_cluster_id",
        "submitted_generation",
        "submission_started_at",
        "policy",
        "defaults",
        "request_digest",
        "aws",
    )
)
"""The members of the status that record an intent, taken away: the API server then unlocks the spec."""


OF_ONE_ATTEMPT: Final = (
    "id",
    "arn",
    "state_details",
    "failure_reason",
    "created_at",
    "created_by",
    "started_at",
    "finished_at",
    "retry_policy_execution",
    "cancellation",
    "logs",
)
"""The members of the status that belong to one attempt, and go with it."""


def report(
    o: Observation, situation: Situation, state: str, reason: Reason, message: str, **changes: Any
) -> EmrJobRunStatus:
    """The current status with that state, its conditions, and the other changes (by Python name)."""
    spoken = conditions(situation, o.status.conditions, reason, shorten(message), o.resource.generation, o.now)
    return o.status.model_copy(
        update={
            **changes,
            "state": str(state),
            "conditions": spoken,
            "observed_generation": o.resource.generation,
        }
    )


def acknowledged(o: Observation) -> EmrJobRunStatus:
    """The current status, said of the newest generation."""
    generation = o.resource.generation
    spoken = tuple(c.model_copy(update={"observed_generation": generation}) for c in o.status.conditions)
    return o.status.model_copy(update={"observed_generation": generation, "conditions": spoken})


def progressed(o: Observation, observed_run: ObservedRun, note: str = "", **changes: Any) -> EmrJobRunStatus:
    """The status after that record of the run, with AWS's own times and reasons, and a note of ours."""
    run = observed_run.run
    reason, message = _words(o, run)
    known = facts(o.status, observed_run)
    state = State.PENDING if run.state in OURS else run.state
    return report(o, _situation(run), state, reason, message + note, **{**known, **changes})


def facts(status: EmrJobRunStatus, observed_run: ObservedRun) -> dict[str, Any]:
    """The members of the status that come from AWS. What AWS says is taken over; what it leaves out is kept."""
    run = observed_run.run
    count = run.current_attempt_count
    retries = status.retry_policy_execution if count is None else RetryPolicyExecution(current_attempt_count=count)
    return {
        "state_details": run.state_details or (None if run.state != status.state else status.state_details),
        "failure_reason": run.failure_reason or status.failure_reason,
        "created_at": run.created_at or status.created_at,
        "created_by": run.created_by or status.created_by,
        "started_at": status.started_at or observed_run.first_running,
        "finished_at": run.finished_at or status.finished_at,
        "active_since": status.active_since or run.created_at,
        "retry_policy_execution": retries,
    }


def _situation(run: JobRun) -> Situation:
    match run.state:
        case State.COMPLETED:
            return Situation.COMPLETE
        case State.FAILED | State.CANCELLED:
            return Situation.FAILED
        case _:
            return Situation.ACTIVE


def _words(o: Observation, run: JobRun) -> tuple[Reason, str]:
    match run.state:
        case State.PENDING:
            return _active_words(o, Reason.ACCEPTED, "AWS accepted the job run")
        case State.SUBMITTED:
            return _active_words(o, Reason.SUBMITTED, "EMR handed the job run to the Kubernetes cluster")
        case State.RUNNING:
            return _active_words(o, Reason.RUNNING, "The job run is running")
        case State.CANCEL_PENDING:
            return Reason.CANCELLING, cancelling_message(o.status.cancellation)
        case State.COMPLETED:
            return Reason.COMPLETED, "The job run completed"
        case State.FAILED:
            details = ": ".join(text for text in (run.failure_reason, run.state_details) if text)
            return Reason.JOB_FAILED, details or "The job run failed"
        case State.CANCELLED:
            return Reason.CANCELLED_EXTERNALLY, "The job run was cancelled by somebody else"
        case _:
            return Reason.FOLLOWING, f"AWS reports the state {run.state}, which this version does not know"


def _active_words(o: Observation, reason: Reason, message: str) -> tuple[Reason, str]:
    if stopping(o):
        return Reason.CANCELLING, cancelling_message(o.status.cancellation)
    return reason, message


def stopping(o: Observation) -> bool:
    """Whether a cancellation of the current attempt is recorded."""
    return o.status.cancellation is not None and o.status.cancellation.attempt == o.attempt


def cancelling_message(cancellation: Cancellation | None) -> str:
    """Why the run is being cancelled, for people."""
    return f"The job run is being cancelled{because(cancellation.reason if cancellation else None)}"


def because(reason: str | None) -> str:
    """The end of a sentence that says that the run was cancelled."""
    return f" because {_CAUSES[reason]}" if reason in _CAUSES else ""


def ready_reason(status: EmrJobRunStatus) -> str:
    """The reason that the Ready condition gives, or nothing."""
    ready = status.condition(ConditionType.READY)
    return ready.reason if ready else ""


def shorten(message: str) -> str:
    """A message of bounded length; AWS's own may be long."""
    return message if len(message) <= _LONGEST_MESSAGE else message[: _LONGEST_MESSAGE - 1] + "…"

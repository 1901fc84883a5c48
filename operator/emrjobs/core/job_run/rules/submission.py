"""Rules for an object that wants to run and has no run yet: turn, finalizer, intent, send. Pure."""

from typing import Any, Final

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.spec import DeletionPolicy, EmrJobRunSpec
from emrjobs.api.job_run.status import Attempt, EmrJobRunStatus, PolicyReference, State
from emrjobs.core.failures import REFUSALS, ROLE_NOT_ASSUMED
from emrjobs.core.job_run.conditions import Situation
from emrjobs.core.job_run.deadlines import next_attempt_at
from emrjobs.core.job_run.effects import (
    AddFinalizer,
    AwaitPlace,
    Decision,
    Event,
    PatchStatus,
    ReadSpec,
    ReserveStart,
    StartJob,
    Wait,
)
from emrjobs.core.job_run.large_spec import LargeSpec
from emrjobs.core.job_run.memory import Trouble
from emrjobs.core.job_run.observation import Observation, Place
from emrjobs.core.job_run.reporting import OF_ONE_ATTEMPT, acknowledged, ready_reason, report
from emrjobs.core.job_run.request import digest, job_name, start_job_run
from emrjobs.core.job_run.resource import Admitted
from emrjobs.core.job_run.rules.recovery import search_for
from emrjobs.core.job_run.rules.refusal import still_counts
from emrjobs.core.job_run.rules.visibility import cannot_look
from emrjobs.core.job_run.target import Target

_KEPT_ATTEMPTS: Final = 10
_BY_POLICY: Final = (Reason.NOT_ALLOWED, Reason.NO_POLICY, Reason.POLICY_NOT_READY, Reason.CANNOT_BE_JUDGED)
"""Refusals of requests that were never sent: one that is allowed now is like any new one."""
_WAITING_REFUSALS: Final = (Reason.CLUSTER_BUSY, Reason.WAITING_FOR_PERMISSION, Reason.NOT_FOUND)


def backing_off(o: Observation) -> Decision | None:
    """AWS could not be asked, or said to come back: wait, and say so if it takes long."""
    trouble = o.memory.start
    if trouble is None or trouble.retry_at <= o.now or not still_counts(o, trouble):
        return None
    shown = trouble.verdict in REFUSALS or o.status.state == State.REJECTED
    no_account = trouble.code == ROLE_NOT_ASSUMED and trouble.count > 1
    if shown or (trouble.retry_at - o.now <= o.timing.patience and not no_account):
        return Wait(trouble.retry_at)
    reason = Reason.ACCOUNT_UNREACHABLE if no_account else Reason.BACKING_OFF
    return _queued(o, reason, _trouble_text(trouble), warning=True) or Wait(trouble.retry_at)


def _trouble_text(trouble: Trouble) -> str:
    if trouble.code == ROLE_NOT_ASSUMED:
        return f"The AWS account of the EmrJobPolicy cannot be reached; AssumeRole answers {trouble.message}"
    if trouble.count < 3:
        return "AWS could not take the request; it is sent again with the same token"
    return f"AWS could not take the request several times in a row, with {trouble.code}; it is sent again"


def _queued(o: Observation, reason: Reason, message: str, *, warning: bool = False) -> PatchStatus | None:
    """Show the wait once; while the words stay the same, nothing is written again."""
    ready = o.status.condition(ConditionType.READY)
    if o.status.state == State.QUEUED and ready is not None and ready.message == message:
        return None
    status = report(o, Situation.ACTIVE, State.QUEUED, reason, message, wanted_since=_wanted_since(o).wanted_since)
    return PatchStatus(status, Event(reason, message, warning=warning))


def attempt_not_due(o: Observation) -> Decision | None:
    """The last attempt failed a short time ago."""
    due = o.ours(next_attempt_at(o.resource)) if o.status.between_attempts else None
    if due is None or due <= o.now:
        return None
    return Wait(due) if o.status.observed_generation == o.resource.generation else PatchStatus(acknowledged(o))


def limit_reached(o: Observation) -> Decision | None:
    """As many runs are active as the policy allows. What waits here holds nothing else."""
    admission = o.resource.admission
    if not isinstance(admission, Admitted) or admission.policy is None or o.intent_recorded:
        return None
    if o.place is Place.NEEDED:
        return AwaitPlace(admission.policy)
    if o.place is not Place.AWAITED:
        return None
    if _shown_as_refused(o):
        return Wait()
    message = f"EmrJobPolicy {admission.policy} allows no more active runs now; this one starts when others have ended"
    return _queued(o, Reason.LIMIT_REACHED, message) or Wait()


def token_too_old(o: Observation) -> Decision | None:
    """AWS may have forgotten the token by now: look before sending again."""
    started = o.status.submission_started_at
    if not o.intent_recorded or o.never_accepted or started is None:
        return None
    if o.now - started <= o.timing.token_trust:
        return None
    search = o.memory.search
    fresh = search is not None and search.token == o.token and o.now - search.asked_at < o.timing.search.longest
    if fresh:
        return None
    too_soon = search is not None and search.token == o.token and search.retry_at > o.now
    if search is None or not too_soon:
        return search_for(o)
    return cannot_look(o) or Wait(search.retry_at)


def reservation_needed(o: Observation) -> Decision | None:
    """A place in the rate limit comes first, so that objects in line hold nothing."""
    if o.memory.reserved_until is not None and o.memory.reserved_until > o.now:
        return None
    line = o.memory.waiting_since
    if line is None:
        return ReserveStart(again=_shown_as_refused(o))
    shown_at = line + o.timing.patience
    if o.now < shown_at:
        return Wait(shown_at)
    if _shown_as_refused(o):
        return Wait()
    message = f"Waiting since {line:%Y-%m-%dT%H:%M:%SZ} for the rate limit of StartJobRun"
    return _queued(o, Reason.QUEUED, message) or Wait()


def finalizer_missing(o: Observation) -> Decision | None:
    """The finalizer is on before anything is sent, so that deleting can always cancel."""
    if o.resource.has_finalizer or o.resource.lifecycle.deletion_policy is DeletionPolicy.RETAIN:
        return None
    return AddFinalizer()


def spec_not_read(o: Observation) -> Decision | None:
    """Only an outline of a large spec is kept while its object waits."""
    return ReadSpec() if isinstance(o.resource.spec, LargeSpec) else None


def intent_missing(o: Observation) -> Decision | None:
    """Record what is about to be sent; from then on the API server locks the spec."""
    spec = o.resource.spec
    if o.intent_recorded or not isinstance(spec, EmrJobRunSpec):
        return None
    return PatchStatus(_intended(o, spec), intent=True)


def _intended(o: Observation, spec: EmrJobRunSpec) -> EmrJobRunStatus:
    intent: dict[str, Any] = {
        "client_token": o.token,
        "attempt": o.attempt,
        "name": job_name(spec, o.resource.name),
        "virtual_cluster_id": spec.virtual_cluster_id,
        "submitted_generation": o.resource.generation,
        "submission_started_at": o.now,
    }
    intent |= _by_policy(o, spec)
    if o.status.between_attempts:
        intent |= _earlier_attempt_closed(o.status)
    since = _wanted_since(o)
    if _shown_as_refused(o):
        return since.model_copy(update=intent)
    text = f"The request is being sent to virtual cluster {spec.virtual_cluster_id}"
    status = report(o, Situation.ACTIVE, State.SUBMITTING, Reason.SUBMITTING, text)
    return status.model_copy(update={**intent, "wanted_since": since.wanted_since})


def _by_policy(o: Observation, spec: EmrJobRunSpec) -> dict[str, Any]:
    """What a policy supplied is recorded with the intent: it and the spec make the request, whoever sends it.

    Where no policy is for the namespace, the spec alone makes it, and is locked.
    """
    admission = o.resource.admission
    if not isinstance(admission, Admitted) or admission.policy is None:
        return dict.fromkeys(("policy", "defaults", "request_digest", "aws"))
    return {
        "policy": PolicyReference(name=admission.policy, generation=admission.generation),
        "defaults": dict(admission.supplied) if admission.supplied else None,
        "request_digest": digest(spec, o.resource.name),
        "aws": o.target.location if isinstance(o.target, Target) else None,
    }


def _earlier_attempt_closed(status: EmrJobRunStatus) -> dict[str, Any]:
    """The attempt that ended goes into the list of earlier ones, and takes its own facts with it."""
    closed = Attempt(
        attempt=status.attempt or 1,
        id=status.id,
        state=State.CANCELLED if status.cancellation is not None and status.failure_reason is None else State.FAILED,
        reason=status.failure_reason or (status.cancellation.reason if status.cancellation else None),
        created_at=status.created_at,
        started_at=status.started_at,
        finished_at=status.finished_at,
    )
    return {"attempts": (*status.attempts, closed)[-_KEPT_ATTEMPTS:], **dict.fromkeys(OF_ONE_ATTEMPT)}


def _shown_as_refused(o: Observation) -> bool:
    """A retry of a refused request shows nothing until AWS accepts it or the spec changes."""
    if o.status.observed_generation != o.resource.generation or ready_reason(o.status) in _BY_POLICY:
        return False
    return o.status.state == State.REJECTED or ready_reason(o.status) in _WAITING_REFUSALS


def _wanted_since(o: Observation) -> EmrJobRunStatus:
    since = o.status.wanted_since or o.resource.created_at or o.now
    return o.status.model_copy(update={"wanted_since": since})


def send(o: Observation) -> Decision | None:
    """The intent is recorded: send the request that it speaks of, again if need be."""
    spec = o.resource.spec
    if not isinstance(spec, EmrJobRunSpec):
        return Wait()
    return StartJob(start_job_run(spec, object_name=o.resource.name, client_token=o.token))

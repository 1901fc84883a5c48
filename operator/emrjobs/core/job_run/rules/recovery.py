"""Rules for what a crash or a lost answer leaves behind. Pure."""

from datetime import datetime
from typing import Any

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.spec import DeletionPolicy, EmrJobRunSpec
from emrjobs.api.job_run.status import EmrJobRunStatus, LogLocations, State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.conditions import Situation
from emrjobs.core.job_run.effects import (
    CancelJob,
    Decision,
    DescribeJob,
    Event,
    FindRun,
    Forget,
    PatchStatus,
    ReadSpec,
    Wait,
)
from emrjobs.core.job_run.large_spec import LargeSpec
from emrjobs.core.job_run.memory import Accepted
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.reporting import OF_ONE_ATTEMPT, cancelling_message, report, stopping
from emrjobs.core.job_run.request import job_name, log_locations
from emrjobs.core.job_run.rules.completion import status_after


def object_gone(o: Observation) -> Decision | None:
    """The object no longer exists. A run that it should have stopped is stopped all the same."""
    if o.resource.exists:
        return None
    retained = o.resource.lifecycle.deletion_policy is DeletionPolicy.RETAIN and not stop_outranks_retain(o)
    if retained or o.status.finished:
        return Forget()
    accepted = o.memory.accepted
    run_id = o.status.id if o.submitted else (accepted.id if accepted and accepted.token == o.token else None)
    cluster = o.cluster
    if cluster is None:
        return Forget()
    if run_id is not None:
        return _stop_orphan(o, cluster, run_id)
    if not o.intent_recorded or o.never_accepted:
        return Forget()
    return look_for_run(o) or Forget()


def stop_outranks_retain(o: Observation) -> bool:
    """Whether the run is to be stopped for its own sake: ``Retain`` speaks only of the deletion."""
    recorded = o.status.cancellation
    return o.resource.lifecycle.cancel or (recorded is not None and stopping(o) and recorded.reason != Reason.DELETED)


def _stop_orphan(o: Observation, cluster: str, run_id: str) -> Decision:
    observed_run, trouble = o.memory.observed_run, o.memory.cancel
    if o.memory.confirmed_run != run_id:
        return _confirm_orphan(o, cluster, run_id)
    if observed_run is not None and observed_run.run.id == run_id and observed_run.run.ended:
        return Forget()
    if o.memory.cancelling is not None and o.memory.cancelling.id == run_id:
        return Forget()
    if trouble is not None and trouble.verdict is Verdict.GONE:
        return Forget()
    if trouble is not None and trouble.retry_at > o.now:
        return Wait(trouble.retry_at)
    return CancelJob(cluster, run_id)


def _confirm_orphan(o: Observation, cluster: str, run_id: str) -> Decision:
    """Whether the run that the status named is ours at all."""
    observed_run, trouble = o.memory.observed_run, o.memory.describe
    shown = observed_run is not None and observed_run.run.id == run_id and observed_run.run.client_token is not None
    if shown or o.memory.gone_once_at is not None:
        return Forget()
    if trouble is not None and trouble.retry_at > o.now:
        return Wait(trouble.retry_at)
    return DescribeJob(cluster, run_id)


def foreign_status(o: Observation) -> Decision | None:
    """Somebody else wrote the status: it names a token or a run that is not of this object.

    Nothing is done to that run. The object's own run, if there is one, is looked for by its own token.
    """
    if not o.foreign:
        return None
    spec = o.resource.spec
    cluster = spec.virtual_cluster_id if isinstance(spec, EmrJobRunSpec | LargeSpec) else o.cluster
    message = "The status named a token or a job run that is not of this object; its own run is looked for"
    changes: dict[str, Any] = {
        **dict.fromkeys(OF_ONE_ATTEMPT),
        "client_token": o.token,
        "attempt": o.attempt,
        "virtual_cluster_id": cluster,
        "submitted_generation": o.resource.generation,
        # As early as can be, so that it is looked for before anything is sent again.
        "submission_started_at": o.resource.created_at or o.now,
        "cancellation": o.status.cancellation,
    }
    status = report(o, Situation.ACTIVE, State.SUBMITTING, Reason.FOREIGN_STATUS, message, **changes)
    return PatchStatus(status, Event(Reason.FOREIGN_STATUS, message, warning=True))


def answer_in_hand(o: Observation) -> Decision | None:
    """AWS has a run for our token, and the status does not name it yet."""
    accepted = o.memory.accepted
    if accepted is None or accepted.token != o.token or o.submitted or o.status.finished:
        return None
    cluster = accepted.cluster or o.cluster
    if cluster is None or o.status.between_attempts:
        return None
    if accepted.resent and not accepted.read:
        return DescribeJob(cluster, accepted.id)
    if isinstance(o.resource.spec, LargeSpec):
        # What was asked for is compared, and says where the logs are.
        return ReadSpec()
    return _record(o, accepted, cluster)


def _record(o: Observation, accepted: Accepted, cluster: str) -> PatchStatus:
    differences = _differences(o)
    changes: dict[str, Any] = {
        "id": accepted.id,
        "arn": accepted.arn,
        "name": accepted.name or o.status.name,
        "logs": _logs(o, cluster, accepted.id),
        **({} if o.intent_recorded else _intent_of(o, accepted, cluster)),
    }
    status = _recorded(o, accepted, changes, differences)
    if differences:
        message = f"Job run {accepted.id} was started from another request: {', '.join(differences)} differ"
        return PatchStatus(status, Event(Reason.REQUEST_MISMATCH, message, warning=True))
    return PatchStatus(status, Event(Reason.ACCEPTED, f"AWS accepted job run {accepted.id}"))


def _intent_of(o: Observation, accepted: Accepted, cluster: str) -> dict[str, Any]:
    """Somebody else took the intent back although the request was accepted: it stands again, and locks the spec."""
    return {
        "client_token": accepted.token,
        "attempt": o.attempt,
        "virtual_cluster_id": cluster,
        "submitted_generation": o.resource.generation,
        "submission_started_at": o.now,
    }


def _recorded(
    o: Observation, accepted: Accepted, changes: dict[str, Any], differences: tuple[str, ...]
) -> EmrJobRunStatus:
    observed_run = o.memory.observed_run
    if observed_run is not None and observed_run.run.id == accepted.id and not differences:
        return status_after(o, observed_run, **changes)
    message = "AWS accepted the job run"
    if stopping(o):
        message = cancelling_message(o.status.cancellation)
    elif differences:
        message = f"The job run under our token was started from another request: {', '.join(differences)} differ"
    reason = Reason.REQUEST_MISMATCH if differences else Reason.ACCEPTED
    return report(o, Situation.ACTIVE, State.PENDING, reason, message, **changes)


def _differences(o: Observation) -> tuple[str, ...]:
    """The members of the request that the record of the run does not share. Names only, no values."""
    observed_run = o.memory.observed_run
    if observed_run is None or observed_run.run.request is None or not isinstance(o.resource.spec, EmrJobRunSpec):
        return ()
    found = []
    if observed_run.run.client_token not in (None, o.token):
        found.append("clientToken")
    ours = o.resource.spec.model_dump(mode="json", by_alias=True, exclude_none=True)
    for member in ("executionRoleArn", "releaseLabel", "jobDriver"):
        theirs = observed_run.run.request.get(member)
        if member in ours and theirs is not None and theirs != ours[member]:
            found.append(member)
    return tuple(found)


def _logs(o: Observation, cluster: str, run_id: str) -> LogLocations | None:
    spec = o.resource.spec
    found = log_locations(spec, cluster, run_id) if isinstance(spec, EmrJobRunSpec) else LogLocations()
    return found if found != LogLocations() else None


def look_for_run(o: Observation) -> Decision | None:
    """Look for the run until nothing sent before can be accepted any more; None when that is sure."""
    settled_at = nothing_can_come_after(o)
    search = o.memory.search if o.memory.search and o.memory.search.token == o.token else None
    if search is not None and search.asked_at >= settled_at:
        return None
    if search is None:
        return search_for(o)
    # A look at the very end of the grace, not up to a whole back-off later.
    due = search.retry_at if search.failures else min(search.retry_at, settled_at)
    return Wait(due) if due > o.now else search_for(o)


def nothing_can_come_after(o: Observation) -> datetime:
    """When a request of ours, paused on its way, can be accepted no more, and every list shows the run."""
    times = [o.status.submission_started_at or o.now]
    if o.sends.latest_at is not None:
        times.append(o.sends.latest_at)
    if o.status.cancellation is not None:
        times.append(o.status.cancellation.requested_at)
    elif o.resource.deleting_since is not None:
        times.append(o.resource.deleting_since)
    return max(times) + o.timing.grace


def search_for(o: Observation) -> FindRun:
    """The search for the run of the recorded intent."""
    started = o.status.submission_started_at or o.now
    return FindRun(
        virtual_cluster_id=o.cluster or "",
        name=o.status.name or _would_be_called(o),
        created_after=started - o.timing.clock_margin,
        client_token=o.token,
    )


def _would_be_called(o: Observation) -> str:
    """The name that a request of ours gives to the run."""
    match o.resource.spec:
        case EmrJobRunSpec() as spec:
            return job_name(spec, o.resource.name)
        case LargeSpec() as spec:
            return spec.job_name
        case _:
            return o.resource.name

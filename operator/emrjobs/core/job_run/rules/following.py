"""Rules for a run that AWS has accepted: keep the status true until the end. Pure."""

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.spec import DeletionPolicy
from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.conditions import Situation
from emrjobs.core.job_run.effects import (
    AddFinalizer,
    CancelJob,
    ConfirmLoss,
    Decision,
    DescribeJob,
    Event,
    PatchStatus,
    RemoveFinalizer,
    Wait,
)
from emrjobs.core.job_run.memory import Trouble
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.reporting import (
    acknowledged,
    cancelling_message,
    ready_reason,
    report,
    stopping,
)
from emrjobs.core.job_run.rules.completion import status_after
from emrjobs.core.job_run.rules.visibility import cannot_look, keeping_trouble
from emrjobs.core.job_run.runs import ObservedRun, Source, goes_back

_WARNINGS = (State.FAILED, State.CANCELLED)
_WISHED = (Reason.CANCELLED, Reason.DELETED)


def progress_seen(o: Observation) -> Decision | None:
    """AWS shows something that the status does not say yet."""
    observed_run = o.memory.observed_run
    if o.run is None or observed_run is None:
        return None
    if observed_run.source is Source.LIST and goes_back(o.status.state or "", o.run.state):
        # A list that lags, read by a process that has not described the run itself.
        return None
    if _perhaps_over(o, observed_run):
        return None
    status = keeping_trouble(o, status_after(o, observed_run))
    if status == o.status:
        return None
    told = status.state == State.CANCEL_PENDING and stopping(o)
    if status.state == o.status.state or told:
        return PatchStatus(status)
    ready = status.condition("Ready")
    reason = Reason(ready.reason) if ready else Reason.FOLLOWING
    bad = (status.state in _WARNINGS and reason not in _WISHED) or reason is Reason.RESUBMITTING
    return PatchStatus(status, Event(reason, _event_text(o, status), warning=bad))


def _perhaps_over(o: Observation, observed_run: ObservedRun) -> bool:
    """A newer list lacks the run: what an older one said is not written down before AWS was asked."""
    due = o.memory.look_at
    overtaken = observed_run.source is Source.LIST and due is not None and due <= o.now
    return overtaken and o.cluster is not None and o.stop is None and not stopping(o)


def _event_text(o: Observation, status: EmrJobRunStatus) -> str:
    ready = status.condition(ConditionType.READY)
    if status.between_attempts and ready is not None:
        return ready.message
    because = f" ({status.failure_reason})" if status.failure_reason else ""
    return f"Job run {o.status.id} is {status.state}{because}"


def lost(o: Observation) -> Decision | None:
    """AWS denied twice knowing the run. It is never started again: its record is lost, not the work."""
    if not o.submitted or not o.memory.gone_twice or not o.denials_believable or o.cluster is None:
        return None
    if o.memory.loss_checked is None:
        return ConfirmLoss(o.cluster, o.status.arn)
    message = f"AWS has no record of job run {o.status.id} any more"
    status = report(o, Situation.FAILED, State.LOST, Reason.LOST, message)
    return PatchStatus(status, Event(Reason.LOST, message, warning=True))


def cancel_due(o: Observation) -> Decision | None:
    """A cancellation is recorded: carry it out, once, and again only if a describe shows that it did nothing."""
    cluster, run_id = o.cluster, o.status.id
    if cluster is None or run_id is None or not stopping(o):
        return None
    trouble = o.memory.cancel
    if trouble is not None and trouble.retry_at > o.now:
        return _show_cancel_trouble(o, trouble)
    observed_run = o.memory.observed_run
    if o.run is None or observed_run is None:
        # A process that has just begun does not know what an earlier one did: look first.
        return _describe(o, cluster, run_id)
    if not o.run.cancellable:
        return None
    sent = o.memory.cancelling
    if sent is None or sent.id != run_id:
        return CancelJob(cluster, run_id)
    again_at = sent.sent_at + o.timing.cancel_again
    if o.now < again_at:
        return None
    if observed_run.source is Source.DESCRIBE and observed_run.asked_at >= again_at:
        return CancelJob(cluster, run_id)
    return _describe(o, cluster, run_id)


def _describe(o: Observation, cluster: str, run_id: str) -> Decision:
    """Describe it now, unless that failed a moment ago."""
    trouble, due = o.memory.describe, o.memory.look_at
    failed = trouble is not None or o.memory.gone_once_at is not None
    if failed and due is not None and due > o.now:
        return cannot_look(o) or Wait(due)
    return DescribeJob(cluster, run_id)


def _show_cancel_trouble(o: Observation, trouble: Trouble) -> Decision | None:
    """A cancellation that AWS refuses is visible; passing troubles are from the third on."""
    if trouble.verdict is not Verdict.DENIED and trouble.count < 3:
        return None
    text = f"{cancelling_message(o.status.cancellation)}, but AWS answers {trouble.code}"
    if trouble.verdict is Verdict.DENIED:
        text += (
            f". The operator's role lacks emr-containers:CancelJobRun on job run {o.status.id} of virtual cluster "
            f"{o.status.virtual_cluster_id}. Setting deletionPolicy to Retain lets go of the run"
        )
    if ready_reason(o.status) == Reason.CANCEL_FAILED:
        return None
    status = report(o, Situation.ACTIVE, o.status.state or "", Reason.CANCEL_FAILED, text)
    return PatchStatus(status, Event(Reason.CANCEL_FAILED, text, warning=True))


def finalizer_follows_policy(o: Observation) -> Decision | None:
    """``deletionPolicy`` may change while the run goes on, and the finalizer follows it."""
    if not o.submitted or o.resource.deleting:
        return None
    cancel = o.resource.lifecycle.deletion_policy is DeletionPolicy.CANCEL
    if cancel == o.resource.has_finalizer:
        return None
    return AddFinalizer() if cancel else RemoveFinalizer()


def newer_generation(o: Observation) -> Decision | None:
    """The spec changed in a member that does not touch the run: say that it was noticed."""
    if not o.submitted or o.status.observed_generation == o.resource.generation:
        return None
    return PatchStatus(acknowledged(o))


def follow(o: Observation) -> Decision | None:
    """The run goes on: look when a look is due."""
    if not o.submitted or o.status.id is None:
        return None
    return _look(o, o.cluster, o.status.id) if o.cluster else Wait()


def _look(o: Observation, cluster: str, run_id: str) -> Decision:
    due = o.memory.look_at
    if due is not None and due <= o.now:
        return DescribeJob(cluster, run_id)
    return cannot_look(o) or Wait(due)

"""Rules for requests that AWS, or we ourselves, refuse. Pure."""

from collections.abc import Mapping
from typing import Final

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.spec import EmrJobRunSpec
from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.core.failures import REFUSALS, Verdict
from emrjobs.core.job_run.conditions import Situation
from emrjobs.core.job_run.effects import Decision, Event, InspectCluster, PatchStatus, ReadSpec, ReadTemplate, Wait
from emrjobs.core.job_run.large_spec import LargeSpec
from emrjobs.core.job_run.memory import Trouble
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.reporting import NO_INTENT, ready_reason, report, shorten
from emrjobs.core.job_run.resource import NotAdmitted, NotJudged
from emrjobs.core.job_run.rules.recovery import look_for_run, nothing_can_come_after
from emrjobs.core.parsing import SpecProblem

_REASONS: Final[Mapping[Verdict, Reason]] = {
    Verdict.BUSY: Reason.CLUSTER_BUSY,
    Verdict.UNCLEAR: Reason.REFUSED_UNCLEAR,
    Verdict.REJECTED: Reason.REQUEST_REFUSED,
    Verdict.NOT_FOUND: Reason.NOT_FOUND,
    Verdict.DENIED: Reason.ACCESS_DENIED,
}

_FOR_GOOD: Final = (Reason.INVALID_SPEC, Reason.REQUEST_REFUSED)
"""Refusals that only a change of the spec can mend."""


def unreadable(o: Observation) -> Decision | None:
    """The spec cannot be read by this version. A request that was perhaps sent is still looked for."""
    if not isinstance(o.resource.spec, SpecProblem):
        return None
    if o.intent_recorded and not o.never_accepted:
        look = look_for_run(o)
        if look is not None:
            return look
    message = f"The spec cannot be read: {o.resource.spec}"
    return _rejected(o, Reason.INVALID_SPEC, message) or Wait()


def policies_not_loaded(o: Observation) -> Decision | None:
    """Nothing is decided by policies that are not known yet. What is shown already stays."""
    if not isinstance(o.resource.admission, NotJudged):
        return None
    if o.intent_recorded and not o.never_accepted:
        return look_for_run(o) or Wait()
    return _not_judged_yet(o, "The policies are not loaded yet") or Wait()


def _not_judged_yet(o: Observation, text: str) -> PatchStatus | None:
    """Said of an object that says nothing yet. What is shown already stays."""
    if o.status.state is not None:
        return None
    since = o.resource.created_at or o.now
    return PatchStatus(report(o, Situation.ACTIVE, State.QUEUED, Reason.POLICY_NOT_LOADED, text, wanted_since=since))


def template_needed(o: Observation) -> Decision | None:
    """The request names a job template, and cannot be judged without what that says."""
    admission = o.resource.admission
    if not isinstance(admission, NotJudged) or admission.template is None:
        return None
    trouble = o.memory.template
    if trouble is None or trouble.retry_at <= o.now:
        return ReadTemplate(admission.template)
    if o.intent_recorded:
        return (None if o.never_accepted else look_for_run(o)) or Wait(trouble.retry_at)
    text = f"spec.jobTemplateId cannot be judged: AWS answers {trouble.code} to DescribeJobTemplate"
    refused = trouble.verdict in REFUSALS
    shown = _rejected(o, Reason.CANNOT_BE_JUDGED, text) if refused else _not_judged_yet(o, text)
    return shown or Wait(trouble.retry_at)


def not_admitted(o: Observation) -> Decision | None:
    """The policies do not allow it. A request that was perhaps sent is still looked for, and adopted if it is found."""
    admission = o.resource.admission
    if not isinstance(admission, NotAdmitted):
        return None
    if o.intent_recorded and not o.never_accepted:
        look = look_for_run(o)
        if look is not None:
            return look
    if o.intent_recorded and o.attempt == 1:
        status = report(o, Situation.REFUSED, State.REJECTED, admission.reason, admission.message)
        return PatchStatus(_unlocked(status), Event(admission.reason, admission.message, warning=True))
    return _rejected(o, admission.reason, admission.message) or Wait()


def review_due(o: Observation) -> Decision | None:
    """The policies have changed since they were asked: what the user wrote is read, and judged again."""
    if not o.review_due:
        return None
    return ReadSpec()


def refused_for_good(o: Observation) -> Decision | None:
    """Nothing changed since it was refused for good."""
    if o.status.state != State.REJECTED or o.intent_recorded:
        return None
    same = o.status.observed_generation == o.resource.generation
    return Wait() if same and ready_reason(o.status) in _FOR_GOOD else None


def still_counts(o: Observation, trouble: Trouble) -> bool:
    """Whether the trouble still counts: a refusal speaks of the generation that the request was made from."""
    made_from = o.status.submitted_generation or o.resource.generation
    return trouble.verdict not in REFUSALS or o.memory.refused_generation == made_from


def not_judged(o: Observation) -> Decision | None:
    """AWS refused in words that may mean a full queue: look at the virtual cluster."""
    trouble, cluster = o.memory.start, o.cluster
    if trouble is None or trouble.verdict is not Verdict.UNJUDGED or cluster is None or not o.intent_recorded:
        return None
    return InspectCluster(cluster)


def refused(o: Observation) -> Decision | None:
    """AWS refused: say so, and unlock the spec as soon as it is certain that nothing was started."""
    trouble = o.memory.start
    if trouble is None or trouble.verdict not in _REASONS or not o.intent_recorded:
        return None
    if o.sends.made == 0 or not still_counts(o, trouble):
        return None
    shown = _refusal(o, trouble)
    if o.attempt == 1 and o.never_accepted:
        return PatchStatus(_unlocked(shown), _event(o, trouble))
    if trouble.retry_at <= o.now:
        # What the next try meets is shown then; until it is made, other waits have the word.
        return None
    if _says_more(o.status, shown):
        return PatchStatus(shown, _event(o, trouble))
    return _unlock_when_sure(o, trouble, shown) if o.attempt == 1 else None


def _says_more(before: EmrJobRunStatus, shown: EmrJobRunStatus) -> bool:
    return (shown.state, ready_reason(shown), shown.observed_generation) != (
        before.state,
        ready_reason(before),
        before.observed_generation,
    )


def _unlock_when_sure(o: Observation, trouble: Trouble, shown: EmrJobRunStatus) -> Decision | None:
    """An earlier send may have been accepted: unlock after a look at the end of the grace, unless a try comes first."""
    if trouble.retry_at <= nothing_can_come_after(o):
        return None
    look = look_for_run(o)
    if isinstance(look, Wait) and look.until is not None:
        return Wait(min(look.until, trouble.retry_at))
    return look or PatchStatus(_unlocked(shown))


def waiting_for_probe(o: Observation) -> Decision | None:
    """Another object's request was refused for a reason that concerns this one too: wait for its next try.

    Nobody is REJECTED on another's refusal, and nothing of the other's request is told.
    """
    circuit = o.open_circuit
    if circuit is None:
        return None
    denied = circuit.verdict is Verdict.DENIED
    reason = Reason.WAITING_FOR_PERMISSION if denied else Reason.CLUSTER_BUSY
    told = o.status.state == State.QUEUED and ready_reason(o.status) == reason
    if o.status.state == State.REJECTED or told:
        return Wait(circuit.until)
    text = _denied_text(o, circuit.code) if denied else _busy_text(o, circuit.code)
    since = o.status.wanted_since or o.resource.created_at or o.now
    status = report(o, Situation.ACTIVE, State.QUEUED, reason, text, wanted_since=since)
    return PatchStatus(status, Event(reason, f"Waiting for the next try of another object: {reason}"))


def _refusal(o: Observation, trouble: Trouble) -> EmrJobRunStatus:
    reason = _reason(o, trouble)
    message = _message(o, trouble)
    if _passing(o, trouble):
        return report(o, Situation.ACTIVE, State.QUEUED, reason, message)
    again = o.status.state == State.REJECTED and ready_reason(o.status) == reason
    if again and o.status.observed_generation == o.resource.generation:
        return o.status
    return report(o, Situation.REFUSED, State.REJECTED, reason, message)


def _reason(o: Observation, trouble: Trouble) -> Reason:
    if trouble.verdict is Verdict.DENIED and _passing(o, trouble):
        return Reason.WAITING_FOR_PERMISSION
    return _REASONS[trouble.verdict]


def _passing(o: Observation, trouble: Trouble) -> bool:
    """Whether waiting will probably mend it; once shown as REJECTED it stays so until AWS accepts."""
    if trouble.verdict is Verdict.BUSY:
        return True
    if trouble.verdict not in (Verdict.DENIED, Verdict.NOT_FOUND) or o.status.state == State.REJECTED:
        return False
    return o.now - trouble.since < o.timing.denied_patience


def _unlocked(status: EmrJobRunStatus) -> EmrJobRunStatus:
    """Without the intent: nothing was started, so the spec may be changed and sent afresh."""
    return status.model_copy(update=dict(NO_INTENT))


def _message(o: Observation, trouble: Trouble) -> str:
    if trouble.verdict is Verdict.DENIED:
        return _denied_text(o, trouble.message)
    if trouble.verdict is Verdict.BUSY:
        return _busy_text(o, trouble.message)
    return f"AWS refused the request: {trouble.message or trouble.code}"


def _denied_text(o: Observation, aws: str) -> str:
    spec = o.resource.spec
    role = spec.execution_role_arn if isinstance(spec, EmrJobRunSpec | LargeSpec) else None
    with_role = f" with execution role {role}" if role else ""
    return f"The operator's role lacks emr-containers:StartJobRun on virtual cluster {o.cluster}{with_role}. AWS: {aws}"


def _busy_text(o: Observation, aws: str) -> str:
    return f"Virtual cluster {o.cluster} takes no job run now. AWS: {aws}"


def _event(o: Observation, trouble: Trouble) -> Event | None:
    """Events carry the code and not AWS's text, which may echo values of the request."""
    if o.status.state == State.REJECTED and o.status.observed_generation == o.resource.generation:
        return None
    if ready_reason(o.status) == _reason(o, trouble) and _passing(o, trouble):
        return None
    text = f"AWS refused the request with {trouble.code}; see the Ready condition"
    return Event(_reason(o, trouble), text, warning=True)


def _rejected(o: Observation, reason: Reason, message: str) -> PatchStatus | None:
    ready = o.status.condition(ConditionType.READY)
    same = ready is not None and (ready.reason, ready.message) == (reason, shorten(message))
    if same and o.status.observed_generation == o.resource.generation and o.status.state == State.REJECTED:
        return None
    status = report(o, Situation.REFUSED, State.REJECTED, reason, message)
    return PatchStatus(status, Event(reason, message, warning=True))

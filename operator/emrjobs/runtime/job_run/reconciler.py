"""What the controller of EmrJobRuns does in a pass: the rules decide, the executor acts."""

from dataclasses import dataclass, replace
from datetime import datetime

from emrjobs.api.job_run.reasons import Reason
from emrjobs.core.effects import Forget, Wait
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import Effect, Event
from emrjobs.core.job_run.observation import Observation, Place
from emrjobs.core.job_run.priority import tolerated_delay, unwritten
from emrjobs.core.job_run.resource import Admitted, Resource
from emrjobs.core.job_run.target import NoTarget
from emrjobs.core.job_run.timing import Timing
from emrjobs.runtime.aws.target import AwsTargets
from emrjobs.runtime.event_recorder import EventRecorder
from emrjobs.runtime.job_run.active_runs import ActiveRuns
from emrjobs.runtime.job_run.entries import JobRunEntry
from emrjobs.runtime.job_run.executor import Executor
from emrjobs.runtime.job_run.request_review import RequestReview
from emrjobs.runtime.metrics import METRICS

_STATUS_REFUSED = (
    "The API server refuses every status of this object, since what is stored does not fit the CRD, or is too large; "
    "delete it and create it anew"
)


@dataclass(frozen=True, slots=True)
class JobRunReconciler:
    """See ``controller.Reconciler``."""

    executor: Executor
    targets: AwsTargets
    event_recorder: EventRecorder
    timing: Timing
    review: RequestReview
    active_runs: ActiveRuns

    def decide(self, entry: JobRunEntry, now: datetime) -> tuple[str, Effect | Wait | Forget]:
        """By the rules of ``core/job_run/decide.py``."""
        review_due = self.review.bring_up_to_date(entry)
        return decide(self._observe(entry, now, review_due=review_due))

    async def act(self, entry: JobRunEntry, effect: Effect) -> bool:
        """Carry it out; false if it waits for the rate limiter."""
        return await self.executor.act(entry, effect)

    def tolerated_delay(self, entry: JobRunEntry, now: datetime) -> float:
        """Ends and users' wishes first, then new runs, then progress."""
        return tolerated_delay(entry.resource, entry.memory, now)

    def unwritten(self, entry: JobRunEntry) -> bool:
        """Whether AWS has accepted a run, or shown an end, that the status does not tell yet."""
        return unwritten(entry.resource, entry.memory)

    def resting(self, resource: Resource) -> None:
        """An object that has reached its end is not among the active ones any more."""
        if resource.finished:
            self.targets.over(resource.uid)

    def status_refused(self, resource: Resource) -> None:
        """An event is all that such an object gets."""
        METRICS.refused_objects.inc()
        self.event_recorder.record(resource, Event(Reason.STATUS_REFUSED, _STATUS_REFUSED, warning=True))

    def forgotten(self, uid: str) -> None:
        """Its reservations lapse."""
        self.targets.forget(uid)

    def _place(self, resource: Resource) -> Place:
        admission = resource.admission
        if not isinstance(admission, Admitted) or admission.policy is None:
            return Place.FREE
        return self.active_runs.place(resource, admission.policy)

    def _observe(self, entry: JobRunEntry, now: datetime, *, review_due: bool) -> Observation:
        where = self.targets.locate(entry.resource)
        observation = Observation(
            now=now,
            resource=entry.resource,
            memory=entry.memory,
            timing=self.timing,
            target=where,
            review_due=review_due,
            place=self._place(entry.resource),
        )
        if isinstance(where, NoTarget):
            return observation
        status, target = entry.resource.status, self.targets.get(where.key)
        wants_run = status.id is None or status.between_attempts
        return replace(
            observation,
            open_circuit=target.circuit_breakers.ahead(entry.resource, now) if wants_run else None,
            skew=target.emr.skew,
            denials_believable=not target.lost_runs.too_many,
        )

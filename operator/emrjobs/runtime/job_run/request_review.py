"""Has the policies judge requests: what is not recorded yet, and what somebody else recorded."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from emrjobs.api.job_run.spec import DeletionPolicy, PartialSpec
from emrjobs.core.job_policy.policies import Bounds, Policies
from emrjobs.core.job_policy.selector import Namespace
from emrjobs.core.job_run.admission import dumped, review
from emrjobs.core.job_run.large_spec import LARGE, outline
from emrjobs.core.job_run.lifecycle import Lifecycle
from emrjobs.core.job_run.resource import Admitted, NotAdmitted, Resource
from emrjobs.core.job_run.tokens import current_token
from emrjobs.runtime.job_run.entries import JobRunEntry


class RequestReview:
    """Keeps what the policies say of each object that has no run beside the object."""

    def __init__(self, policies: Policies | None) -> None:
        """None: no policies hold in this installation."""
        self._policies = policies

    def bring_up_to_date(self, entry: JobRunEntry) -> bool:
        """Note what the policies say; true if what the user wrote must be read again for that."""
        resource = entry.resource
        if self._policies is None or not resource.exists or resource.finished:
            return False
        namespace = Namespace(resource.namespace)
        bounded = _bounded(resource.lifecycle, self._policies.bounds(namespace))
        if bounded != resource.lifecycle:
            resource = entry.resource = replace(resource, lifecycle=bounded)
        known, spec = resource.admission, resource.spec
        if not _to_be_judged(entry) or not isinstance(spec, PartialSpec):
            return False
        if known is not None and known.version == self._policies.version(namespace):
            return False
        if isinstance(known, Admitted):
            return True
        entry.resource = _reviewed(resource, spec, self._policies)
        return False

    def replace(self, policies: Policies, resources: Iterable[Resource]) -> list[str]:
        """Other policies hold from now on; the uids of objects that this may concern: running ones never are."""
        before, self._policies = self._policies, policies
        return [
            resource.uid
            for resource in resources
            if not resource.finished
            and resource.status.id is None
            and (before is None or _differ(before, policies, Namespace(resource.namespace)))
        ]


def _differ(before: Policies, after: Policies, namespace: Namespace) -> bool:
    return before.version(namespace) != after.version(namespace)


def _to_be_judged(entry: JobRunEntry) -> bool:
    """Whether a request may be sent that this process has not judged and recorded itself."""
    status, sends = entry.resource.status, entry.memory.sends
    if status.between_attempts or (status.id is None and status.client_token is None):
        return True
    if status.id is not None:
        return False
    return sends is None or sends.inherited or sends.token != current_token(entry.resource.uid, status)


def _reviewed(resource: Resource, spec: PartialSpec, policies: Policies) -> Resource:
    found = review(resource, spec, policies)
    if isinstance(found.admission, NotAdmitted):
        large = resource.spec_size > LARGE and resource.status.client_token is None
        kept = outline(spec, resource.name) if large else spec
        return replace(resource, spec=kept, admission=found.admission)
    bounds = policies.bounds(Namespace(resource.namespace))
    lifecycle = _bounded(Lifecycle.read(dumped(found.spec)), bounds)
    return replace(resource, spec=found.spec, admission=found.admission, lifecycle=lifecycle)


def _bounded(lifecycle: Lifecycle, bounds: Bounds) -> Lifecycle:
    """A run that was allowed for a day does not get a year by an edit, nor go on without its object."""
    if lifecycle.deletion_policy is DeletionPolicy.RETAIN and not bounds.retain:
        lifecycle = replace(lifecycle, deletion_policy=DeletionPolicy.CANCEL)
    deadline: timedelta | None = lifecycle.active_deadline
    if bounds.active_deadline is not None and (deadline is None or deadline > bounds.active_deadline):
        lifecycle = replace(lifecycle, active_deadline=bounds.active_deadline)
    return lifecycle

"""Has the policies judge requests: what is not recorded yet, and what somebody else recorded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from emrjobs.api.job_run.spec import DeletionPolicy, PartialSpec
from emrjobs.core.job_policy.policies import Bounds, Policies
from emrjobs.core.job_policy.selector import Namespace
from emrjobs.core.job_policy.templates import FindTemplate, no_template
from emrjobs.core.job_run.admission import dumped, review
from emrjobs.core.job_run.large_spec import LARGE, outline
from emrjobs.core.job_run.lifecycle import NO_DEFAULTS, Lifecycle
from emrjobs.core.job_run.resource import Admitted, NotAdmitted, NotJudged, Resource
from emrjobs.core.job_run.tokens import current_token
from emrjobs.runtime.job_run.entries import JobRunEntry
from emrjobs.runtime.metrics import METRICS

_MEMBERS: Final = frozenset((*PartialSpec.request_members(), *PartialSpec.own_members()))


@dataclass(frozen=True, slots=True)
class PolicySource:
    """Where policies come from."""

    policies: Policies | None
    """Those that hold at the start. None: they are not loaded yet."""
    namespace: Callable[[str], Namespace | None] = Namespace
    """A namespace as policies see it, by its name. None: its labels are not known yet."""


class RequestReview:
    """Keeps what the policies say of each object that has no run beside the object."""

    def __init__(
        self,
        source: PolicySource | None,
        defaults: Lifecycle = NO_DEFAULTS,
        templates: FindTemplate = no_template,
    ) -> None:
        """None: no policies hold in this installation. ``defaults`` are those of the installation."""
        self._source = source
        self._templates = templates
        self._defaults = defaults
        self._policies = source.policies if source is not None else None

    def bring_up_to_date(self, entry: JobRunEntry) -> bool:
        """Note what the policies say; true if what the user wrote must be read again for that."""
        resource = entry.resource
        if self._source is None or not resource.exists or resource.finished:
            return False
        namespace = self._source.namespace(resource.namespace)
        if self._policies is None or namespace is None:
            if resource.admission is None and _to_be_judged(entry):
                entry.resource = replace(resource, admission=NotJudged())
            return False
        resource = entry.resource = _within(resource, self._policies.bounds(namespace))
        known, spec = resource.admission, resource.spec
        if not _to_be_judged(entry) or not isinstance(spec, PartialSpec):
            return False
        if isinstance(known, Admitted | NotAdmitted) and known.version == self._policies.version(namespace):
            return False
        if isinstance(known, Admitted):
            return True
        entry.resource = self._reviewed(resource, spec, self._policies, namespace)
        return False

    def replace(self, policies: Policies, resources: Iterable[Resource]) -> list[str]:
        """Other policies hold from now on; the uids of objects that this may concern: running ones never are."""
        before, self._policies = self._policies, policies
        return [resource.uid for resource in resources if _waits(resource) and self._differ(before, policies, resource)]

    def template_read(self, template_id: str, resources: Iterable[Resource]) -> list[str]:
        """The uids of objects that may be judged now."""
        waiting = ((resource.uid, resource.admission) for resource in resources)
        return [uid for uid, known in waiting if isinstance(known, NotJudged) and known.template == template_id]

    def relabelled(self, namespace: str, resources: Iterable[Resource]) -> list[str]:
        """A namespace has other labels; the uids of objects that this may concern."""
        return [resource.uid for resource in resources if resource.namespace == namespace and _waits(resource)]

    def _reviewed(self, resource: Resource, spec: PartialSpec, policies: Policies, namespace: Namespace) -> Resource:
        found = review(resource, spec, policies, namespace, self._templates)
        if isinstance(found.admission, NotJudged):
            return replace(resource, admission=found.admission)
        if isinstance(found.admission, NotAdmitted):
            METRICS.policy_refusals.labels(reason=found.admission.reason, field=_member(found.admission.field)).inc()
            large = resource.spec_size > LARGE and resource.status.client_token is None
            kept = outline(spec, resource.name) if large else spec
            return replace(resource, spec=kept, admission=found.admission)
        lifecycle = Lifecycle.read(dumped(found.spec)).filled_from(self._defaults)
        return replace(resource, spec=found.spec, admission=found.admission, lifecycle=lifecycle)

    def _differ(self, before: Policies | None, after: Policies, resource: Resource) -> bool:
        namespace = self._source.namespace(resource.namespace) if self._source is not None else None
        if before is None or namespace is None:
            return True
        return before.version(namespace) != after.version(namespace)


def _waits(resource: Resource) -> bool:
    return not resource.finished and (resource.status.id is None or resource.status.between_attempts)


def _to_be_judged(entry: JobRunEntry) -> bool:
    """Whether a request may be sent that this process has not judged and recorded itself."""
    status, sends = entry.resource.status, entry.memory.sends
    if status.between_attempts or (status.id is None and status.client_token is None):
        return True
    if status.id is not None:
        return False
    return sends is None or sends.inherited or sends.token != current_token(entry.resource.uid, status)


def _member(field: str) -> str:
    """A label of a closed list: what a user named there is not shown."""
    return field if field.removeprefix("spec.") in _MEMBERS else "other"


def _within(resource: Resource, bounds: Bounds) -> Resource:
    """A run that was allowed for a day does not get a year by an edit, nor go on without its object.

    What has not been edited since a policy allowed it keeps what it was allowed, whatever the policies say by now.
    """
    status, lifecycle = resource.status, resource.lifecycle
    if status.policy is None or resource.generation <= (status.submitted_generation or resource.generation):
        return resource
    if lifecycle.deletion_policy is DeletionPolicy.RETAIN and not bounds.retain:
        lifecycle = replace(lifecycle, deletion_policy=DeletionPolicy.CANCEL)
    deadline: timedelta | None = lifecycle.active_deadline
    if bounds.active_deadline is not None and (deadline is None or deadline > bounds.active_deadline):
        lifecycle = replace(lifecycle, active_deadline=bounds.active_deadline)
    return resource if lifecycle == resource.lifecycle else replace(resource, lifecycle=lifecycle)

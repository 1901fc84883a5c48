"""Whether policies admit the request of an object: what is known of it, and what follows from a record. Pure."""

from dataclasses import dataclass, replace

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.spec import EmrJobRunSpec, PartialSpec
from emrjobs.core.job_policy.decision import Allowed, Refused
from emrjobs.core.job_policy.defaults import Json, with_supplied
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_policy.selector import Namespace
from emrjobs.core.job_policy.templates import FindTemplate, no_template
from emrjobs.core.job_run.ownership import without_marks
from emrjobs.core.job_run.parsing import parse_spec
from emrjobs.core.job_run.request import digest
from emrjobs.core.job_run.resource import Admitted, NotAdmitted, NotJudged, Resource
from emrjobs.core.parsing import SpecProblem


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The spec that counts from now on, and what the policies say of it."""

    spec: PartialSpec
    admission: Admitted | NotAdmitted | NotJudged


@dataclass(frozen=True, slots=True)
class _Judging:
    """By what requests are judged."""

    policies: Policies
    namespace: Namespace
    templates: FindTemplate


def review(
    resource: Resource,
    spec: PartialSpec,
    policies: Policies,
    namespace: Namespace,
    templates: FindTemplate = no_template,
) -> Reviewed:
    """Judge a request that is not recorded, or perhaps recorded by somebody else, under the policies as they are."""
    given, by = dumped(spec), _Judging(policies, namespace, templates)
    if resource.status.client_token is not None and not resource.status.between_attempts:
        return _recorded(resource, spec, given, by)
    return _judged(resource, spec, given, by)


def dumped(spec: PartialSpec) -> Json:
    """A spec as it was written: names on the wire, without defaults and nulls."""
    return spec.model_dump(by_alias=True, exclude_unset=True, exclude_none=True, mode="json")


def _judged(resource: Resource, spec: PartialSpec, given: Json, by: _Judging) -> Reviewed:
    version = by.policies.version(by.namespace)
    decision = by.policies.decide(given, by.namespace, resource.name, by.templates)
    if isinstance(decision, Refused) and decision.template_needed and decision.policy is not None:
        return Reviewed(spec, NotJudged(spec.job_template_id, decision.policy.name))
    if isinstance(decision, Refused):
        field = ".".join(decision.problems[0].field.split(".")[:2]) if decision.problems else ""
        return Reviewed(spec, NotAdmitted(version, Reason(decision.reason.value), decision.message, field))
    whole = parse_spec(decision.effective)
    if isinstance(whole, SpecProblem):
        return Reviewed(spec, NotAdmitted(version, Reason.INVALID_SPEC, f"The spec cannot be read: {whole}"))
    return Reviewed(whole, _admitted(version, decision))


def _admitted(version: str, decision: Allowed) -> Admitted:
    policy = decision.policy
    if policy is None:
        return Admitted(version)
    return Admitted(version, policy.name, policy.generation, decision.supplied)


def _recorded(resource: Resource, spec: PartialSpec, given: Json, by: _Judging) -> Reviewed:
    """What may be sent is exactly what was recorded, and only if the policies of today would allow it too.

    Whoever may write a status could have forged what it says was supplied.
    """
    recorded = with_supplied(given, resource.status.defaults or {})
    again = _judged(resource, spec, without_marks(recorded), by)
    if not isinstance(again.admission, Admitted) or not isinstance(again.spec, EmrJobRunSpec):
        return again
    if not _is_the_recorded(again.spec, resource, given):
        text = "What is stored is not the request that was recorded; it is looked for, and then judged anew"
        return Reviewed(spec, NotAdmitted(again.admission.version, Reason.REQUEST_MISMATCH, text))
    return Reviewed(again.spec, replace(again.admission, supplied=resource.status.defaults))


def _is_the_recorded(spec: EmrJobRunSpec, resource: Resource, given: Json) -> bool:
    """Whether it is the request that was recorded. Before there were policies, that was the spec and nothing else."""
    status = resource.status
    if status.request_digest is None and not status.defaults:
        return dumped(spec) == given
    return digest(spec, resource.name) == status.request_digest

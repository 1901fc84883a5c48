"""As whom and where AWS is called about an object. Pure.

A policy names account and Region; no object does, and what stands in a status chooses nothing: it only has to agree.
There is no way from one identity to another: where the right one is not there, AWS is not asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from emrjobs.api.job_run.status import AwsLocation, EmrJobRunStatus
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_run.resource import Admitted, NotJudged, Resource


@dataclass(frozen=True, slots=True)
class TargetKey:
    """One identity in one Region."""

    role_arn: str | None = None
    """The role that the operator assumes. None: its own identity."""
    region: str | None = None
    """None: boto3's own."""
    external_id: str | None = field(default=None, repr=False)
    """What the role's trust policy asks for."""

    @property
    def account(self) -> str | None:
        """Where the role is. None for the operator's own identity, whose account only AWS knows."""
        return self.role_arn.split(":")[4] if self.role_arn is not None else None


@dataclass(frozen=True, slots=True)
class Target:
    """Where the run of an object is, or will be."""

    key: TargetKey
    location: AwsLocation | None = None
    """As the status records it. None: the operator's own account and Region."""
    policy: str | None = None
    """The policy that names it."""


@dataclass(frozen=True, slots=True)
class NoTarget:
    """AWS cannot be asked about the object."""

    why: str


OWN_TARGET: Final = Target(TargetKey())
"""The operator's own identity, in boto3's own Region."""
NOT_LOADED: Final = NoTarget("the policies, which name the AWS account of the job run, are not loaded")
NOWHERE: Final = NoTarget(
    "no EmrJobPolicy names the AWS account and Region of the job run any more; it is followed again as soon as one does"
)


def target_named_by(policy: CompiledPolicy, own: TargetKey) -> Target:
    """Where the runs of a policy are. ``own`` is the operator's own identity and Region."""
    aws = policy.spec.aws
    key = TargetKey(aws.role_arn, aws.region or own.region, aws.external_id)
    if key == own:
        return Target(own)
    return Target(key, AwsLocation(account=key.account, region=key.region), policy.name)


def target_of(resource: Resource, policies: Policies | None, own: TargetKey) -> Target | NoTarget:
    """Where the run of an object is, or will be. ``policies``: None while they are not loaded."""
    status = resource.status
    if status.client_token is None or status.between_attempts:
        return _target_to_be(resource, policies, own)
    if status.id is None and isinstance(resource.admission, Admitted):
        # It may be sent again: only to where it is allowed to be, and only if that is where it was sent before.
        to_be = _target_to_be(resource, policies, own)
        return to_be if isinstance(to_be, NoTarget) or to_be.location == status.aws else NOWHERE
    return _target_as_recorded(status, policies, own)


def _target_to_be(resource: Resource, policies: Policies | None, own: TargetKey) -> Target | NoTarget:
    admission = resource.admission
    if not isinstance(admission, Admitted | NotJudged) or admission.policy is None:
        return Target(own)
    if policies is None:
        return NOT_LOADED
    policy = policies.named(admission.policy)
    return target_named_by(policy, own) if policy is not None else NOWHERE


def _target_as_recorded(status: EmrJobRunStatus, policies: Policies | None, own: TargetKey) -> Target | NoTarget:
    if status.aws is None and status.policy is None:
        return Target(own)
    if policies is None:
        return Target(own) if status.aws is None else NOT_LOADED
    pinned = status.policy.name if status.policy is not None else None
    return next((target for target in _candidates(pinned, policies, own) if _agrees(target, status)), NOWHERE)


def _candidates(pinned: str | None, policies: Policies, own: TargetKey) -> Iterator[Target]:
    """First the policy that allowed the request. Any other with the same account and Region serves as well."""
    first = policies.named(pinned) if pinned is not None else None
    if first is not None:
        yield target_named_by(first, own)
    yield Target(own)
    for policy in policies:
        yield target_named_by(policy, own)


def _agrees(target: Target, status: EmrJobRunStatus) -> bool:
    """Whether that is what the status recorded, and where the run is by its ARN."""
    if target.location is None or (status.aws is not None and status.aws != target.location):
        return target.location == status.aws
    if status.arn is None:
        return status.aws is not None
    region, account = (status.arn.split(":") + [""] * 5)[3:5]
    return region == target.location.region and target.location.account in (None, account)

"""As whom and where AWS is called about an object: by what the policies say now, and only if the status agrees."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.api.job_policy.spec import EmrJobPolicySpec
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import AwsLocation, EmrJobRunStatus, PolicyReference, State
from emrjobs.core.failures import ROLE_NOT_ASSUMED, Failure, Operation
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import PatchStatus, StartJob, Wait
from emrjobs.core.job_run.memory_updates import Moment, apply_outcome
from emrjobs.core.job_run.reporting import ready_reason
from emrjobs.core.job_run.resource import Admitted, Resource
from emrjobs.core.job_run.target import NOT_LOADED, NOWHERE, NoTarget, Target, TargetKey, target_of
from tests.support.builders import NOON, TIMING, World, a_run

OWN = TargetKey(region="eu-west-1")
A, B = "222222222222", "333333333333"


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/emr-submit"


def a_policy(name: str, **aws: str) -> CompiledPolicy:
    spec = {"namespaces": {"names": ["team-a"]}, "aws": aws}
    return CompiledPolicy(name, EmrJobPolicySpec.model_validate(spec))


KEYS = {
    "own": OWN,
    "a": TargetKey(role(A), "eu-west-1"),
    "a-too": TargetKey(role(A), "eu-west-1", "secret"),
    "b": TargetKey(role(B), "us-east-1"),
    "own-far": TargetKey(None, "us-east-1"),
}
POLICIES = Policies(
    [
        a_policy("own"),
        a_policy("a", roleArn=role(A)),
        a_policy("a-too", roleArn=role(A), externalId="secret"),
        a_policy("b", roleArn=role(B), region="us-east-1"),
        a_policy("own-far", region="us-east-1"),
    ]
)
IN_A, IN_B = AwsLocation(account=A, region="eu-west-1"), AwsLocation(account=B, region="us-east-1")
FAR = AwsLocation(region="us-east-1")


def arn(account: str, region: str) -> str:
    return f"arn:aws:emr-containers:{region}:{account}:/virtualclusters/vc/jobruns/run"


def by(name: str | None, aws: AwsLocation | None = None, **status: Any) -> Resource:
    """An object whose intent was recorded under that policy."""
    reference = PolicyReference(name=name) if name is not None else None
    return a_run().running().saying(policy=reference, aws=aws, **{"arn": None, **status}).resource


def pending(resource: Resource, admitted_by: str | None) -> Resource:
    """Its run has no id yet, and its request was judged again."""
    return replace(
        resource, status=resource.status.model_copy(update={"id": None}), admission=Admitted("1", admitted_by)
    )


NEW = a_run().resource
TARGETS: dict[str, tuple[Resource, str | NoTarget]] = {
    "new, without policy": (NEW, "own"),
    "new, allowed by a": (replace(NEW, admission=Admitted("1", "a")), "a"),
    "new, allowed by one that is gone": (replace(NEW, admission=Admitted("1", "gone")), NOWHERE),
    "between attempts, allowed by b": (
        replace(a_run().failed_once().saying(aws=IN_A).resource, admission=Admitted("1", "b")),
        "b",
    ),
    "before there were policies": (by(None), "own"),
    "by a": (by("a", IN_A), "a"),
    "by a, with its ARN": (by("a", IN_A, arn=arn(A, "eu-west-1")), "a"),
    "by one with another external id": (by("a-too", IN_A), "a-too"),
    "by one that is gone, where another is for the account": (by("gone", IN_A), "a"),
    "by one that is gone, and nobody is for the account": (
        by("gone", IN_A.model_copy(update={"account": "4"})),
        NOWHERE,
    ),
    "by one that names another account now": (by("b", IN_A), "a"),
    "by the operator itself in another Region": (by("own-far", FAR), "own-far"),
    "a policy that got an account after the run began": (by("a"), "own"),
    "forged: no account, but the ARN says it": (by("a", None, arn=arn(A, "eu-west-1")), "a"),
    "forged: another account than the ARN's": (by("a", IN_B, arn=arn(A, "eu-west-1")), NOWHERE),
    "forged: another Region": (by("a", AwsLocation(account=A, region="us-east-1")), NOWHERE),
    "forged: an ARN that is none": (by("a", IN_A, arn="x"), NOWHERE),
    "to be sent again": (pending(by("a", IN_A), "a"), "a"),
    "to be sent again, the account forged away": (pending(by("a"), "a"), NOWHERE),
    "to be sent again, policy and account forged away": (pending(by(None), "a"), NOWHERE),
    "to be sent again, to another account by now": (pending(by("b", IN_A), "b"), NOWHERE),
    "to be sent again, without policy": (pending(by(None), None), "own"),
}


@pytest.mark.parametrize(("resource", "expected"), TARGETS.values(), ids=TARGETS)
def test_the_target(resource: Resource, expected: str | NoTarget) -> None:
    found = target_of(resource, POLICIES, OWN)
    assert found == expected if isinstance(expected, NoTarget) else found == Target(KEYS[expected], *_rest(found))


def _rest(found: Target | NoTarget) -> tuple[AwsLocation | None, str | None]:
    return (found.location, found.policy) if isinstance(found, Target) else (None, None)


UNLOADED: dict[str, tuple[Resource, Target | NoTarget]] = {
    "in the operator's own account": (by("own"), Target(OWN)),
    "without policy": (by(None), Target(OWN)),
    "elsewhere": (by("a", IN_A), NOT_LOADED),
    "new": (replace(NEW, admission=Admitted("1", "a")), NOT_LOADED),
}


@pytest.mark.parametrize(("resource", "expected"), UNLOADED.values(), ids=UNLOADED)
def test_while_the_policies_are_not_loaded(resource: Resource, expected: Target | NoTarget) -> None:
    assert target_of(resource, None, OWN) == expected


LOCATIONS = st.sampled_from([None, IN_A, IN_B, FAR, AwsLocation(account=A), AwsLocation(account=B, region="eu-west-1")])
STATUSES = st.builds(
    by,
    st.sampled_from([None, "gone", *KEYS]),
    LOCATIONS,
    arn=st.sampled_from([None, "x", arn(A, "eu-west-1"), arn(B, "us-east-1"), arn(A, "us-east-1")]),
    id=st.sampled_from([None, "0000run"]),
)


@given(STATUSES, st.sampled_from([None, Admitted("1"), *(Admitted("1", name) for name in KEYS)]))
def test_whatever_a_status_says_it_sends_nobody_elsewhere(resource: Resource, admission: Admitted | None) -> None:
    resource = replace(resource, admission=admission)
    found, status = target_of(resource, POLICIES, OWN), resource.status
    if not isinstance(found, Target):
        return
    assert status.aws in (None, found.location), "what was recorded holds"
    if found.location is not None and status.arn is not None and status.id is not None:
        assert f":{found.location.region}:" in status.arn
        assert found.location.account is None or f":{found.location.account}:" in status.arn
    if status.id is None and admission is not None:
        assert found.key == KEYS[admission.policy or "own"], "a request goes to where the policies of today send it"


def in_vain(world: World, times: int) -> World:
    """So many sends found no session with the role."""
    request = {"clientToken": world.observe().token}
    for _ in range(times):
        moment = Moment(NOON, NOON, 0.5, TIMING, 1)
        failure = Failure(Operation.START, ROLE_NOT_ASSUMED, "AccessDenied")
        world = replace(world, memory=apply_outcome(world.memory, StartJob(request), failure, moment))
    return world


def test_an_account_that_gives_no_session_is_named_and_waited_for() -> None:
    sent = a_run().with_finalizer().intended().sent(0).with_reservation()
    assert isinstance(decide(in_vain(sent, 1).observe())[1], Wait)
    _, shown = decide(in_vain(sent, 2).observe())
    assert isinstance(shown, PatchStatus)
    assert (shown.status.state, ready_reason(shown.status)) == (State.QUEUED, Reason.ACCOUNT_UNREACHABLE)
    told = shown.status.condition("Ready")
    assert told is not None
    assert told.message == "The AWS account of the EmrJobPolicy cannot be reached; AssumeRole answers AccessDenied"


def test_nobody_to_ask_is_shown_once_and_not_while_the_policies_load() -> None:
    due = a_run().running().with_finalizer().remembering(look_at=NOON)
    assert decide(replace(due.observe(), target=NOT_LOADED)) == ("no_target", Wait())
    rule, shown = decide(replace(due.observe(), target=NOWHERE))
    assert isinstance(shown, PatchStatus)
    assert (rule, shown.status.state, ready_reason(shown.status)) == ("no_target", State.RUNNING, Reason.LOOK_FAILED)
    told = due.having(status=shown.status).observe()
    assert decide(replace(told, target=NOWHERE)) == ("no_target", Wait())


def test_where_the_run_is_is_recorded_with_the_intent() -> None:
    ready = a_run().with_finalizer().with_reservation().having(admission=Admitted("1", "a", 7))
    _, intent = decide(replace(ready.observe(), target=Target(KEYS["a"], IN_A, "a")))
    assert isinstance(intent, PatchStatus)
    status = intent.status
    assert isinstance(status, EmrJobRunStatus)
    assert (status.aws, status.policy) == (IN_A, PolicyReference(name="a", generation=7))

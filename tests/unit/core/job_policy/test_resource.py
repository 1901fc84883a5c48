"""What is made of an EmrJobPolicy's spec, and what its status says of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emrjobs.adapters.job_policy.objects import policy_of
from emrjobs.api.job_policy.spec import EmrJobPolicySpec
from emrjobs.api.job_policy.status import PolicyReason
from emrjobs.core.effects import AddFinalizer, Forget, PatchStatus, RemoveFinalizer, Wait
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.neighbours import Neighbours, neighbours
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_policy.reconcile import Reach, Usage, decide
from emrjobs.core.job_policy.resource import PolicyResource
from emrjobs.core.job_policy.selector import Namespace
from tests.unit.core.job_policy.policies import POLICY, Json

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
NAMES = {"namespaces": {"names": ["team-a"]}}
SELECTOR = {"namespaces": {"selector": {"matchLabels": {"team": "a"}}}}


def an_object(spec: Any, *, generation: int = 1, status: Json | None = None) -> Json:
    metadata = {"uid": "u", "name": "team-a", "resourceVersion": "7", "generation": generation}
    return {"metadata": metadata, "spec": spec, **({} if status is None else {"status": status})}


def read(spec: Any, *, selectors: bool = True) -> PolicyResource:
    return policy_of(an_object(spec), selectors=selectors)


READ: dict[str, tuple[Any, bool, PolicyReason, str]] = {
    "good": (POLICY, True, PolicyReason.ACCEPTED, ""),
    "nothing at all": (None, True, PolicyReason.INVALID_SPEC, "spec"),
    "not an object": ("x", True, PolicyReason.INVALID_SPEC, "spec: must be an object"),
    "an unknown member": (NAMES | {"alow": {}}, True, PolicyReason.INVALID_SPEC, "spec.alow"),
    "another account": (NAMES | {"aws": {"region": "eu-west-1"}}, True, PolicyReason.ACCEPTED, ""),
    "labels": (SELECTOR, True, PolicyReason.ACCEPTED, ""),
    "labels that nobody reads": (
        SELECTOR,
        False,
        PolicyReason.NAMESPACES_NOT_READABLE,
        "spec.namespaces.selector: the operator does not read labels",
    ),
}


@pytest.mark.parametrize(("spec", "selectors", "reason", "said"), READ.values(), ids=READ)
def test_a_spec_is_read(spec: Any, said: str, reason: PolicyReason, *, selectors: bool) -> None:
    reading = read(spec, selectors=selectors).reading
    assert reading.reason is reason
    assert said in reading.message


NOT_READY = [NAMES | {"alow": {}}, NAMES | {"aws": {"region": "Ireland"}}]


@pytest.mark.parametrize("spec", NOT_READY, ids=str)
def test_a_mistake_in_a_policy_opens_no_namespace_where_policies_are_optional(spec: Json) -> None:
    policy = read(spec).reading.policy
    assert policy is not None
    decision = Policies([policy]).decide({}, Namespace("team-a"), "etl")
    assert getattr(decision, "reason", None) == "PolicyNotReady"


def test_one_whose_namespaces_cannot_be_read_is_for_none() -> None:
    assert read({"namespaces": {"names": ["Team A"]}}).reading.policy is None


def test_an_unchanged_spec_is_not_compiled_again() -> None:
    known = read(POLICY)
    same = policy_of(an_object(POLICY), known, selectors=True)
    assert same.reading is known.reading
    assert policy_of(an_object(POLICY, generation=2), known, selectors=True).reading is not known.reading


def written(policy: PolicyResource, usage: Usage | None = None, now: datetime = NOW) -> PolicyResource:
    """After the write that must come."""
    _, effect = decide(policy, usage, now)
    assert isinstance(effect, PatchStatus)
    return policy_of(
        an_object(POLICY, status=effect.status.model_dump(by_alias=True, mode="json")), policy, selectors=True
    )


def test_a_status_is_written_once_and_again_when_the_counts_change() -> None:
    first = written(read(POLICY))
    assert [(c.type, c.status, c.reason) for c in first.status.conditions] == [("Ready", "True", "Accepted")]
    assert first.status.observed_generation == 1
    assert decide(first, None, NOW + timedelta(hours=1)) == ("policy_told", Wait())
    counted = written(first, Usage(3, 7, 2), NOW + timedelta(hours=1))
    assert (counted.status.active_runs, counted.status.queued_runs, counted.status.namespaces) == (3, 7, 2)
    assert counted.status.conditions == first.status.conditions
    assert decide(counted, None, NOW) == ("policy_told", Wait())


def test_a_policy_that_does_not_count_is_stalled() -> None:
    _, effect = decide(read(NAMES | {"alow": {}}), None, NOW)
    assert isinstance(effect, PatchStatus)
    status = effect.status.model_dump()
    assert [(c["type"], c["status"]) for c in status["conditions"]] == [("Ready", "False"), ("Stalled", "True")]


@pytest.mark.parametrize("status", [7, {"conditions": 7}, {"activeRuns": "many"}], ids=str)
def test_a_status_that_cannot_be_read_is_written_anew(status: Any) -> None:
    policy = policy_of(an_object(POLICY, status=status), selectors=True)
    assert isinstance(decide(policy, None, NOW)[1], PatchStatus)


ELSEWHERE = NAMES | {"aws": {"roleArn": "arn:aws:iam::222222222222:role/emr-submit"}}
BROKEN = NAMES | {"alow": {}}
HELD = ("example.com/theirs", "emrjobs.dev/in-use")
BUSY, IDLE = Usage(active_runs=1), Usage()
HOLDS: dict[str, tuple[Json, bool, bool, Usage | None, type]] = {
    "one that names an account": (ELSEWHERE, False, False, None, AddFinalizer),
    "one that names none": (POLICY, False, False, IDLE, PatchStatus),
    "one that is held already": (ELSEWHERE, True, False, BUSY, PatchStatus),
    "one that is deleted in use": (ELSEWHERE, True, True, BUSY, PatchStatus),
    "one that is deleted before the runs are counted": (ELSEWHERE, True, True, None, PatchStatus),
    "one that is deleted out of use": (ELSEWHERE, True, True, IDLE, RemoveFinalizer),
    "one that is deleted, and was never held": (ELSEWHERE, False, True, BUSY, PatchStatus),
    "one that named an account, whose runs go on": (POLICY, True, False, BUSY, PatchStatus),
    "one that named an account": (POLICY, True, False, IDLE, RemoveFinalizer),
    "one that cannot be read": (BROKEN, True, False, IDLE, PatchStatus),
    "one that cannot be read, and is deleted": (BROKEN, True, True, IDLE, RemoveFinalizer),
}


@pytest.mark.parametrize(("spec", "held", "deleting", "usage", "effect"), HOLDS.values(), ids=HOLDS)
def test_a_policy_stays_until_its_runs_in_another_account_have_ended(
    spec: Json, usage: Usage | None, effect: type, *, held: bool, deleting: bool
) -> None:
    raw = an_object(spec)
    raw["metadata"] |= {"finalizers": HELD} if held else {}
    raw["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z"} if deleting else {}
    assert type(decide(policy_of(raw, selectors=True), usage, NOW)[1]) is effect


def test_one_that_is_deleted_allows_nothing_more_and_still_names_its_account() -> None:
    raw = an_object(ELSEWHERE)
    raw["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    policy = policy_of(raw, read(ELSEWHERE), selectors=True).reading.policy
    assert policy is not None
    assert getattr(Policies([policy]).decide({}, Namespace("team-a"), "etl"), "reason", None) == "PolicyNotReady"
    assert policy.spec.aws.role_arn is not None


def test_an_account_that_cannot_be_reached_shows_and_changes_no_decision() -> None:
    usage = Usage(reach=Reach("222222222222", "eu-west-1", unreachable=True))
    _, effect = decide(replace(read(ELSEWHERE), finalizers=HELD), usage, NOW)
    assert isinstance(effect, PatchStatus)
    status = effect.status.model_dump()
    assert [(c["type"], c["status"], c["reason"]) for c in status["conditions"]] == [
        ("Ready", "False", "AccountUnreachable"),
        ("Reconciling", "True", "AccountUnreachable"),
    ]
    assert (status["account"], status["region"]) == ("222222222222", "eu-west-1")


def test_policies_beside_it_are_told_and_stay_told_until_counted_again() -> None:
    beside = Neighbours(("b", "c"), tuple("defghi"))
    told = written(read(POLICY), Usage(neighbours=beside))
    said = {c.type: (c.status, c.reason, c.message) for c in told.status.conditions}
    assert said["Ready"][:2] == ("True", "Accepted")
    assert said["Overlaps"] == (
        "True",
        "SameNamespaces",
        "Namespaces of its are also those of b, c: any of them may allow a request there",
    )
    assert said["Shared"][:2] == ("True", "SameVirtualClusters")
    assert "shared with d, e, f, g, h and 1 more" in said["Shared"][2]
    assert decide(told, None, NOW) == ("policy_told", Wait())
    assert [c.type for c in written(told, Usage()).status.conditions] == ["Ready"]


def a_neighbour(name: str, namespaces: list[str], clusters: list[str], **aws: str) -> CompiledPolicy:
    spec = {"namespaces": {"names": namespaces}, "allow": {"virtualClusterIds": clusters}, "aws": aws}
    return CompiledPolicy(name, EmrJobPolicySpec.model_validate(spec))


def test_neighbours_are_those_of_the_same_namespace_or_virtual_cluster() -> None:
    role = "arn:aws:iam::222222222222:role/emr-submit"
    policies = Policies(
        [
            a_neighbour("a", ["team-a*"], ["vca"]),
            a_neighbour("a-prod", ["team-a-prod"], ["vca"]),
            a_neighbour("b", ["team-b"], ["vcb", "vca"]),
            a_neighbour("elsewhere", ["team-c"], ["vca"], roleArn=role),
            a_neighbour("alone", ["team-d"], []),
        ]
    )
    names = ("team-a", "team-a-prod", "team-b", "team-c", "team-d")
    assert neighbours(policies, map(Namespace, names)) == {
        "a": Neighbours(("a-prod",), ("b",)),
        "a-prod": Neighbours(("a",), ("b",)),
        "b": Neighbours((), ("a", "a-prod")),
    }
    assert neighbours(policies, [Namespace("team-a")])["a"] == Neighbours((), ("a-prod", "b"))


def test_one_that_is_gone_is_forgotten() -> None:
    assert decide(replace(read(POLICY), exists=False), None, NOW) == ("policy_gone", Forget())

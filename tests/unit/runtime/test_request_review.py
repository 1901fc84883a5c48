"""Which objects the policies judge, and what another set of them means for each."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from emrjobs.api.job_run.spec import DeletionPolicy, EmrJobRunSpec
from emrjobs.api.job_run.status import PolicyReference
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_policy.selector import Namespace
from emrjobs.core.job_run.parsing import parse_partial_spec
from emrjobs.core.job_run.resource import Admitted, NotAdmitted, NotJudged, Resource
from emrjobs.runtime.job_run.entries import JobRunEntry
from emrjobs.runtime.job_run.request_review import PolicySource, RequestReview
from tests.support.builders import UID, World, a_run
from tests.support.parts import a_store
from tests.unit.core.job_policy.policies import POLICY, Json, policy, submit

RELEASE = {"defaults": {**POLICY["defaults"], "releaseLabel": "emr-7.1.0-latest"}}
NARROW = {"allow": {**POLICY["allow"], "entryPoints": ["s3://elsewhere/"]}}


def policies(name: str = "team-a", /, **members: Any) -> Policies:
    return Policies([policy(name, **members)])


def reviewing(by: Policies | None) -> RequestReview:
    return RequestReview(PolicySource(by))


def unread(world: World, spec: Json) -> Resource:
    """As the API server has it."""
    spec_read = parse_partial_spec(spec)
    return replace(world.resource, namespace="team-a", spec=spec_read, admission=None)


def entry_of(world: World, spec: Json | None = None) -> JobRunEntry:
    store = a_store()
    store.apply(unread(world, submit() if spec is None else spec))
    entry = store.get(UID)
    assert entry is not None
    entry.memory = world.memory
    return entry


JUDGED: dict[str, tuple[World, bool]] = {
    "new": (a_run(), True),
    "queued": (a_run().queued(), True),
    "between two attempts": (a_run().failed_once(), True),
    "recorded, by whom is not known": (a_run().intended(), True),
    "recorded before this process led": (a_run().intended().sent(0, inherited=True), True),
    "recorded by this process": (a_run().intended().sent(0), False),
    "submitted": (a_run().intended().submitted(), False),
    "running": (a_run().intended().running(), False),
    "ended": (a_run().intended().ended(), False),
    "gone": (a_run().gone(), False),
}


@pytest.mark.parametrize(("world", "judged"), JUDGED.values(), ids=JUDGED)
def test_what_may_still_be_sent_is_judged_and_nothing_else(world: World, *, judged: bool) -> None:
    entry = entry_of(world)
    assert reviewing(policies()).bring_up_to_date(entry) is False
    assert (entry.resource.admission is not None) == judged


def test_where_there_are_no_policies_nothing_is_judged() -> None:
    entry = entry_of(a_run())
    assert RequestReview(None).bring_up_to_date(entry) is False
    assert entry.resource.admission is None


def test_nothing_is_judged_by_policies_that_are_not_loaded_and_all_that_waits_is_when_they_are() -> None:
    entry, review = entry_of(a_run()), reviewing(None)
    review.bring_up_to_date(entry)
    before = entry.resource.admission
    assert review.replace(policies(), [entry.resource]) == [UID]
    review.bring_up_to_date(entry)
    assert [type(before), type(entry.resource.admission)] == [NotJudged, Admitted]


def test_what_was_admitted_stays_so_while_the_labels_of_its_namespace_are_not_known() -> None:
    known: list[Namespace | None] = [Namespace("team-a", {})]
    entry, review = entry_of(a_run()), RequestReview(PolicySource(policies(), lambda _: known[0]))
    review.bring_up_to_date(entry)
    before = entry.resource
    known[0] = None
    assert review.bring_up_to_date(entry) is False
    assert entry.resource is before


def test_other_labels_wake_what_waits_in_the_namespace() -> None:
    waiting, running = unread(a_run().queued(), submit()), unread(a_run().intended().running(), submit())
    review = reviewing(policies())
    assert review.relabelled("team-a", [waiting, running]) == [UID]
    assert review.relabelled("team-b", [waiting]) == []


def test_under_the_same_policies_nothing_is_judged_again() -> None:
    entry, review = entry_of(a_run()), reviewing(policies())
    review.bring_up_to_date(entry)
    before = entry.resource
    assert review.bring_up_to_date(entry) is False
    assert entry.resource is before


def test_what_was_admitted_is_read_again_before_other_policies_judge_it() -> None:
    """Their defaults must not mix with those of the policies before."""
    entry, review = entry_of(a_run()), reviewing(policies())
    review.bring_up_to_date(entry)
    review.replace(policies(**RELEASE), [])
    assert review.bring_up_to_date(entry) is True
    entry.resource = unread(a_run(), submit())
    assert review.bring_up_to_date(entry) is False
    assert isinstance(entry.resource.spec, EmrJobRunSpec)
    assert entry.resource.spec.release_label == "emr-7.1.0-latest"


def test_a_refusal_is_counted_by_reason_and_member() -> None:
    labels = {"reason": "NotAllowed", "field": "spec.jobDriver"}
    before = REGISTRY.get_sample_value("emrjobs_policy_refusals_total", labels) or 0
    reviewing(policies(**NARROW)).bring_up_to_date(entry_of(a_run()))
    assert REGISTRY.get_sample_value("emrjobs_policy_refusals_total", labels) == before + 1


def test_what_was_refused_is_judged_by_other_policies_at_once() -> None:
    entry, review = entry_of(a_run()), reviewing(policies(**NARROW))
    review.bring_up_to_date(entry)
    refused = entry.resource.admission
    review.replace(policies(), [])
    assert review.bring_up_to_date(entry) is False
    assert [type(refused), type(entry.resource.admission)] == [NotAdmitted, Admitted]


CONCERNED: dict[str, tuple[World, Policies, bool]] = {
    "a job that waits": (a_run().queued(), policies(**NARROW), True),
    "a job between two attempts": (a_run().failed_once(), policies(**NARROW), True),
    "a job that runs": (a_run().intended().running(), policies(**NARROW), False),
    "a job that ended": (a_run().intended().ended(), policies(**NARROW), False),
    "a job that waits, policies that are the same": (a_run().queued(), policies(), False),
    "a job that waits, policies of others": (
        a_run().queued(),
        Policies([policy(), policy("team-b", namespaces={"names": ["team-b"]})]),
        False,
    ),
}


@pytest.mark.parametrize(("world", "after", "concerned"), CONCERNED.values(), ids=CONCERNED)
def test_other_policies_wake_those_that_they_are_for(world: World, after: Policies, *, concerned: bool) -> None:
    resource = unread(world, submit())
    assert reviewing(policies()).replace(after, [resource]) == ([UID] if concerned else [])


def test_the_first_policies_wake_all_that_wait() -> None:
    assert reviewing(None).replace(policies(), [unread(a_run().queued(), submit())]) == [UID]


def under_policy(world: World) -> World:
    """As a policy has allowed it."""
    return world.saying(policy=PolicyReference(name="team-a"))


RUNNING = under_policy(a_run().intended().running())


@pytest.mark.parametrize("asked", [None, 60, 999_999])
def test_an_edited_deadline_is_at_most_the_policys(asked: int | None) -> None:
    edited = RUNNING.with_members(**({} if asked is None else {"activeDeadlineSeconds": asked})).edited()
    entry = entry_of(edited)
    reviewing(policies()).bring_up_to_date(entry)
    assert entry.resource.lifecycle.active_deadline == timedelta(seconds=min(asked or 86400, 86400))


def test_an_edit_does_not_let_a_run_go_on_without_its_object_where_the_policy_allows_only_cancel() -> None:
    entry = entry_of(RUNNING.retained().edited())
    before = entry.resource.lifecycle
    reviewing(policies()).bring_up_to_date(entry)
    after = entry.resource.lifecycle
    assert [before.deletion_policy, after.deletion_policy] == [DeletionPolicy.RETAIN, DeletionPolicy.CANCEL]


UNTOUCHED = {
    "one that another policy allowed": RUNNING.with_members(deletionPolicy="Retain", activeDeadlineSeconds=999_999),
    "one from before there were policies, edited": a_run().intended().running().retained().edited(),
}


@pytest.mark.parametrize("world", UNTOUCHED.values(), ids=UNTOUCHED)
def test_a_policy_that_is_narrowed_or_new_changes_nothing_of_a_run(world: World) -> None:
    entry = entry_of(world)
    before = entry.resource
    reviewing(policies()).bring_up_to_date(entry)
    assert entry.resource is before

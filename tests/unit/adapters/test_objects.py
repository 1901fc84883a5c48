"""Objects between JSON and values: patches that lead where they say, and nothing that an object can hold raises."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrjobs.adapters.job_run.objects import resource_of, status_of
from emrjobs.adapters.merge_patch import status_patch
from emrjobs.api.conditions import Condition
from emrjobs.api.job_run.kind import FINALIZER
from emrjobs.api.job_run.spec import DeletionPolicy, EmrJobRunSpec
from emrjobs.api.job_run.status import (
    Attempt,
    Cancellation,
    EmrJobRunStatus,
    LogLocations,
    RetryPolicyExecution,
    State,
)
from emrjobs.core.job_run.large_spec import LargeSpec
from emrjobs.core.parsing import SpecProblem
from tests.support.simulation.cluster import merged

MOMENTS = st.integers(1_600_000_000, 1_900_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
WORDS = st.text(max_size=8)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


CONDITIONS = st.builds(
    Condition, type=WORDS, status=WORDS, observed_generation=some(st.integers(0, 9)), last_transition_time=some(MOMENTS)
)
STATUSES = st.builds(
    EmrJobRunStatus,
    observed_generation=some(st.integers(-1, 9)),
    state=some(st.sampled_from(State)),
    id=some(st.from_regex("[0-9a-z]{1,64}", fullmatch=True)),
    attempt=some(st.integers(1, 9)),
    client_token=some(WORDS),
    state_details=some(WORDS),
    created_at=some(MOMENTS),
    retry_policy_execution=some(st.builds(RetryPolicyExecution, current_attempt_count=some(st.integers(1, 3)))),
    cancellation=some(st.builds(Cancellation, reason=WORDS, requestedAt=MOMENTS)),
    logs=some(st.builds(LogLocations, s3_uri=some(WORDS), cloud_watch_log_group=some(WORDS))),
    attempts=st.lists(st.builds(Attempt, attempt=st.integers(1, 9), id=some(WORDS)), max_size=2).map(tuple),
    conditions=st.lists(CONDITIONS, max_size=3).map(tuple),
)


def dumped(status: EmrJobRunStatus) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(status.model_dump_json(by_alias=True, exclude_none=True))
    return found


@settings(derandomize=True, deadline=None, max_examples=300)
@given(STATUSES, STATUSES)
def test_a_patch_applied_to_the_one_status_gives_the_other(old: EmrJobRunStatus, new: EmrJobRunStatus) -> None:
    assert merged(dumped(old), status_patch(old, new)) == dumped(new)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(STATUSES, STATUSES)
def test_a_patch_names_only_what_differs(old: EmrJobRunStatus, new: EmrJobRunStatus) -> None:
    before, after = dumped(old), dumped(new)
    same = {name for name in before if name in after and before[name] == after[name]}
    assert same.isdisjoint(status_patch(old, new))
    assert status_patch(old, old) == {}


@settings(derandomize=True, deadline=None, max_examples=200)
@given(STATUSES)
def test_a_status_is_read_as_it_was_written(status: EmrJobRunStatus) -> None:
    assert status_of(dumped(status)) == status


@pytest.mark.parametrize(
    ("broken", "left"),
    [
        ({"id": 7}, {}),
        ({"id": "a", "attempt": "many"}, {"id": "a"}),
        ({"id": "a", "conditions": [{"type": "Ready"}]}, {"id": "a"}),
        ({"id": "a", "conditions": "none"}, {"id": "a"}),
        ({"id": "a", "cancellation": {"reason": "Deleted"}}, {"id": "a"}),
        ({"id": "a", "createdAt": "yesterday"}, {"id": "a"}),
        ({"id": "a", "attempts": [{}], "logs": [], "retryPolicyExecution": 3}, {"id": "a"}),
        ({"id": "a", "ofANewerOperator": {"x": 1}}, {"id": "a"}),
        ({"id": "a", "client_token": 5}, {"id": "a"}),
    ],
    ids=lambda case: str(case)[:60],
)
def test_members_that_cannot_be_read_are_left_out_one_by_one(broken: Any, left: Any) -> None:
    assert status_of(broken) == EmrJobRunStatus.model_validate(left)


@pytest.mark.parametrize("raw", [None, [], "status", 7, True])
def test_a_status_that_is_none_is_an_empty_one(raw: object) -> None:
    assert status_of(raw) == EmrJobRunStatus()


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
NAMES = [field.alias or name for name, field in EmrJobRunStatus.model_fields.items()]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6))
def test_whatever_stands_in_a_status_it_is_read(raw: dict[str, Any]) -> None:
    assert isinstance(status_of(raw), EmrJobRunStatus)


def an_object(**parts: Any) -> dict[str, Any]:
    metadata = {"uid": "u", "namespace": "n", "name": "j", "resourceVersion": "5", "generation": 2}
    spec = {"virtualClusterId": "abc", "jobTemplateId": "t"}
    return {"metadata": {**metadata, **parts.pop("metadata", {})}, "spec": spec, **parts}


def test_an_object_is_read_whole() -> None:
    times = {"creationTimestamp": "2026-01-01T00:00:00Z", "deletionTimestamp": "2026-01-01T01:00:00Z"}
    raw = an_object(metadata={**times, "finalizers": [FINALIZER, "other"]}, status={"state": "PENDING"})
    resource = resource_of(raw)
    assert isinstance(resource.spec, EmrJobRunSpec)
    assert (resource.uid, resource.namespace, resource.name, resource.resource_version) == ("u", "n", "j", "5")
    assert (resource.generation, resource.has_finalizer, resource.deleting, resource.status.state) == (
        2,
        True,
        True,
        "PENDING",
    )
    assert resource.created_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert resource.deleting_since == datetime(2026, 1, 1, 1, tzinfo=UTC)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(JSON, JSON)
def test_whatever_stands_in_an_object_it_is_read(spec: object, status: object) -> None:
    resource = resource_of(an_object(spec=spec, status=status))
    assert isinstance(resource.spec, EmrJobRunSpec | SpecProblem)


@pytest.mark.parametrize("spec", [None, [], "x", {}, {"deletionPolicy": "Retain"}, {"deletionPolicy": ["Retain"]}])
def test_an_unreadable_spec_is_a_problem_and_its_object_can_still_be_let_go(spec: Any) -> None:
    resource = resource_of(an_object(spec=spec))
    assert isinstance(resource.spec, SpecProblem)
    retains = spec == {"deletionPolicy": "Retain"}
    assert resource.lifecycle.deletion_policy is (DeletionPolicy.RETAIN if retains else DeletionPolicy.CANCEL)


def test_a_list_of_metadata_only_is_read() -> None:
    raw = an_object()
    del raw["spec"]
    assert resource_of(raw).resource_version == "5"


def test_a_spec_of_the_same_generation_is_not_read_again() -> None:
    known = resource_of(an_object())
    again = resource_of(an_object(status={"state": "PENDING"}), known)
    assert again.spec is known.spec
    assert again.status.state == "PENDING"


def test_a_spec_of_another_generation_or_object_is_read_again() -> None:
    known = resource_of(an_object())
    newer = an_object(metadata={"generation": 3}, spec={"virtualClusterId": "other", "jobTemplateId": "t"})
    other = an_object(metadata={"uid": "v"}, spec={"virtualClusterId": "other", "jobTemplateId": "t"})
    for raw in (newer, other):
        spec = resource_of(raw, known).spec
        assert isinstance(spec, EmrJobRunSpec)
        assert spec.virtual_cluster_id == "other"


def test_times_in_a_status_are_aware_of_their_zone() -> None:
    status = status_of({"submissionStartedAt": "2026-01-01T00:00:00", "createdAt": "2026-01-01T00:00:00Z"})
    assert status.created_at == datetime(2026, 1, 1, tzinfo=UTC)
    naive = [
        moment
        for moment in (status.submission_started_at, status.created_at)
        if moment is not None and moment.utcoffset() is None
    ]
    assert naive == []
    assert status.created_at + timedelta(0) == datetime(2026, 1, 1, tzinfo=UTC)


STARTED = {"id": "0001", "virtualClusterId": "vc", "state": "RUNNING"}
FINISHED = {"state": "CANCELLED", "conditions": [{"type": "Finished", "status": "True"}]}


def raw_object(status: dict[str, Any], generation: int = 1) -> dict[str, Any]:
    metadata = {"uid": "u", "namespace": "n", "name": "job", "resourceVersion": "1", "generation": generation}
    return {"metadata": metadata, "spec": {"virtualClusterId": "vc", "jobTemplateId": "t"}, "status": status}


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        ({}, True),
        ({"clientToken": "u", "virtualClusterId": "vc", "state": "SUBMITTING"}, True),
        (STARTED, False),
        ({"id": "0001"}, True),
        (FINISHED, False),
        ({**STARTED, "state": "QUEUED"}, True),
        ({**STARTED, "state": "SUSPENDED"}, True),
        ({**STARTED, "state": "REJECTED"}, True),
    ],
    ids=["new", "intended", "started", "in no cluster", "finished", "between attempts", "suspended", "refused anew"],
)
def test_the_spec_goes_when_nothing_asks_for_it_any_more(status: dict[str, Any], kept: bool) -> None:
    assert isinstance(resource_of(raw_object(status)).spec, EmrJobRunSpec) is kept


def test_the_spec_comes_back_with_what_needs_it_and_is_read_once() -> None:
    started = resource_of(raw_object(STARTED))
    assert started.spec is None
    between = resource_of(raw_object({**STARTED, "state": "QUEUED"}), started)
    assert isinstance(between.spec, EmrJobRunSpec)
    assert resource_of(raw_object({**STARTED, "state": "QUEUED"}), between).spec is between.spec
    assert between.lifecycle is started.lifecycle


ROLE = "arn:aws:iam::123456789012:role/r"
LARGE_DRIVER = {"sparkSubmitJobDriver": {"entryPoint": "s3://b/j", "entryPointArguments": ["x" * 10_000]}}


def large_object(status: dict[str, Any]) -> dict[str, Any]:
    raw = raw_object(status)
    raw["spec"] |= {
        "jobDriver": LARGE_DRIVER,
        "tags": {"a": "b"},
        "executionRoleArn": "arn:aws:iam::123456789012:role/r",
    }
    return raw


@pytest.mark.parametrize(
    ("status", "whole"),
    [
        ({}, False),
        ({"state": "QUEUED"}, False),
        ({"state": "SUSPENDED"}, False),
        ({"state": "REJECTED"}, False),
        ({"clientToken": "u", "virtualClusterId": "vc", "state": "REJECTED"}, False),
        ({"clientToken": "u", "virtualClusterId": "vc", "state": "SUBMITTING"}, True),
    ],
    ids=["new", "queued", "suspended", "rejected", "rejected and locked", "being sent"],
)
def test_of_a_large_spec_an_outline_is_kept_unless_it_is_being_sent(status: dict[str, Any], whole: bool) -> None:
    read = resource_of(large_object({}), whole_spec=True)
    assert isinstance(read.spec, EmrJobRunSpec)
    assert isinstance(resource_of(large_object(status), read).spec, EmrJobRunSpec) is whole
    outline = resource_of(large_object({})).spec
    assert outline == LargeSpec("vc", ROLE, "t", tagged=True, job_name="job")
    assert resource_of(large_object({}), resource_of(large_object({}))).spec == outline


def test_equal_words_are_kept_once() -> None:
    status = {
        "clientToken": "".join("u"),
        "name": "jo" + "b"[:1],
        "state": "RUNNING",
        "createdAt": "2026-01-01T12:00:00+02:00",
    }
    one, other = resource_of(raw_object(dict(status))), resource_of(raw_object(json.loads(json.dumps(status))))
    assert one.status.state is other.status.state
    assert other.status.client_token is other.uid
    assert other.status.name is other.name
    assert one.status.created_at == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert one.status.created_at.tzinfo is UTC

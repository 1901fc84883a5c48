"""When something is due although nothing changes, and what stops a run."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.api.job_run.kind import FINALIZER
from emrjobs.api.job_run.reasons import Reason
from emrjobs.core.job_run.deadlines import active_until, clean_up_at, earliest, next_attempt_at, start_until
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import Wait
from tests.unit.core.lives import FAILED, NOON, RUN, at, look, seconds

ACCEPTED = {**RUN, "state": "RUNNING", "activeSince": "2026-01-01T11:00:01Z", "wantedSince": "2026-01-01T10:59:00Z"}
DONE = {"type": "Finished", "status": "True", "reason": "Completed", "lastTransitionTime": "2026-01-01T11:59:00Z"}


@pytest.mark.parametrize(
    ("status", "deadline", "until"),
    [
        pytest.param(ACCEPTED, 60, at("11:01:01"), id="from AWS's acceptance"),
        pytest.param(ACCEPTED, None, None, id="no deadline"),
        pytest.param({}, 60, None, id="nothing was accepted yet"),
        pytest.param(
            {**ACCEPTED, "createdAt": "2026-01-01T11:50:00Z"}, 60, at("11:01:01"), id="not from a later run's"
        ),
    ],
)
def test_active_deadline(status: dict[str, Any], deadline: int | None, until: datetime | None) -> None:
    members: dict[str, Any] = {"activeDeadlineSeconds": deadline} if deadline else {}
    assert active_until(look(status, **members).resource) == until


EARLIER = {"attempts": [{"attempt": 1, "startedAt": "2026-01-01T11:10:00Z"}]}


@pytest.mark.parametrize(
    ("status", "until"),
    [
        pytest.param({}, at("11:00"), id="from creation"),
        pytest.param({"wantedSince": "2026-01-01T11:30:00Z"}, at("11:31"), id="from the latest resumption"),
        pytest.param({**RUN, "startedAt": "2026-01-01T11:00:30Z"}, None, id="it was RUNNING"),
        pytest.param(EARLIER, None, id="an earlier attempt was RUNNING"),
        pytest.param(
            {**EARLIER, "wantedSince": "2026-01-01T11:30:00Z"}, at("11:31"), id="RUNNING before the resumption only"
        ),
    ],
)
def test_start_deadline(status: dict[str, Any], until: datetime | None) -> None:
    assert start_until(look(status, startDeadlineSeconds=60).resource) == until
    assert start_until(look(status).resource) is None


@pytest.mark.parametrize(
    ("status", "members", "stop"),
    [
        pytest.param({}, {}, None, id="nothing"),
        pytest.param(ACCEPTED, {"activeDeadlineSeconds": 60}, Reason.DEADLINE_EXCEEDED, id="the active deadline"),
        pytest.param(ACCEPTED, {"activeDeadlineSeconds": 7200}, None, id="an active deadline to come"),
        pytest.param({}, {"startDeadlineSeconds": 60}, Reason.START_DEADLINE_EXCEEDED, id="the start deadline"),
        pytest.param(
            {**ACCEPTED, "state": "SUSPENDED"}, {"activeDeadlineSeconds": 60}, None, id="held: deadlines begin anew"
        ),
        pytest.param({}, {"suspend": True, "startDeadlineSeconds": 60}, Reason.SUSPENDED, id="held before a deadline"),
        pytest.param({}, {"suspend": True, "cancel": True}, Reason.CANCELLED, id="cancel before suspend"),
        pytest.param({}, {"deleting": True, "cancel": True}, Reason.DELETED, id="deletion before cancel"),
        pytest.param({}, {"deleting": True, "deletionPolicy": "Retain"}, None, id="a deletion that lets the run go on"),
    ],
)
def test_the_strongest_reason_to_stop_wins(status: dict[str, Any], members: Any, stop: Reason | None) -> None:
    assert look(status, **members).stop is stop


POLICY = {"limit": 9, "backoffSeconds": 10, "maxBackoffSeconds": 40}


@pytest.mark.parametrize(
    ("resubmissions", "longest"),
    [(1, 10), (2, 20), (3, 40), (4, 40), (99, 40)],
    ids=["the first", "doubled", "doubled again", "the cap", "the cap for ever"],
)
def test_back_off_between_attempts(resubmissions: int, longest: int) -> None:
    o = look({**FAILED, "resubmissions": resubmissions}, resubmitPolicy=POLICY)
    due = next_attempt_at(o.resource)
    assert due is not None
    assert seconds(longest / 2) <= due - at("11:59:50") <= seconds(longest)
    assert next_attempt_at(look({**FAILED, "resubmissions": resubmissions}, resubmitPolicy=POLICY).resource) == due


def test_jitter_belongs_to_the_attempt() -> None:
    """Many objects that failed together do not come back together, and no process thinks otherwise."""
    tokens = [f"{number:08d}-5a3f-4f5e-9d59-2f6f2a9f6c11" for number in range(50)]
    due = {next_attempt_at(look({**FAILED, "clientToken": token}, resubmitPolicy=POLICY).resource) for token in tokens}
    assert len(due) > 40


@pytest.mark.parametrize("missing", ["resubmissions", "finishedAt"])
def test_without_a_failure_to_wait_after_there_is_no_wait(missing: str) -> None:
    status = {name: value for name, value in FAILED.items() if name != missing}
    assert next_attempt_at(look(status).resource) is None


@pytest.mark.parametrize(
    ("conditions", "ttl", "due"),
    [
        pytest.param([DONE], 120, at("12:01"), id="from the end"),
        pytest.param([DONE], None, None, id="no limit"),
        pytest.param([], 120, None, id="not over"),
        pytest.param([{**DONE, "lastTransitionTime": None}], 120, None, id="nobody knows since when"),
    ],
)
def test_clean_up(conditions: list[Any], ttl: int | None, due: datetime | None) -> None:
    members: dict[str, Any] = {"ttlSecondsAfterFinished": ttl} if ttl else {}
    assert clean_up_at(look({"conditions": conditions}, **members).resource) == due


@given(st.lists(st.one_of(st.none(), st.integers(-100, 100))))
def test_the_earliest_moment_is_the_first_to_come(offsets: list[int | None]) -> None:
    moments = [None if offset is None else NOON + seconds(offset) for offset in offsets]
    coming = sorted(offset for offset in offsets if offset is not None and offset > 0)
    assert earliest(moments, after=NOON) == (NOON + seconds(coming[0]) if coming else None)


def test_a_wait_that_ends_before_the_deadline_stays_as_it_is() -> None:
    o = look(FAILED, resubmitPolicy={"limit": 3, "backoffSeconds": 60}, activeDeadlineSeconds=7200)
    due = next_attempt_at(o.resource)
    assert due is not None
    assert NOON < due < at("13:00:01")
    assert decide(o)[1] == Wait(due)


@pytest.mark.parametrize(
    ("members", "until"),
    [
        ({}, None),
        ({"activeDeadlineSeconds": 7200}, at("13:00:01")),
        ({"activeDeadlineSeconds": 7200, "startDeadlineSeconds": 3720}, at("12:01")),
    ],
    ids=["no deadline", "one", "the earlier of two"],
)
def test_no_wait_outlasts_a_deadline(members: dict[str, Any], until: datetime | None) -> None:
    _, decision = decide(
        look({**ACCEPTED, "state": "PENDING"}, metadata={"finalizers": ["emrjobs.dev/job-run"]}, **members)
    )
    assert decision == Wait(until)


AHEAD = seconds(3600)


@pytest.mark.parametrize(("now", "stop"), [("12:00", None), ("12:01:02", Reason.DEADLINE_EXCEEDED)])
def test_a_clock_of_awss_that_is_ahead_brings_no_deadline_forward(now: str, stop: Reason | None) -> None:
    accepted = {**ACCEPTED, "activeSince": "2026-01-01T13:00:01Z"}
    seen = replace(look(accepted, activeDeadlineSeconds=60), now=at(now), skew=AHEAD)
    assert seen.stop is stop


def test_a_clock_of_awss_that_is_ahead_puts_no_wait_off() -> None:
    accepted = {**ACCEPTED, "activeSince": "2026-01-01T13:00:01Z"}
    running = look(accepted, activeDeadlineSeconds=60, metadata={"finalizers": [FINALIZER]})
    assert decide(replace(running, skew=AHEAD))[1] == Wait(at("12:01:01"))
    between = look({**FAILED, "finishedAt": "2026-01-01T12:59:50Z"}, resubmitPolicy={"limit": 1, "backoffSeconds": 60})
    assert decide(between)[1] == Wait(next_attempt_at(between.resource))
    due = next_attempt_at(between.resource)
    assert due is not None
    assert decide(replace(between, skew=AHEAD))[1] == Wait(due - AHEAD)

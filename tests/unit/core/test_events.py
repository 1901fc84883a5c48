"""What goes to people with a step of a run: the event, and the words of troubles with cancelling."""

from typing import Any

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.deadlines import next_attempt_at
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import CancelJob, Event, PatchStatus
from emrjobs.core.job_run.memory import Accepted, Trouble
from emrjobs.core.job_run.reporting import ready_reason
from tests.support.builders import NOON, RUN_ID, UID, World, a_run, seconds

HELD = a_run().with_finalizer()
RUNNING = HELD.running()
STOPPED = RUNNING.deleting(5).cancelling(ago=5).seen(State.RUNNING).noted()


def patch(world: World) -> PatchStatus:
    _, decision = decide(world.observe())
    assert isinstance(decision, PatchStatus)
    return decision


@pytest.mark.parametrize(
    ("state", "facts", "expected"),
    [
        (State.SUBMITTED, {}, Event(Reason.SUBMITTED, f"Job run {RUN_ID} is SUBMITTED")),
        (State.COMPLETED, {}, Event(Reason.COMPLETED, f"Job run {RUN_ID} is COMPLETED")),
        (
            State.FAILED,
            {"failure_reason": "USER_ERROR", "state_details": "secret"},
            Event(Reason.JOB_FAILED, f"Job run {RUN_ID} is FAILED (USER_ERROR)", warning=True),
        ),
        (
            State.CANCELLED,
            {},
            Event(Reason.CANCELLED_EXTERNALLY, f"Job run {RUN_ID} is CANCELLED", warning=True),
        ),
    ],
    ids=str,
)
def test_each_step_is_announced_once(state: State, facts: dict[str, Any], expected: Event) -> None:
    assert patch(HELD.submitted().seen(state, **facts)).event == expected


def test_more_facts_of_the_same_state_are_not_announced() -> None:
    told = patch(RUNNING.seen(State.RUNNING, state_details="words"))
    assert (told.status.state_details, told.event) == ("words", None)


def test_another_attempt_is_announced_with_a_warning() -> None:
    world = RUNNING.with_members(resubmitPolicy={"limit": 1}).seen(State.FAILED, failure_reason="INTERNAL_ERROR")
    told = patch(world).event
    due = next_attempt_at(world.having(status=patch(world).status).resource)
    text = f"Attempt 1 failed with INTERNAL_ERROR; attempt 2 follows at {due:%Y-%m-%dT%H:%M:%SZ} (new attempt 1 of 1)"
    assert told == Event(Reason.RESUBMITTING, text, warning=True)


def test_where_aws_gives_no_end_no_time_is_told() -> None:
    failed = RUNNING.with_members(resubmitPolicy={"limit": 3}).saying(resubmissions=1)
    told = patch(failed.seen(State.FAILED, failure_reason="INTERNAL_ERROR", finished_at=None)).event
    assert told is not None
    assert told.message == "Attempt 1 failed with INTERNAL_ERROR; attempt 2 follows (new attempt 2 of 3)"


@pytest.mark.parametrize(
    ("policy", "record", "note"),
    [
        pytest.param({"limit": 1}, {}, " (resubmitPolicy.limit is 1: no attempt is left)", id="none left"),
        pytest.param(
            {"limit": 9},
            {"state_details": "Trouble monitoring your JobRun."},
            " (not tried again: its driver may still be alive)",
            id="lost sight of",
        ),
        pytest.param({"limit": 9, "failureReasons": ["CLUSTER_UNAVAILABLE"]}, {}, "", id="not listed"),
        pytest.param({}, {}, "", id="no policy"),
    ],
)
def test_a_final_failure_says_why_there_is_no_other_attempt(
    policy: dict[str, Any], record: dict[str, Any], note: str
) -> None:
    failed = RUNNING.with_members(resubmitPolicy=policy).saying(resubmissions=1)
    status = patch(failed.seen(State.FAILED, failure_reason="INTERNAL_ERROR", **record)).status
    ready = status.condition("Ready")
    assert ready is not None
    details = "".join(f": {text}" for text in record.values())
    assert ready.message == f"INTERNAL_ERROR{details}{note}"


def test_a_failure_that_a_passed_deadline_makes_final_does_not_blame_the_limit() -> None:
    late = RUNNING.with_members(resubmitPolicy={"limit": 9}, activeDeadlineSeconds=1).saying(
        active_since=RUNNING.now - seconds(60)
    )
    ready = patch(late.seen(State.FAILED, failure_reason="INTERNAL_ERROR")).status.condition("Ready")
    assert ready is not None
    assert ready.message == "INTERNAL_ERROR"


def test_a_cancellation_that_was_announced_is_not_announced_again() -> None:
    stopping = RUNNING.cancelling(Reason.SUSPENDED).with_members(suspend=True).seen(State.CANCEL_PENDING)
    assert patch(stopping).event is None
    assert patch(RUNNING.seen(State.CANCEL_PENDING)).event is not None


def test_what_aws_had_answered_outlives_a_deadline_in_the_status_only() -> None:
    refused = a_run().rejected(Reason.REFUSED_UNCLEAR).with_members(startDeadlineSeconds=1)
    found = patch(refused)
    ready = found.status.condition("Ready")
    assert ready is not None
    assert ready.message.endswith("before it was RUNNING. Before that: so")
    assert found.event is not None
    assert "Before that" not in found.event.message


def in_hand(name: str | None) -> World:
    accepted = Accepted(UID, RUN_ID, "arn", name, resent=False)
    return HELD.intended(ago=1).sent(1, 1).remembering(accepted=accepted)


@pytest.mark.parametrize(("answered", "told"), [("other", "other"), (None, "job")])
def test_an_accepted_run_is_named_as_aws_says_or_as_it_was_sent(answered: str | None, told: str) -> None:
    patched = patch(in_hand(answered))
    assert (patched.status.id, patched.status.arn, patched.status.name) == (RUN_ID, "arn", told)
    assert (patched.status.state, ready_reason(patched.status)) == (State.PENDING, Reason.ACCEPTED)
    assert patched.event == Event(Reason.ACCEPTED, f"AWS accepted job run {RUN_ID}")


def trouble(verdict: Verdict, count: int) -> Trouble:
    return Trouble(verdict, "Code", "secret", count, NOON, NOON + seconds(9))


@pytest.mark.parametrize(
    ("verdict", "count", "told"),
    [
        (Verdict.DENIED, 1, True),
        (Verdict.TRANSIENT, 2, False),
        (Verdict.TRANSIENT, 3, True),
        (Verdict.THROTTLED, 9, True),
    ],
)
def test_a_cancellation_that_fails_is_told_at_once_or_when_it_lasts(verdict: Verdict, count: int, told: bool) -> None:
    world = STOPPED.remembering(cancel=trouble(verdict, count))
    _, decision = decide(world.observe())
    assert isinstance(decision, PatchStatus) == told
    if isinstance(decision, PatchStatus):
        assert (decision.status.state, ready_reason(decision.status)) == (State.RUNNING, Reason.CANCEL_FAILED)
        assert decision.event is not None
        assert "secret" not in decision.event.message
        names_the_right = "emr-containers:CancelJobRun" in decision.event.message
        assert names_the_right == (verdict is Verdict.DENIED)
        settled = world.having(status=decision.status)
        assert not isinstance(decide(settled.observe())[1], PatchStatus)


def test_a_failed_cancellation_is_tried_again_when_its_time_comes() -> None:
    due = STOPPED.remembering(cancel=trouble(Verdict.DENIED, 3)).later(9)
    _, decision = decide(due.observe())
    assert isinstance(decision, CancelJob)


def test_a_run_seen_before_a_restart_is_not_what_a_cancellation_goes_by() -> None:
    """Another run's record in memory says nothing of this one."""
    other = STOPPED.saying(id="another")
    rule, decision = decide(other.observe())
    assert (rule, type(decision).__name__) == ("cancel_due", "DescribeJob")

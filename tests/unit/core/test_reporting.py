"""What readers see of a run: AWS's own facts, kept and never invented."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import State
from emrjobs.core.job_run.reporting import acknowledged, progressed, ready_reason, shorten
from emrjobs.core.job_run.runs import JobRun, ObservedRun, Source
from tests.support.builders import NOON, RUN_ID, World, a_run, seconds

RUNNING = a_run().with_finalizer().running()


def told(world: World, state: str, **facts: Any) -> Any:
    return progressed(world.observe(), ObservedRun(JobRun(RUN_ID, state, **facts), NOON, Source.DESCRIBE))


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.PENDING, Reason.ACCEPTED),
        (State.SUBMITTED, Reason.SUBMITTED),
        (State.RUNNING, Reason.RUNNING),
        (State.CANCEL_PENDING, Reason.CANCELLING),
        (State.COMPLETED, Reason.COMPLETED),
        (State.FAILED, Reason.JOB_FAILED),
        (State.CANCELLED, Reason.CANCELLED_EXTERNALLY),
        ("NEW_AND_UNKNOWN", Reason.FOLLOWING),
    ],
)
def test_every_state_has_its_reason(state: str, reason: Reason) -> None:
    status = told(RUNNING, state)
    assert (status.state, ready_reason(status)) == (state, reason)
    assert status.finished == (state in ("COMPLETED", "FAILED", "CANCELLED"))


def test_a_run_that_ended_before_its_running_was_written_tells_both_at_once() -> None:
    ended = ObservedRun(JobRun(RUN_ID, State.COMPLETED), NOON, Source.DESCRIBE, running_before=NOON - seconds(4))
    assert progressed(a_run().with_finalizer().submitted().observe(), ended).started_at == NOON - seconds(4)


@pytest.mark.parametrize("state", ["QUEUED", "SUBMITTING", "SUSPENDED", "REJECTED", "LOST"])
def test_a_state_of_awss_that_is_called_as_one_of_ours_does_not_pass_for_it(state: str) -> None:
    status = told(RUNNING, state)
    assert status.state != state
    assert not status.between_attempts
    assert state in status.conditions[0].message


def test_a_run_is_being_cancelled_whatever_active_state_it_shows() -> None:
    for state in (State.PENDING, State.SUBMITTED, State.RUNNING):
        assert ready_reason(told(RUNNING.cancelling(Reason.CANCELLED), state)) == Reason.CANCELLING


def test_awss_own_facts_are_taken_over() -> None:
    facts = {"failure_reason": "USER_ERROR", "state_details": "exit 1", "finished_at": NOON, "created_by": "me"}
    status = told(RUNNING, State.FAILED, **facts, current_attempt_count=3)
    assert {name: getattr(status, name) for name in facts} == facts
    assert status.retry_policy_execution.current_attempt_count == 3
    assert status.conditions[0].message == "USER_ERROR: exit 1"


def test_what_aws_leaves_out_is_kept() -> None:
    before = RUNNING.saying(created_by="me", failure_reason="USER_ERROR", state_details="words")
    status = told(before, State.RUNNING)
    assert (status.created_by, status.failure_reason, status.state_details) == ("me", "USER_ERROR", "words")
    assert status.created_at == before.status.created_at


def test_details_of_an_earlier_state_do_not_outlive_it() -> None:
    assert told(RUNNING.saying(state_details="words"), State.COMPLETED).state_details is None


def test_the_start_is_when_it_was_first_seen_running() -> None:
    fresh = a_run().with_finalizer().submitted()
    assert told(fresh, State.PENDING).started_at is None
    assert told(fresh, State.RUNNING).started_at == NOON
    assert told(RUNNING, State.RUNNING).started_at == NOON - seconds(30)


def test_a_newer_generation_is_acknowledged_everywhere_and_changes_nothing_else() -> None:
    world = RUNNING.edited()
    status = acknowledged(world.observe())
    assert status.observed_generation == 2
    assert {c.observed_generation for c in status.conditions} == {2}
    back = status.model_copy(
        update={
            "observed_generation": 1,
            "conditions": tuple(c.model_copy(update={"observed_generation": 1}) for c in status.conditions),
        }
    )
    assert back == world.status


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=3000))
def test_a_message_is_bounded_and_keeps_its_beginning(message: str) -> None:
    short = shorten(message)
    assert len(short) <= 1024
    assert short == message or message.startswith(short[:-1])


def test_a_long_message_of_awss_fits() -> None:
    status = told(RUNNING, State.FAILED, state_details="x" * 5000)
    assert len(status.conditions[0].message) == 1024

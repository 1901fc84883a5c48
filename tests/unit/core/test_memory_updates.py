"""What a pass leaves in memory, outcome by outcome."""

from dataclasses import replace
from datetime import timedelta

import pytest

from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Failure, Operation, Verdict
from emrjobs.core.job_run.effects import (
    AwsEffect,
    CancelJob,
    ConfirmLoss,
    DescribeJob,
    FindRun,
    InspectCluster,
    StartJob,
)
from emrjobs.core.job_run.memory import Accepted, Memory, Sends
from emrjobs.core.job_run.memory_updates import (
    Moment,
    apply_outcome,
    awaiting_reservation,
    due,
    intent_recorded,
    listed,
    missing,
    new_term,
    reservation_granted,
    seen,
)
from emrjobs.core.job_run.outcomes import CancelTaken, ClusterView, Found, LossChecked, Outcome, Seen, Started
from emrjobs.core.job_run.runs import JobRun, Source
from tests.support.builders import CLUSTER, NOON, RUN_ID, TIMING, UID, seconds

START = StartJob({"clientToken": UID, "virtualClusterId": CLUSTER})
DESCRIBE, CANCEL = DescribeJob(CLUSTER, RUN_ID), CancelJob(CLUSTER, RUN_ID)
FIND, INSPECT, CONFIRM = FindRun(CLUSTER, "job", NOON, UID), InspectCluster(CLUSTER), ConfirmLoss(CLUSTER, None)
NOW = Moment(NOON - seconds(1), NOON, 0.5, TIMING, 1, UID)
OURS = intent_recorded(Memory(), UID)
EMPTY = Memory()


def failed(operation: Operation, code: str, message: str = "") -> Failure:
    return Failure(operation, code, message)


def run(state: str = State.RUNNING) -> JobRun:
    return JobRun(RUN_ID, state)


def sends(memory: Memory) -> tuple[int, int]:
    assert memory.sends is not None
    return memory.sends.made, memory.sends.doubtful


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Started(RUN_ID, None, "job"), (1, 1)),
        (failed(Operation.START, "AnswerLost"), (1, 1)),
        (failed(Operation.START, "InternalServerException"), (1, 1)),
        (failed(Operation.START, "SurprisingException"), (1, 1)),
        (failed(Operation.START, "ThrottlingException"), (1, 0)),
        (failed(Operation.START, "AccessDeniedException"), (1, 0)),
        (failed(Operation.START, "ExpiredTokenException"), (1, 0)),
        (failed(Operation.START, "ValidationException"), (1, 0)),
        (failed(Operation.START, "ConnectFailed"), (1, 0)),
        (failed(Operation.START, "NotSent"), (0, 0)),
    ],
    ids=lambda value: getattr(value, "code", str(value)),
)
def test_which_sends_leave_a_doubt(outcome: Outcome, expected: tuple[int, int]) -> None:
    assert sends(apply_outcome(OURS, START, outcome, NOW)) == expected


def test_a_send_of_a_recorded_intent_that_is_not_ours_stays_inherited() -> None:
    after = apply_outcome(EMPTY, START, failed(Operation.START, "ThrottlingException"), NOW)
    assert after.sends == Sends(UID, made=1, doubtful=0, inherited=True, latest_at=NOON)


def test_an_accepted_first_send_needs_no_reading_and_a_resend_does() -> None:
    first = apply_outcome(OURS, START, Started(RUN_ID, "arn", "job"), NOW)
    assert first.accepted == Accepted(UID, RUN_ID, "arn", "job", resent=False, cluster=CLUSTER)
    second = apply_outcome(
        apply_outcome(OURS, START, failed(Operation.START, "AnswerLost"), NOW), START, Started(RUN_ID, None, None), NOW
    )
    assert second.accepted is not None
    assert second.accepted.resent
    assert second.start is None


def test_a_request_that_was_not_sent_keeps_its_place() -> None:
    before = reservation_granted(OURS, NOW)
    assert apply_outcome(before, START, failed(Operation.START, "NotSent"), NOW) == before


def test_a_send_uses_its_place_up() -> None:
    for outcome in (Started(RUN_ID, None, None), failed(Operation.START, "ThrottlingException")):
        assert apply_outcome(reservation_granted(OURS, NOW), START, outcome, NOW).reserved_until is None


def test_failures_in_a_row_back_off_longer_and_longer_up_to_two_minutes() -> None:
    memory, waits = OURS, []
    for _ in range(12):
        memory = apply_outcome(memory, START, failed(Operation.START, "InternalServerException"), NOW)
        assert memory.start is not None
        waits.append(memory.start.retry_at - NOON)
    assert waits == sorted(waits)
    assert waits[0] == seconds(0.75)
    assert waits[-1] == timedelta(minutes=2) * 0.75


def test_a_denial_counts_from_its_first_and_is_tried_rarely_once_it_lasts() -> None:
    denied = failed(Operation.START, "AccessDeniedException")
    first = apply_outcome(OURS, START, denied, NOW)
    later = replace(NOW, now=NOON + TIMING.denied_patience)
    second = apply_outcome(first, START, denied, later)
    assert first.start is not None
    assert second.start is not None
    assert (second.start.since, second.start.verdict) == (NOON, Verdict.DENIED)
    assert second.start.retry_at - later.now == timedelta(minutes=10) * 0.75
    other = apply_outcome(second, START, failed(Operation.START, "ThrottlingException"), later)
    assert other.start is not None
    assert other.start.since == later.now


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (ClusterView("RUNNING", queue_full=False), Verdict.UNCLEAR),
        (ClusterView("RUNNING", queue_full=True), Verdict.BUSY),
        (ClusterView("ARRESTED", queue_full=False), Verdict.BUSY),
        (ClusterView("TERMINATED", queue_full=False), Verdict.BUSY),
        (failed(Operation.INSPECT, "AccessDeniedException"), Verdict.UNCLEAR),
        (failed(Operation.INSPECT, "ResourceNotFoundException"), Verdict.NOT_FOUND),
        (failed(Operation.INSPECT, "ThrottlingException"), Verdict.TRANSIENT),
    ],
    ids=str,
)
def test_a_refusal_in_unknown_words_is_judged_by_the_virtual_cluster(outcome: Outcome, verdict: Verdict) -> None:
    refused = apply_outcome(OURS, START, failed(Operation.START, "ValidationException", "words"), NOW)
    assert refused.start is not None
    assert refused.start.verdict is Verdict.UNJUDGED
    judged = apply_outcome(refused, INSPECT, outcome, NOW)
    assert judged.start is not None
    assert (judged.start.verdict, judged.start.message) == (verdict, "words")
    assert judged.refused_generation == 1


def test_a_run_that_is_found_is_in_hand_and_ends_what_stood_in_the_way() -> None:
    refused = apply_outcome(
        OURS, START, failed(Operation.START, "ValidationException", "failed to satisfy constraint"), NOW
    )
    found = apply_outcome(refused, FIND, Found(run()), NOW)
    assert found.accepted == Accepted(UID, RUN_ID, None, None, resent=True, read=True, cluster=CLUSTER)
    assert (found.start, found.refused_generation, found.search) == (None, None, None)
    assert found.observed_run is not None


def test_a_search_that_fails_keeps_the_time_of_the_last_that_did_not() -> None:
    none = apply_outcome(EMPTY, FIND, Found(None), NOW)
    assert none.search is not None
    assert (none.search.asked_at, none.search.failures, none.search.count) == (NOW.asked_at, 0, 1)
    later = replace(NOW, asked_at=NOON + seconds(60))
    broken = apply_outcome(none, FIND, failed(Operation.LIST, "InternalServerException"), later)
    assert broken.search is not None
    assert (broken.search.asked_at, broken.search.failures, broken.search.count) == (NOW.asked_at, 1, 2)
    assert broken.search.code == "InternalServerException"
    again = apply_outcome(broken, FIND, Found(None), later)
    assert again.search is not None
    assert (again.search.asked_at, again.search.failures) == (later.asked_at, 0)


def test_denied_knowing_twice_counts_only_a_minute_apart_and_a_sight_ends_it() -> None:
    gone = failed(Operation.DESCRIBE, "ResourceNotFoundException")
    once = apply_outcome(EMPTY, DESCRIBE, gone, NOW)
    assert (once.gone_once_at, once.gone_twice, once.look_at) == (NOON, False, NOON + TIMING.gone_again)
    too_soon = apply_outcome(once, DESCRIBE, gone, replace(NOW, now=NOON + seconds(59)))
    assert not too_soon.gone_twice
    twice = apply_outcome(once, DESCRIBE, gone, replace(NOW, now=NOON + seconds(60)))
    assert twice.gone_twice
    back = apply_outcome(twice, DESCRIBE, Seen(run()), NOW)
    assert (back.gone_once_at, back.gone_twice) == (None, False)


@pytest.mark.parametrize(
    ("outcome", "checked", "twice"),
    [
        (LossChecked(right_endpoint=True), True, True),
        (LossChecked(right_endpoint=False), None, False),
        (failed(Operation.LIST, "AccessDeniedException"), None, False),
    ],
    ids=str,
)
def test_only_the_right_endpoint_is_believed(outcome: Outcome, checked: bool | None, twice: bool) -> None:
    after = apply_outcome(replace(EMPTY, gone_once_at=NOON, gone_twice=True), CONFIRM, outcome, NOW)
    assert (after.loss_checked, after.gone_twice) == (checked, twice)


def test_a_cancellation_that_was_taken_or_came_too_late_is_looked_after_at_once() -> None:
    over = failed(Operation.CANCEL, "ValidationException", "is not in a cancellable state")
    for outcome in (CancelTaken(), over):
        after = apply_outcome(EMPTY, CANCEL, outcome, NOW)
        assert after.cancelling is not None
        assert (after.cancelling.id, after.cancelling.sent_at, after.look_at) == (RUN_ID, NOW.asked_at, NOON)


def test_a_cancellation_that_failed_is_remembered_as_trouble_and_one_not_sent_is_not() -> None:
    after = apply_outcome(EMPTY, CANCEL, failed(Operation.CANCEL, "AccessDeniedException"), NOW)
    assert (after.cancelling, after.cancel and after.cancel.verdict) == (None, Verdict.DENIED)
    assert apply_outcome(EMPTY, CANCEL, failed(Operation.CANCEL, "NotSent"), NOW) == EMPTY


def test_a_describe_is_due_unless_it_failed_a_moment_ago() -> None:
    assert due(EMPTY, NOW).look_at == NOON
    failing = apply_outcome(EMPTY, DESCRIBE, failed(Operation.DESCRIBE, "InternalServerException"), NOW)
    assert due(failing, NOW) == failing
    assert missing(failing, NOW) == failing


def test_a_run_missing_from_a_list_is_described_at_once_or_after_a_back_off_where_it_was_described_before() -> None:
    assert missing(EMPTY, NOW).look_at == NOON
    described = replace(seen(EMPTY, run(), Source.DESCRIBE, NOW), look_at=None)
    assert missing(described, NOW).look_at == NOW.asked_at + TIMING.poll.delay(1, 0.5)
    listed = replace(seen(EMPTY, run(), Source.LIST, NOW), look_at=None)
    assert missing(listed, NOW).look_at == NOON


def test_a_place_in_line_is_kept_from_the_first_wish_and_given_up_when_the_turn_comes() -> None:
    waiting = awaiting_reservation(awaiting_reservation(EMPTY, NOW), replace(NOW, now=NOON + seconds(5)))
    assert waiting.waiting_since == NOON
    come = reservation_granted(waiting, NOW)
    assert (come.waiting_since, come.reserved_until) == (None, NOON + TIMING.permit)


def test_a_new_term_trusts_nothing_that_another_may_have_changed() -> None:
    known = reservation_granted(apply_outcome(OURS, START, failed(Operation.START, "AccessDeniedException"), NOW), NOW)
    fresh = new_term(known)
    assert fresh.sends is not None
    assert fresh.sends.inherited
    assert (fresh.reserved_until, fresh.waiting_since, fresh.start, fresh.refused_generation) == (
        None,
        None,
        None,
        None,
    )


def test_the_intent_of_the_next_attempt_forgets_the_run_of_the_last() -> None:
    memory = seen(apply_outcome(OURS, START, Started(RUN_ID, None, None), NOW), run(), Source.DESCRIBE, NOW)
    after = intent_recorded(memory, f"{UID}-2")
    assert after == Memory(sends=Sends(f"{UID}-2", inherited=False), reserved_until=memory.reserved_until)


@pytest.mark.parametrize("effect", [START, DESCRIBE, CANCEL, FIND, INSPECT, CONFIRM], ids=lambda e: type(e).__name__)
def test_an_answer_of_another_kind_breaks_nothing(effect: AwsEffect) -> None:
    for outcome in (
        CancelTaken(),
        ClusterView("RUNNING", queue_full=False),
        Found(None),
        LossChecked(right_endpoint=True),
    ):
        assert isinstance(apply_outcome(EMPTY, effect, outcome, NOW), Memory)


def test_a_run_that_lists_show_needs_no_memory_of_its_acceptance_and_the_same_record_is_kept_once() -> None:
    accepted = Memory(accepted=Accepted(UID, RUN_ID, None, None, resent=False))
    first = listed(accepted, JobRun(RUN_ID, State.RUNNING, client_token=UID), NOW)
    again = listed(first, JobRun(RUN_ID, State.RUNNING, client_token=UID), replace(NOW, asked_at=NOON))
    assert first.accepted is None
    assert again.observed_run is not None
    assert first.observed_run is not None
    assert again.observed_run.run is first.observed_run.run
    assert again.observed_run.asked_at > first.observed_run.asked_at


@pytest.mark.parametrize("in_hand", [True, False])
def test_the_request_is_kept_only_until_it_was_compared(in_hand: bool) -> None:
    memory = Memory(accepted=Accepted(UID, RUN_ID, None, None, resent=True)) if in_hand else Memory()
    run = JobRun(RUN_ID, State.RUNNING, request={"releaseLabel": "emr-7.9.0-latest"})
    found = apply_outcome(memory, DESCRIBE, Seen(run), NOW).observed_run
    assert found is not None
    assert (found.run.request is not None) is in_hand

"""Stories that once went wrong, or easily could: each is a script with a name, and says what it is about."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.core.failures import Operation
from emrjobs.core.job_run.effects import AddFinalizer, CancelJob, FindRun, PatchStatus, StartJob
from emrjobs.core.job_run.reporting import ready_reason
from tests.support.simulation import faults
from tests.support.simulation.aws import Life
from tests.support.simulation.cluster import CLUSTERS
from tests.support.simulation.ending import check
from tests.support.simulation.faults import TABLE, WRITE, Fault
from tests.support.simulation.script import HAPPENINGS, Company, Happening, Script
from tests.support.simulation.story import Story

NOTHING = Happening.NOTHING


def write(fault: Fault = faults.FINE) -> int:
    return TABLE[WRITE].index(fault)


def start(fault: Fault) -> int:
    return TABLE[Operation.START].index(fault)


def after(passes: int, *then: Happening) -> tuple[int, ...]:
    """That happens after so many passes, one thing after each."""
    return tuple(HAPPENINGS.index(what) for what in (*[NOTHING] * (passes - 1), *then))


def play(calls: tuple[int, ...] = (), happenings: tuple[int, ...] = (), **rest: Any) -> Story:
    story = Story(Script(calls, happenings, **rest)).play()
    check(story)
    return story


def status(story: Story) -> EmrJobRunStatus:
    assert story.cluster.current is not None
    return story.cluster.current.status


HELD_AND_INTENDED = (write(), write())
INTENDED_PASSES = 3
"""A place in the rate limit, the finalizer, the intent."""


def test_the_plain_one_takes_one_start_and_completes() -> None:
    story = play()
    assert (status(story).state, story.decided(StartJob), story.decided(CancelJob)) == (State.COMPLETED, 1, 0)


def test_a_lost_answer_is_followed_by_the_same_request_and_one_run() -> None:
    story = play((*HELD_AND_INTENDED, start(faults.LOST_BUT_DONE)))
    assert (status(story).state, len(story.aws.runs), story.decided(StartJob)) == (State.COMPLETED, 1, 2)


def test_a_crash_before_the_answer_is_recorded_is_followed_by_the_same_request_and_one_run() -> None:
    story = play(happenings=after(INTENDED_PASSES, Happening.CRASH_SOON))
    assert (status(story).state, len(story.aws.runs), story.decided(StartJob)) == (State.COMPLETED, 1, 2)


def test_a_refusal_for_good_does_not_unlock_what_an_earlier_send_may_still_start() -> None:
    calls = (*HELD_AND_INTENDED, start(faults.LOST), start(faults.DONE_LATE), start(faults.WRONG))
    story = play(calls, after(INTENDED_PASSES + 1, Happening.MINUTES))
    assert (status(story).state, len(story.aws.runs)) == (State.COMPLETED, 1)


def test_a_refusal_for_good_unlocks_at_the_end_of_the_grace_where_nothing_is_found() -> None:
    story = play((*HELD_AND_INTENDED, start(faults.LOST), start(faults.WRONG)))
    assert (status(story).state, status(story).client_token, len(story.aws.runs)) == (State.REJECTED, None, 0)
    assert story.decided(FindRun) > 1


def test_a_denial_after_a_lost_answer_unlocks_too_so_that_the_role_can_be_corrected() -> None:
    story = play((*HELD_AND_INTENDED, start(faults.LOST)), mood={Operation.START: faults.DENIED})
    unlocked = [d for d in story.decisions if isinstance(d, PatchStatus) and d.status.client_token is None]
    assert unlocked
    assert (status(story).state, ready_reason(status(story))) == (State.REJECTED, Reason.ACCESS_DENIED)


def test_another_deletion_policy_does_not_make_a_denied_request_hot() -> None:
    calls, policy = (*HELD_AND_INTENDED, start(faults.LOST)), after(9, Happening.FLIP_POLICY)
    story = play(calls, policy, mood={Operation.START: faults.DENIED})
    assert story.decided(StartJob) < 40


def test_a_denied_request_that_waits_in_line_again_does_not_change_its_reason_to_and_fro() -> None:
    calls = (*HELD_AND_INTENDED, start(faults.LOST), *[start(faults.DENIED)] * 4)
    assert play(calls, queue=timedelta(seconds=60)).decided(PatchStatus) < 12


def test_a_denied_request_behind_a_busy_cluster_does_not_change_its_reason_to_and_fro() -> None:
    calls = (*HELD_AND_INTENDED, start(faults.LOST), *[start(faults.DENIED)] * 4)
    story = play(calls, after(8, Happening.BUSY))
    assert story.decided(PatchStatus) < 12


FAILS_ONCE: dict[str, Any] = {
    "members": {"resubmitPolicy": {"limit": 1, "backoffSeconds": 1}},
    "life": Life(ends=("INTERNAL_ERROR", "COMPLETED")),
}


def test_what_stood_in_the_way_of_the_first_attempt_does_not_stop_the_second() -> None:
    calls = (*HELD_AND_INTENDED, start(faults.DONE_LATE), start(faults.WRONG))
    story = play(calls, **FAILS_ONCE)
    assert (status(story).state, status(story).attempt, len(story.aws.runs)) == (State.COMPLETED, 2, 2)


def test_what_an_earlier_leader_knew_of_a_refusal_does_not_stop_its_second_term() -> None:
    """It was refused, another was accepted, that run failed, and then the first leads again."""
    calls = (*HELD_AND_INTENDED, start(faults.DONE_LATE), start(faults.WRONG))
    hand_over = after(INTENDED_PASSES + 5, Happening.HAND_OVER, *[NOTHING] * 60, Happening.HAND_OVER)
    story = play(calls, hand_over, company=Company.HANDOVER, **FAILS_ONCE)
    assert (status(story).state, status(story).attempt) == (State.COMPLETED, 2)


def test_a_run_that_shall_be_cancelled_is_held_before_it_is_sent_again() -> None:
    calls = (write(), start(faults.LOST_BUT_DONE))
    story = play(calls, after(3, Happening.FLIP_POLICY), members={"deletionPolicy": "Retain"})
    sends = [number for number, d in enumerate(story.decisions) if isinstance(d, StartJob)]
    holds = [number for number, d in enumerate(story.decisions) if isinstance(d, AddFinalizer)]
    assert sends[0] < holds[0] < sends[1]


def test_a_run_perhaps_started_by_a_resend_is_stopped_when_the_object_is_forced_away() -> None:
    calls = (*HELD_AND_INTENDED, start(faults.LOST), start(faults.LOST_BUT_DONE))
    happenings = after(
        INTENDED_PASSES, Happening.CRASH_SOON, NOTHING, NOTHING, NOTHING, Happening.DELETE, Happening.FORCE
    )
    story = play(calls, happenings, life=Life(running=timedelta(hours=1)))
    assert [run.cancelled_at is not None for run in story.aws.runs] == [True]


def test_deleting_while_the_request_is_on_its_way_waits_and_cancels_what_comes() -> None:
    calls = (*HELD_AND_INTENDED, start(faults.DONE_LATE))
    story = play(calls, after(INTENDED_PASSES + 1, Happening.DELETE), life=Life(running=timedelta(hours=1)))
    assert story.cluster.current is None
    assert [run.state(story.now) for run in story.aws.runs] == [State.CANCELLED]


def test_a_retained_run_outlives_its_object_and_is_never_cancelled() -> None:
    story = play(
        happenings=after(7, Happening.DELETE),
        members={"deletionPolicy": "Retain"},
        life=Life(running=timedelta(hours=1)),
    )
    assert (story.cluster.current, story.decided(CancelJob), len(story.aws.runs)) == (None, 0, 1)


def test_suspending_a_running_one_and_resuming_makes_a_second_attempt() -> None:
    story = play(happenings=after(7, Happening.SUSPEND, *[NOTHING] * 10, Happening.RESUME))
    tokens = [run.token for run in story.aws.runs]
    assert tokens == [tokens[0], f"{tokens[0]}-2"]
    assert (status(story).state, [a.attempt for a in status(story).attempts]) == (State.COMPLETED, [1])


def test_a_run_whose_record_is_gone_is_lost_and_never_started_again() -> None:
    short = timedelta(0)
    story = play(
        happenings=after(INTENDED_PASSES + 2, Happening.FORGET),
        life=Life(pending=short, submitted=short, running=short),
    )
    assert (status(story).state, story.decided(StartJob)) == (State.LOST, 1)


def test_a_run_that_may_not_be_described_keeps_its_state_and_says_why() -> None:
    story = play(mood={Operation.DESCRIBE: faults.DENIED})
    assert (status(story).state, ready_reason(status(story))) == (State.RUNNING, Reason.LOOK_FAILED)
    assert story.decided(PatchStatus) < 8


def test_a_run_that_can_be_described_again_is_told_as_if_nothing_had_been() -> None:
    lists = tuple(faults.TABLE[Operation.LIST].index(fault) for fault in [faults.DENIED] * 3)
    story = play((*HELD_AND_INTENDED, start(faults.FINE), write(), *lists))
    assert (status(story).state, ready_reason(status(story))) == (State.COMPLETED, Reason.COMPLETED)


def test_a_deletion_that_waits_for_a_denied_list_says_why() -> None:
    calls = (*HELD_AND_INTENDED, start(faults.LOST))
    story = play(calls, after(INTENDED_PASSES + 1, Happening.DELETE), mood={Operation.LIST: faults.DENIED})
    assert story.cluster.current is not None
    assert story.cluster.current.has_finalizer
    assert ready_reason(status(story)) == Reason.LOOK_FAILED
    assert story.decided(PatchStatus) < 6


def mood(*pairs: tuple[Operation, Fault]) -> Mapping[str, Fault]:
    return dict(pairs)


def test_a_refusal_that_lasts_is_tried_again_every_few_minutes_and_writes_its_reason_once() -> None:
    story = play(mood=mood((Operation.START, faults.NOT_FOUND)))
    said = {d.status.conditions for d in story.decisions if isinstance(d, PatchStatus)}
    assert 10 < story.decided(StartJob) < 40
    assert len(said) <= 4
    assert (status(story).state, ready_reason(status(story))) == (State.REJECTED, Reason.NOT_FOUND)


def test_a_successor_whose_watch_lags_does_not_send_what_its_predecessor_took_back() -> None:
    """It still sees the intent; meanwhile AWS refused, the intent was taken back, and the request was edited."""
    calls = (*HELD_AND_INTENDED, start(faults.WRONG))
    until_seen = (Happening.MINUTE, Happening.MINUTE, NOTHING, NOTHING)
    happenings = after(INTENDED_PASSES, *until_seen, Happening.EDIT, Happening.HAND_OVER)
    story = play(calls, happenings, company=Company.HANDOVER, lags=(timedelta(0), timedelta(seconds=30)))
    assert [run.request["virtualClusterId"] for run in story.aws.runs] == [CLUSTERS[1]]

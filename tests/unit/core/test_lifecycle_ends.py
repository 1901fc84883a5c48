"""What the end of an attempt means, given the spec and the recorded cancellation of that moment."""

from dataclasses import replace
from typing import Any

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import EmrJobRunStatus
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import PatchStatus
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.reporting import ready_reason
from tests.support.legality import wrongs
from tests.unit.core.lives import FAILED, RUN, UID, cancelled_for, look, seconds, seeing

ONCE = {"resubmitPolicy": {"limit": 1}}
ANYTHING = {"resubmitPolicy": {"limit": 5, "failureReasons": ["INTERNAL_ERROR", "USER_ERROR", "CLUSTER_UNAVAILABLE"]}}
INTERNAL = {"failure_reason": "INTERNAL_ERROR"}
LOST_SIGHT = {**INTERNAL, "state_details": "Trouble monitoring your JobRun due to an internal error"}
SUSPENDING, STOPPING, LATE = (cancelled_for(word) for word in ("Suspended", "Cancelled", "DeadlineExceeded"))
RUNNING = {**RUN, "state": "RUNNING", "activeSince": RUN["createdAt"]}


def written(o: Observation) -> EmrJobRunStatus:
    rule, decision = decide(o)
    assert isinstance(decision, PatchStatus), f"{rule}: {decision}"
    assert wrongs(o, decision) == []
    return decision.status


def end(state: str, status: dict[str, Any], members: dict[str, Any], facts: dict[str, Any]) -> EmrJobRunStatus:
    return written(seeing(look({**RUNNING, **status}, **members), state, **facts))


@pytest.mark.parametrize(
    ("state", "recorded", "members", "facts", "shown"),
    [
        pytest.param("COMPLETED", {}, {}, {}, "COMPLETED Completed", id="it completed"),
        pytest.param("COMPLETED", SUSPENDING, {"suspend": True}, {}, "COMPLETED Completed", id="… while being held"),
        pytest.param("COMPLETED", STOPPING, {"cancel": True}, {}, "COMPLETED Completed", id="… while cancelled"),
        pytest.param("CANCELLED", {}, {}, {}, "CANCELLED CancelledExternally", id="somebody else cancelled it"),
        pytest.param("CANCELLED", {}, ANYTHING, {}, "CANCELLED CancelledExternally", id="that is not tried again"),
        pytest.param("CANCELLED", STOPPING, {"cancel": True}, {}, "CANCELLED Cancelled", id="cancelled as asked"),
        pytest.param("CANCELLED", LATE, {}, {}, "CANCELLED DeadlineExceeded", id="a deadline, raised since"),
        pytest.param("CANCELLED", LATE, {"suspend": True}, {}, "CANCELLED DeadlineExceeded", id="… or held since"),
        pytest.param("CANCELLED", LATE, {"cancel": True}, {}, "CANCELLED Cancelled", id="… or cancelled since"),
        pytest.param("CANCELLED", SUSPENDING, {"suspend": True}, {}, "SUSPENDED Suspended", id="held as asked"),
        pytest.param("CANCELLED", SUSPENDING, {}, {}, "QUEUED Resumed", id="resumed in the meantime"),
        pytest.param("CANCELLED", SUSPENDING, {"cancel": True}, {}, "CANCELLED Cancelled", id="held, then cancelled"),
        pytest.param(
            "CANCELLED", SUSPENDING, {"activeDeadlineSeconds": 60}, {}, "QUEUED Resumed", id="resumed past a deadline"
        ),
        pytest.param("FAILED", {}, {}, INTERNAL, "FAILED JobFailed", id="a failure without a policy"),
        pytest.param("FAILED", {}, ONCE, INTERNAL, "QUEUED Resubmitting", id="a listed failure"),
        pytest.param("FAILED", {}, ONCE, {}, "FAILED JobFailed", id="a failure without a reason"),
        pytest.param("FAILED", {}, ONCE, {"failure_reason": "USER_ERROR"}, "FAILED JobFailed", id="not listed"),
        pytest.param("FAILED", {}, ANYTHING, LOST_SIGHT, "FAILED JobFailed", id="EMR lost sight of a live driver"),
        pytest.param("FAILED", {"resubmissions": 1}, ONCE, INTERNAL, "FAILED JobFailed", id="the limit is reached"),
        pytest.param(
            "FAILED", SUSPENDING, {**ONCE, "suspend": True}, INTERNAL, "SUSPENDED Suspended", id="held, failed"
        ),
        pytest.param("FAILED", {}, {**ONCE, "suspend": True}, INTERNAL, "SUSPENDED Suspended", id="failed, then held"),
        pytest.param(
            "FAILED", SUSPENDING, {"suspend": True}, INTERNAL, "FAILED JobFailed", id="held, not to be retried"
        ),
        pytest.param("FAILED", SUSPENDING, ONCE, INTERNAL, "QUEUED Resubmitting", id="held, failed, resumed"),
        pytest.param("FAILED", STOPPING, {**ONCE, "cancel": True}, INTERNAL, "FAILED JobFailed", id="cancelled too"),
        pytest.param("FAILED", LATE, ONCE, INTERNAL, "FAILED JobFailed", id="failed past a deadline, raised since"),
        pytest.param(
            "FAILED", {}, {**ONCE, "activeDeadlineSeconds": 60}, INTERNAL, "FAILED JobFailed", id="failed too late"
        ),
        pytest.param("QUEUED", {}, ONCE, {}, "PENDING Following", id="a word of ours from AWS is no end"),
        pytest.param("SUSPENDED", {}, ONCE, {}, "PENDING Following", id="another one"),
    ],
)
def test_what_follows(
    state: str, recorded: dict[str, Any], members: dict[str, Any], facts: dict[str, Any], shown: str
) -> None:
    after = end(state, recorded, members, facts)
    assert f"{after.state} {ready_reason(after)}" == shown
    assert after.id == "run1"


def test_a_cancellation_of_an_earlier_attempt_says_nothing_of_this_one() -> None:
    """Attempt 2 is cancelled by somebody else after attempt 1 was held."""
    second = {"attempt": 2, "clientToken": f"{UID}-2", **SUSPENDING}
    assert ready_reason(end("CANCELLED", second, {}, {})) == Reason.CANCELLED_EXTERNALLY


def test_a_failure_that_is_tried_again_is_counted_and_keeps_its_facts() -> None:
    after = end("FAILED", {"resubmissions": 2}, {"resubmitPolicy": {"limit": 5}}, INTERNAL)
    assert (after.resubmissions, after.failure_reason, after.attempt) == (3, "INTERNAL_ERROR", 1)
    assert after.active_since is not None


def test_what_counts_time_counts_anew_when_resumed() -> None:
    after = end("CANCELLED", {**SUSPENDING, "resubmissions": 2}, {}, {})
    assert (after.active_since, after.resubmissions) == (None, None)
    assert after.wanted_since is not None


# ---- the intent of the next attempt


def next_intent(status: dict[str, Any]) -> EmrJobRunStatus:
    held = {"finalizers": ["emrjobs.dev/job-run"]}
    o = look({**FAILED, **status}, metadata=held, resubmitPolicy={"limit": 99, "backoffSeconds": 1})
    rule, decision = decide(_with_turn(o))
    assert isinstance(decision, PatchStatus), f"{rule}: {decision}"
    assert decision.intent
    assert wrongs(_with_turn(o), decision) == []
    return decision.status


def _with_turn(o: Observation) -> Observation:
    return replace(o, memory=replace(o.memory, reserved_until=o.now + seconds(20)))


@pytest.mark.parametrize(
    ("ended", "state", "reason"),
    [
        pytest.param({}, "FAILED", "INTERNAL_ERROR", id="it failed"),
        pytest.param(SUSPENDING, "FAILED", "INTERNAL_ERROR", id="it failed while being held"),
        pytest.param({"failureReason": None, **SUSPENDING}, "CANCELLED", "Suspended", id="it was held"),
    ],
)
def test_the_earlier_attempt_is_kept_with_its_own_facts(ended: dict[str, Any], state: str, reason: str) -> None:
    after = next_intent(ended)
    [closed] = after.attempts
    assert (closed.attempt, closed.id, closed.state, closed.reason) == (1, "run1", state, reason)
    assert None not in (closed.created_at, closed.started_at, closed.finished_at)
    gone = ("id", "arn", "state_details", "failure_reason", "created_at", "started_at", "finished_at", "cancellation")
    assert [getattr(after, member) for member in gone] == [None] * len(gone)
    assert (after.attempt, after.client_token) == (2, f"{UID}-2")


def test_the_newest_ten_are_kept_oldest_first() -> None:
    earlier = [{"attempt": number, "id": f"run{number}"} for number in range(3, 13)]
    after = next_intent({"attempt": 13, "clientToken": f"{UID}-13", "attempts": earlier})
    assert [a.attempt for a in after.attempts] == list(range(4, 14))
    assert (after.attempt, after.client_token) == (14, f"{UID}-14")

"""What is done, and not done, for each wish in each situation: one line a case."""

from dataclasses import replace
from typing import Any

import pytest

from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import Decision, DeleteObject, PatchStatus, RemoveFinalizer, Wait
from emrjobs.core.job_run.memory import Memory, Trouble
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.reporting import ready_reason
from tests.support.legality import wrongs
from tests.unit.core.lives import FAILED, INTENT, NOON, RUN, UID, at, cancelled_for, look, refused_only, seconds

HOLDS = {"finalizers": ["emrjobs.dev/job-run"]}
SUSPENDED = {**RUN, **cancelled_for("Suspended"), "state": "SUSPENDED"}
REJECTED = [{"type": "Ready", "status": "False", "reason": "RequestRefused"}]
SECOND = {**INTENT, "clientToken": f"{UID}-2", "attempt": 2}
LONG = {"resubmitPolicy": {"limit": 3, "backoffSeconds": 600}}


def words(o: Observation) -> str:
    """The rule, and what it does, in short."""
    rule, decision = decide(o)
    assert wrongs(o, decision) == []
    return f"{rule}: {_short(decision)}"


def _short(decision: Decision) -> str:
    match decision:
        case PatchStatus():
            return f"{decision.status.state} {ready_reason(decision.status)}"
        case Wait():
            return "wait"
        case _:
            return type(decision).__name__


@pytest.mark.parametrize(
    ("status", "members", "done"),
    [
        pytest.param({}, {}, "reservation_needed: ReserveStart", id="new"),
        pytest.param({}, {"suspend": True}, "never_sent: SUSPENDED Suspended", id="new and held"),
        pytest.param({}, {"cancel": True}, "never_sent: CANCELLED Cancelled", id="new and cancelled"),
        pytest.param(
            {}, {"startDeadlineSeconds": 1}, "never_sent: CANCELLED StartDeadlineExceeded", id="new and too late"
        ),
        pytest.param({"state": "SUSPENDED"}, {"suspend": True}, "never_sent: wait", id="held"),
        pytest.param({"state": "SUSPENDED"}, {}, "resumed: QUEUED Resumed", id="held and resumed"),
        pytest.param({"state": "SUSPENDED"}, {"cancel": True}, "never_sent: CANCELLED Cancelled", id="held, cancelled"),
        pytest.param(
            {"state": "REJECTED", "conditions": REJECTED},
            {"suspend": True},
            "never_sent: SUSPENDED Suspended",
            id="refused and held",
        ),
        pytest.param(
            {"state": "REJECTED", "conditions": REJECTED},
            {"cancel": True},
            "never_sent: CANCELLED Cancelled",
            id="refused and cancelled",
        ),
        pytest.param(
            {**INTENT, "state": "SUBMITTING"},
            {"suspend": True},
            "stop_not_recorded: SUBMITTING Cancelling",
            id="perhaps sent, to be held",
        ),
        pytest.param(
            {**INTENT, "state": "SUBMITTING", **cancelled_for("Suspended")},
            {"suspend": True},
            "perhaps_sent: FindRun",
            id="perhaps sent, to be held, by a process that knows nothing",
        ),
        pytest.param(
            {**RUN, "state": "RUNNING"}, {"suspend": True}, "stop_not_recorded: RUNNING Cancelling", id="held"
        ),
        pytest.param(
            {**RUN, "state": "RUNNING", **cancelled_for("Suspended")},
            {},
            "cancel_due: DescribeJob",
            id="resumed: the recorded cancellation is carried out",
        ),
        pytest.param(FAILED, LONG, "attempt_not_due: wait", id="backing off"),
        pytest.param(FAILED, {**LONG, "suspend": True}, "never_sent: SUSPENDED Suspended", id="backing off, held"),
        pytest.param(FAILED, {**LONG, "cancel": True}, "never_sent: CANCELLED Cancelled", id="backing off, cancelled"),
        pytest.param(
            FAILED,
            {**LONG, "activeDeadlineSeconds": 60},
            "never_sent: CANCELLED DeadlineExceeded",
            id="backing off past the deadline",
        ),
        pytest.param(FAILED, {**LONG, "deleting": True}, "never_sent: wait", id="backing off, deleted"),
        pytest.param(
            FAILED, {**LONG, "deleting": True, "metadata": HOLDS}, "never_sent: RemoveFinalizer", id="… and let go of"
        ),
        pytest.param(FAILED, {**LONG, "generation": 2}, "attempt_not_due: QUEUED Resubmitting", id="and edited"),
        pytest.param(SUSPENDED, {"suspend": True}, "never_sent: wait", id="held after a run"),
        pytest.param(SUSPENDED, {}, "resumed: QUEUED Resumed", id="resumed after a run"),
        pytest.param(
            {**SECOND, "state": "SUSPENDED"},
            {"suspend": True},
            "still_suspended: wait",
            id="a second attempt held back",
        ),
        pytest.param(
            {**SECOND, "state": "SUSPENDED"},
            {"cancel": True},
            "stop_not_recorded: SUBMITTING Cancelling",
            id="a second attempt held back, then cancelled",
        ),
        pytest.param(
            {**FAILED, "state": "REJECTED", "conditions": REJECTED},
            {"cancel": True},
            "never_sent: CANCELLED Cancelled",
            id="refused before the second intent: the first run is not followed again",
        ),
    ],
)
def test_one_wish_in_one_situation(status: dict[str, Any], members: Any, done: str) -> None:
    assert words(look(status, **members)) == done


@pytest.mark.parametrize(
    ("recorded", "members", "done"),
    [
        pytest.param("Suspended", {"suspend": True}, "perhaps_sent: SUSPENDED Suspended", id="held"),
        pytest.param("Suspended", {}, "perhaps_sent: QUEUED Resumed", id="resumed in the meantime"),
        pytest.param(
            "Suspended", {"startDeadlineSeconds": 1}, "perhaps_sent: QUEUED Resumed", id="resumed past a deadline"
        ),
        pytest.param("Suspended", {"cancel": True}, "perhaps_sent: CANCELLED Cancelled", id="cancelled meanwhile"),
        pytest.param("DeadlineExceeded", {}, "perhaps_sent: CANCELLED DeadlineExceeded", id="a raised deadline"),
        pytest.param("Deleted", {"deleting": True, "metadata": HOLDS}, "perhaps_sent: RemoveFinalizer", id="deleted"),
    ],
)
def test_certainly_not_sent(recorded: str, members: Any, done: str) -> None:
    """The intent is given up: for the first attempt the request may be changed again."""
    o = look({**INTENT, "state": "SUBMITTING", **cancelled_for(recorded)}, memory=refused_only(), **members)
    assert words(o) == done
    _, decision = decide(o)
    if isinstance(decision, PatchStatus) and not decision.status.finished:
        assert (decision.status.client_token, decision.status.cancellation) == (None, None)


def test_a_second_attempt_that_was_not_sent_keeps_its_token() -> None:
    status = {**SECOND, "state": "SUBMITTING", **cancelled_for("Suspended", attempt=2)}
    memory = refused_only()
    assert memory.sends is not None
    memory = replace(memory, sends=replace(memory.sends, token=f"{UID}-2"))
    _, decision = decide(look(status, memory=memory, suspend=True))
    assert isinstance(decision, PatchStatus)
    assert (decision.status.state, decision.status.client_token) == (State.SUSPENDED, f"{UID}-2")


def test_a_refusal_holds_while_members_change_that_are_not_sent() -> None:
    """The request is locked: a flipped member is no reason to send the same again and again."""
    trouble = Trouble(Verdict.REJECTED, "TooLarge", "", 1, NOON - seconds(5), at("23:59"))
    memory = replace(refused_only(), start=trouble, refused_generation=1)
    assert memory.sends is not None
    memory = replace(memory, sends=replace(memory.sends, token=f"{UID}-2"), reserved_until=NOON + seconds(20))
    shown = {**SECOND, "state": "REJECTED", "conditions": REJECTED}
    assert words(look(shown, memory=memory, generation=7)) == "refused: REJECTED RequestRefused"
    assert words(look({**shown, "observedGeneration": 7}, memory=memory, generation=7)) == "backing_off: wait"


# ---- finished

DONE = [
    {"type": "Ready", "status": "True", "reason": "Completed"},
    {"type": "Complete", "status": "True"},
    {"type": "Finished", "status": "True", "message": "Done", "lastTransitionTime": "2026-01-01T11:59:00Z"},
]
OVER = {**RUN, "state": "COMPLETED", "conditions": DONE}
FLUX = {"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}
WISHES: list[dict[str, Any]] = [
    {},
    {"suspend": True},
    {"cancel": True},
    {"activeDeadlineSeconds": 1},
    {"startDeadlineSeconds": 1},
    {"resubmitPolicy": {"limit": 9}},
    {"deletionPolicy": "Retain"},
    {"deleting": True},
]


@pytest.mark.parametrize("members", WISHES, ids=str)
@pytest.mark.parametrize("state", ["COMPLETED", "FAILED", "CANCELLED", "LOST"])
def test_finished_is_for_good(members: Any, state: str) -> None:
    assert words(look({**OVER, "state": state}, **members)).startswith("finished: wait")


def test_an_edit_of_a_finished_object_is_acknowledged() -> None:
    _, decision = decide(look({**OVER, "observedGeneration": 6}, generation=7, ttlSecondsAfterFinished=60))
    assert isinstance(decision, PatchStatus)
    assert (decision.status.observed_generation, decision.status.state) == (7, State.COMPLETED)


@pytest.mark.parametrize(
    ("metadata", "ttl", "expected"),
    [
        pytest.param({}, 60, DeleteObject, id="its time is up"),
        pytest.param({}, 61, Wait, id="a second to go"),
        pytest.param({}, None, Wait, id="no limit"),
        pytest.param(HOLDS, 60, RemoveFinalizer, id="let go of first"),
        pytest.param(FLUX, 60, PatchStatus, id="a tool would create it again: say so"),
    ],
)
def test_clean_up(metadata: dict[str, Any], ttl: int | None, expected: type[Decision]) -> None:
    members: dict[str, Any] = {"ttlSecondsAfterFinished": ttl} if ttl else {}
    _, decision = decide(look(OVER, metadata=metadata, **members))
    assert isinstance(decision, expected)


def test_that_it_is_kept_is_said_once() -> None:
    o = look(OVER, metadata=FLUX, ttlSecondsAfterFinished=60)
    _, decision = decide(o)
    assert isinstance(decision, PatchStatus)
    assert decision.event is not None
    assert "Flux would create it again" in decision.event.message
    again = replace(o, resource=replace(o.resource, status=decision.status), memory=Memory())
    assert decide(again)[1] == Wait()

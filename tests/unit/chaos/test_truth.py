"""The judgement of the random run: it is told what is wrong, and must say so."""

from typing import Any, cast

import pytest

from tests.chaos import truth
from tests.sandbox.emr.admin import RunFacts
from tests.support.kube import Json

UID = "8c1b8a2e-5a3f-4f5e-9d59-2f6f2a9f6c11"


def run(attempt: int, state: str = "FAILED", *, began: float, ended: float | None, **facts: Any) -> RunFacts:
    shown = {"id": f"run{attempt}", "arn": "arn", "details": None, "reason": "INTERNAL_ERROR", "cancels": 0}
    found = {"client_token": truth.token(UID, attempt), "state": state, "created_at": began, "finished_at": ended}
    return cast("RunFacts", {**shown, **found, **facts})


FIRST = run(1, began=0, ended=5)
SECOND = run(2, "COMPLETED", began=6, ended=9, reason=None)
EARLIER = {"attempt": 1, "id": "run1", "state": "FAILED", "reason": "INTERNAL_ERROR"}


def item(**status: object) -> Json:
    finished = {"type": "Finished", "status": "True", "message": "so"}
    shown = {"state": "COMPLETED", "id": "run2", "arn": "arn", "attempt": 2, "clientToken": f"{UID}-2"}
    return {
        "metadata": {"uid": UID},
        "status": {**shown, "attempts": [EARLIER], "conditions": [finished], **status},
    }


def test_what_is_right_is_said_to_be_right() -> None:
    assert truth.of_object(item(), [FIRST, SECOND]) == []
    assert truth.in_turn(UID, [SECOND, FIRST]) == []


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param([SECOND], id="a second without a first"),
        pytest.param([FIRST, run(3, began=6, ended=9)], id="a third without a second"),
        pytest.param([FIRST, run(2, began=4, ended=9)], id="two at once"),
        pytest.param([run(1, "RUNNING", began=0, ended=None), SECOND], id="a first that never ended"),
    ],
)
def test_attempts_out_of_turn_are_noticed(runs: list[RunFacts]) -> None:
    assert truth.in_turn(UID, runs)


@pytest.mark.parametrize(
    "status",
    [
        pytest.param({"attempts": []}, id="an earlier attempt is not listed"),
        pytest.param({"attempts": [{**EARLIER, "id": "another"}]}, id="it has another id"),
        pytest.param({"attempts": [{**EARLIER, "state": "CANCELLED"}]}, id="it ended otherwise"),
        pytest.param({"attempts": [{**EARLIER, "reason": "USER_ERROR"}]}, id="it failed for another reason"),
        pytest.param({"attempt": 1, "attempts": []}, id="a run too many"),
        pytest.param({"state": "FAILED"}, id="another end"),
        pytest.param({"conditions": []}, id="not finished"),
    ],
)
def test_a_status_that_is_not_true_is_noticed(status: Json) -> None:
    assert truth.of_object(item(**status), [FIRST, SECOND])


def test_an_object_that_was_stopped_between_attempts_shows_the_one_before() -> None:
    stopped = {"type": "Finished", "status": "True", "message": "Attempt 2 was not started because …"}
    shown = item(state="CANCELLED", id="run1", attempt=1, clientToken=UID, attempts=[], failureReason="INTERNAL_ERROR")
    assert truth.of_object(shown, [FIRST])
    shown["status"]["conditions"] = [stopped]
    assert truth.of_object(shown, [FIRST]) == []


def test_a_suspended_object_has_no_live_run() -> None:
    held = {**item(), "spec": {"suspend": True}}
    going = run(1, "RUNNING", began=0, ended=None)
    assert truth.of_suspended(held, [FIRST, SECOND]) == []
    assert truth.of_suspended(held, [going])
    assert truth.of_suspended({**item(), "spec": {"suspend": False}}, [going]) == []

"""What is told where AWS cannot be asked about a run, and which troubles outlive a look at it."""

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import PatchStatus, Wait
from emrjobs.core.job_run.memory import Trouble
from emrjobs.core.job_run.reporting import ready_reason
from tests.support.builders import NOON, a_run, seconds

HELD = a_run().with_finalizer()
RUNNING = HELD.running()


@pytest.mark.parametrize(
    ("shown", "seen", "reason"),
    [
        (Reason.REQUEST_MISMATCH, State.RUNNING, Reason.REQUEST_MISMATCH),
        (Reason.REQUEST_MISMATCH, State.COMPLETED, Reason.COMPLETED),
        (Reason.CANCEL_FAILED, State.RUNNING, Reason.RUNNING),
        (Reason.LOOK_FAILED, State.RUNNING, Reason.RUNNING),
        (Reason.ACCEPTED, State.RUNNING, Reason.RUNNING),
    ],
)
def test_which_troubles_outlive_a_step_of_the_run(shown: Reason, seen: State, reason: Reason) -> None:
    _, decision = decide(HELD.submitted(State.PENDING, shown).seen(seen).observe())
    assert isinstance(decision, PatchStatus)
    assert (decision.status.state, ready_reason(decision.status)) == (seen, reason)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (Trouble(Verdict.DENIED, "AccessDenied", "", 1, NOON, NOON + seconds(9)), True),
        (Trouble(Verdict.TRANSIENT, "InternalError", "", 2, NOON, NOON + seconds(9)), False),
        (Trouble(Verdict.TRANSIENT, "InternalError", "", 3, NOON, NOON + seconds(9)), True),
    ],
    ids=["a denial at once", "a passing failure not", "nor twice, but the third time"],
)
def test_when_it_is_told_that_the_run_cannot_be_described(trouble: Trouble, told: bool) -> None:
    blind = RUNNING.remembering(describe=trouble, look_at=trouble.retry_at)
    rule, decision = decide(blind.observe())
    assert rule == "follow"
    if not told:
        assert decision == Wait(NOON + seconds(9))
        return
    assert isinstance(decision, PatchStatus)
    assert (decision.status.state, ready_reason(decision.status)) == (State.RUNNING, Reason.LOOK_FAILED)
    assert trouble.code in decision.status.conditions[0].message
    assert decide(blind.having(status=decision.status).observe()) == ("follow", Wait(NOON + seconds(9)))


def test_one_that_is_being_deleted_is_told_how_to_let_go() -> None:
    denied = Trouble(Verdict.DENIED, "AccessDenied", "", 1, NOON, NOON + seconds(9))
    blind = RUNNING.deleting(5).cancelling(ago=5).remembering(describe=denied, look_at=denied.retry_at)
    _, decision = decide(blind.observe())
    assert isinstance(decision, PatchStatus)
    assert "deletionPolicy to Retain lets go" in decision.status.conditions[0].message

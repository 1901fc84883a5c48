"""The rules for what must not run, is over or is gone: a world in plain words, and the whole decision."""

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import (
    ConfirmLoss,
    Decision,
    DeleteObject,
    Forget,
    RemoveFinalizer,
    Wait,
)
from emrjobs.core.job_run.memory import Cancelling
from emrjobs.core.job_run.runs import Source
from tests.support.builders import CLUSTER, NOON, RUN_ID, TIMING, World, a_run, seconds
from tests.unit.core.worlds import (
    CANCEL,
    CANCELLED_AND_RETAINED,
    DESCRIBE,
    DOUBTFUL,
    HELD,
    INTENDED,
    LOOK,
    NEW,
    RUNNING,
    STOPPED,
    STRANGE,
    cancel_trouble,
    searched,
    waits,
)

TABLE: dict[str, tuple[World, str, Decision]] = {
    # ---- it must not run
    "deleted before it was sent, it goes": (HELD.deleting(), "never_sent", RemoveFinalizer()),
    "not held, there is nothing to do": (NEW.with_foreign_finalizer().deleting(), "never_sent", Wait()),
    "deleted with a run that may go on, it goes": (RUNNING.retained().deleting(), "retained", RemoveFinalizer()),
    "and sends nothing any more": (
        a_run().retained().with_foreign_finalizer().intended().deleting().with_reservation(),
        "retained",
        Wait(),
    ),
    "but a cancellation of its own is carried out before it goes": (
        CANCELLED_AND_RETAINED.deleting(5).cancelling(Reason.CANCELLED, 5).seen(State.RUNNING).noted(),
        "cancel_due",
        CANCEL,
    ),
    "also one for a deadline": (
        RUNNING.retained().deleting(5).cancelling(Reason.DEADLINE_EXCEEDED, 5).seen(State.RUNNING).noted(),
        "cancel_due",
        CANCEL,
    ),
    "once AWS has answered to it, it goes": (
        CANCELLED_AND_RETAINED.deleting(5)
        .cancelling(Reason.CANCELLED, 5)
        .seen(State.RUNNING)
        .noted()
        .remembering(cancelling=Cancelling(RUN_ID, NOON)),
        "retained",
        RemoveFinalizer(),
    ),
    "also when AWS denies it": (
        CANCELLED_AND_RETAINED.deleting(5)
        .cancelling(Reason.CANCELLED, 5)
        .seen(State.RUNNING)
        .noted()
        .remembering(cancel=cancel_trouble(Verdict.DENIED)),
        "retained",
        RemoveFinalizer(),
    ),
    "a cancellation for the deletion ends with Retain": (
        RUNNING.retained().deleting(5).cancelling(Reason.DELETED, 5).seen(State.RUNNING).noted(),
        "retained",
        RemoveFinalizer(),
    ),
    "one that was surely never accepted goes at once": (DOUBTFUL.sent(1), "perhaps_sent", RemoveFinalizer()),
    "one that may have been accepted is looked for": (DOUBTFUL, "perhaps_sent", LOOK),
    "again after a while": (DOUBTFUL.remembering(search=searched(2, 3)), "perhaps_sent", waits(3)),
    "also just when the grace is over": (
        DOUBTFUL.remembering(search=searched(2, 1000)),
        "perhaps_sent",
        waits(TIMING.grace.total_seconds() - 5),
    ),
    "one look after the grace is enough": (
        DOUBTFUL.later(400).remembering(search=searched(-400, 60)),
        "perhaps_sent",
        RemoveFinalizer(),
    ),
    "a look that failed is none": (
        DOUBTFUL.later(400).remembering(search=searched(2, 460, failed=True)),
        "perhaps_sent",
        waits(460),
    ),
    "a run to be cancelled is looked at by a process that has not seen it": (STOPPED, "cancel_due", DESCRIBE),
    "then it is cancelled": (STOPPED.seen(State.RUNNING).noted(), "cancel_due", CANCEL),
    "but not twice within half a minute": (
        STOPPED.seen(State.RUNNING).noted().remembering(cancelling=Cancelling(RUN_ID, NOON - seconds(29))),
        "follow",
        waits(30),
    ),
    "then a list is not enough to do it again": (
        STOPPED.seen(State.RUNNING, 0, Source.LIST)
        .noted()
        .remembering(cancelling=Cancelling(RUN_ID, NOON - seconds(31))),
        "cancel_due",
        DESCRIBE,
    ),
    "but a describe is": (
        STOPPED.seen(State.RUNNING).noted().remembering(cancelling=Cancelling(RUN_ID, NOON - seconds(31))),
        "cancel_due",
        CANCEL,
    ),
    "a failed cancellation is tried again when its time comes": (
        STOPPED.seen(State.RUNNING).noted().remembering(cancel=cancel_trouble(retry_in=-1)),
        "cancel_due",
        CANCEL,
    ),
    # ---- AWS does not know it
    "twice denied, the endpoint is made sure of": (
        RUNNING.remembering(gone_twice=True),
        "lost",
        ConfirmLoss(CLUSTER, RUNNING.status.arn),
    ),
    "once denied, it is asked again later": (
        RUNNING.remembering(gone_once_at=NOON, look_at=NOON + seconds(60)),
        "follow",
        waits(60),
    ),
    # ---- it is over
    "finished, it is let go": (HELD.ended(), "finished", RemoveFinalizer()),
    "finished and let go, it costs nothing": (NEW.ended(), "finished", Wait()),
    "finished, whatever is remembered of it": (
        NEW.ended().seen(State.RUNNING).remembering(gone_twice=True, cancel=cancel_trouble()),
        "finished",
        Wait(),
    ),
    "finished and deleted by somebody, it is not written to": (
        NEW.with_foreign_finalizer().ended().deleting(),
        "finished",
        Wait(),
    ),
    "its time comes": (NEW.ended().with_members(ttlSecondsAfterFinished=60), "finished", waits(60)),
    "its time has come": (NEW.ended().with_members(ttlSecondsAfterFinished=60).later(61), "finished", DeleteObject()),
    "suspended, it waits": (a_run().suspended(), "never_sent", Wait()),
    # ---- the object is gone
    "a run that lost its object is stopped": (RUNNING.gone(), "object_gone", CANCEL),
    "once": (RUNNING.gone().remembering(cancelling=Cancelling(RUN_ID, NOON)), "object_gone", Forget()),
    "unless it may go on": (RUNNING.retained().gone(), "object_gone", Forget()),
    "or has ended": (RUNNING.gone().seen(State.COMPLETED), "object_gone", Forget()),
    "one that was perhaps started is looked for": (INTENDED.sent(1, 1).gone(), "object_gone", LOOK),
    "also when somebody else had intended it": (STRANGE.sent(1, 1, inherited=True).gone(), "object_gone", LOOK),
    "one that was never sent is forgotten": (INTENDED.gone(), "object_gone", Forget()),
    "one that somebody else may have sent is looked for": (STRANGE.gone(), "object_gone", LOOK),
    "until the grace after the last send is over": (
        INTENDED.sent(1, 1, ago=1).gone().later(325).remembering(search=searched(-320, 1000)),
        "object_gone",
        Wait(NOON - seconds(1) + TIMING.grace),
    ),
    "and no longer": (
        INTENDED.sent(1, 1, ago=1).gone().later(400).remembering(search=searched(-330, 9)),
        "object_gone",
        Forget(),
    ),
    "a run that was to be cancelled is, although deleting retains": (
        CANCELLED_AND_RETAINED.gone(),
        "object_gone",
        CANCEL,
    ),
    "also where only the status says so": (
        RUNNING.retained().cancelling(Reason.DEADLINE_EXCEEDED, 5).gone(),
        "object_gone",
        CANCEL,
    ),
    "but not one that was cancelled for the deletion": (
        RUNNING.retained().cancelling(Reason.DELETED, 5).gone(),
        "object_gone",
        Forget(),
    ),
    "a finished one is forgotten": (NEW.ended().gone(), "object_gone", Forget()),
}


@pytest.mark.parametrize(("world", "rule", "decision"), TABLE.values(), ids=TABLE)
def test_decision(world: World, rule: str, decision: Decision) -> None:
    assert decide(world.observe()) == (rule, decision)

"""The rules as a table: a world in plain words, and the whole decision that it leads to."""

from datetime import timedelta

import pytest

from emrjobs.api.conditions import Reason
from emrjobs.api.status import State
from emrjobs.core.decide import RULES, decide
from emrjobs.core.effects import (
    CancelJob,
    ConfirmLoss,
    Decision,
    DeleteObject,
    DescribeJob,
    FindRun,
    Forget,
    HoldObject,
    InspectCluster,
    ReleaseObject,
    StartJob,
    TakeTurn,
    Wait,
)
from emrjobs.core.failures import Verdict
from emrjobs.core.memory import Accepted, Cancelling, Search, Trouble
from emrjobs.core.runs import Source
from tests.support.builders import CLUSTER, NOON, ROLE, RUN_ID, TIMING, UID, World, a_run, seconds

REQUEST = {
    "name": "job",
    "virtualClusterId": CLUSTER,
    "executionRoleArn": ROLE,
    "releaseLabel": "emr-7.9.0-latest",
    "jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "s3://b/job.py"}},
    "clientToken": UID,
}
LOOK = FindRun(CLUSTER, "job", NOON - seconds(10) - TIMING.clock_margin, UID)
SENT_LONG_AGO = FindRun(CLUSTER, "job", NOON - timedelta(hours=2) - TIMING.clock_margin, UID)
DESCRIBE, CANCEL = DescribeJob(CLUSTER, RUN_ID), CancelJob(CLUSTER, RUN_ID)


def waits(for_seconds: float) -> Wait:
    return Wait(NOON + seconds(for_seconds))


def cancel_trouble(verdict: Verdict = Verdict.TRANSIENT, retry_in: float = 30) -> Trouble:
    return Trouble(verdict, "Code", "words", 1, NOON, NOON + seconds(retry_in))


def searched(asked_ago: float, retry_in: float, *, failed: bool = False) -> Search:
    return Search(UID, NOON - seconds(asked_ago), 3, NOON + seconds(retry_in), failed)


def in_hand(*, resent: bool, read: bool = False) -> Accepted:
    return Accepted(UID, RUN_ID, None, "job", resent, read)


NEW, HELD = a_run(), a_run().held()
INTENDED = HELD.intended(ago=10).sent(0)
STRANGE = HELD.intended(ago=10)
"""Intended by somebody else, or before a crash."""
RUNNING = HELD.running()
CANCELLED_AND_RETAINED = RUNNING.wishing(cancel=True, deletionPolicy="Retain")
STOPPED = RUNNING.deleting(5).cancelling(ago=5)
DOUBTFUL = HELD.intended(ago=10).deleting(5).cancelling(ago=5)

TABLE: dict[str, tuple[World, str, Decision]] = {
    # ---- it wants to run
    "a new one gets in line first": (NEW, "turn_needed", TakeTurn()),
    "in line, it waits before it says so": (NEW.in_line(1), "turn_needed", waits(2)),
    "a refused one gets in line behind the others": (
        NEW.rejected(Reason.REFUSED_UNCLEAR),
        "turn_needed",
        TakeTurn(again=True),
    ),
    "with its turn, it is held": (NEW.with_turn(), "not_held", HoldObject()),
    "one whose run may go on is not held": (NEW.retained().intended().with_turn(), "send", StartJob(REQUEST)),
    "one that shall cancel by now is held before a resend": (NEW.intended().with_turn(), "not_held", HoldObject()),
    "intended, it is sent": (INTENDED.with_turn(), "send", StartJob(REQUEST)),
    "a resend takes a new turn": (STRANGE, "turn_needed", TakeTurn()),
    "a place that lapsed is taken anew": (INTENDED.with_turn().later(21), "turn_needed", TakeTurn()),
    "an old intent of somebody else's is looked for before it is sent again": (
        HELD.intended(ago=7200).with_turn(),
        "token_too_old",
        SENT_LONG_AGO,
    ),
    "and sent when nothing was found just now": (
        HELD.intended(ago=7200).with_turn().remembering(search=searched(1, 5)),
        "send",
        StartJob(REQUEST),
    ),
    "and looked for again when that was a while ago": (
        HELD.intended(ago=7200).with_turn().remembering(search=searched(61, -1)),
        "token_too_old",
        SENT_LONG_AGO,
    ),
    "an old intent of our own is sent again": (
        HELD.intended(ago=7200).sent(1, 1).with_turn(),
        "send",
        StartJob(REQUEST),
    ),
    # ---- AWS did not take it
    "a short back-off is waited for in silence": (
        INTENDED.sent(1, 1).met(Verdict.TRANSIENT, retry_in=2),
        "backing_off",
        waits(2),
    ),
    "after the back-off it gets in line": (
        INTENDED.sent(1, 1).met(Verdict.TRANSIENT, retry_in=-1),
        "turn_needed",
        TakeTurn(),
    ),
    "unknown words are judged by the virtual cluster": (
        INTENDED.sent(1).met(Verdict.UNJUDGED),
        "not_judged",
        InspectCluster(CLUSTER),
    ),
    "a refusal for good waits for another spec": (NEW.rejected(), "refused_for_good", Wait()),
    "an edit ends a refusal for good": (NEW.rejected().edited(), "turn_needed", TakeTurn()),
    "a refusal of an earlier generation counts no more": (
        NEW.sent(1).met(Verdict.REJECTED).rejected().edited(),
        "turn_needed",
        TakeTurn(),
    ),
    "behind another's full queue it waits": (
        NEW.queued(Reason.CLUSTER_BUSY).with_turn().behind(Verdict.BUSY),
        "behind_another",
        waits(60),
    ),
    # ---- the answer is in hand
    "a plain answer after a resend is read once": (
        INTENDED.sent(2, 2).remembering(accepted=in_hand(resent=True)),
        "answer_in_hand",
        DESCRIBE,
    ),
    # ---- it has a run
    "a run is left to the lists": (RUNNING, "follow", Wait()),
    "a run is described when that is due": (RUNNING.remembering(look_at=NOON), "follow", DESCRIBE),
    "and not before": (RUNNING.remembering(look_at=NOON + seconds(5)), "follow", waits(5)),
    "a sight of the same state changes nothing": (
        RUNNING.seen(State.RUNNING, 1).noted(),
        "follow",
        waits(30),
    ),
    "a list that lags does not move it back": (
        RUNNING.seen(State.PENDING, 1, Source.LIST),
        "follow",
        waits(30),
    ),
    "another request's run keeps saying so": (
        HELD.submitted().seen(State.PENDING, 1).noted().shown(State.PENDING, Reason.REQUEST_MISMATCH),
        "follow",
        waits(30),
    ),
    "a run that shall go on is let go": (RUNNING.retained(), "hold_follows_policy", ReleaseObject()),
    "a run that shall be cancelled with its object is held": (a_run().running(), "hold_follows_policy", HoldObject()),
    # ---- it must not run
    "deleted before it was sent, it goes": (HELD.deleting(), "never_sent", ReleaseObject()),
    "not held, there is nothing to do": (NEW.held_by_others().deleting(), "never_sent", Wait()),
    "deleted with a run that may go on, it goes": (RUNNING.retained().deleting(), "retained", ReleaseObject()),
    "and sends nothing any more": (
        a_run().retained().held_by_others().intended().deleting().with_turn(),
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
        ReleaseObject(),
    ),
    "also when AWS denies it": (
        CANCELLED_AND_RETAINED.deleting(5)
        .cancelling(Reason.CANCELLED, 5)
        .seen(State.RUNNING)
        .noted()
        .remembering(cancel=cancel_trouble(Verdict.DENIED)),
        "retained",
        ReleaseObject(),
    ),
    "a cancellation for the deletion ends with Retain": (
        RUNNING.retained().deleting(5).cancelling(Reason.DELETED, 5).seen(State.RUNNING).noted(),
        "retained",
        ReleaseObject(),
    ),
    "one that was surely never accepted goes at once": (DOUBTFUL.sent(1), "perhaps_sent", ReleaseObject()),
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
        ReleaseObject(),
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
    "finished, it is let go": (HELD.ended(), "finished", ReleaseObject()),
    "finished and let go, it costs nothing": (NEW.ended(), "finished", Wait()),
    "finished, whatever is remembered of it": (
        NEW.ended().seen(State.RUNNING).remembering(gone_twice=True, cancel=cancel_trouble()),
        "finished",
        Wait(),
    ),
    "finished and deleted by somebody, it is not written to": (
        NEW.held_by_others().ended().deleting(),
        "finished",
        Wait(),
    ),
    "its time comes": (NEW.ended().wishing(ttlSecondsAfterFinished=60), "finished", waits(60)),
    "its time has come": (NEW.ended().wishing(ttlSecondsAfterFinished=60).later(61), "finished", DeleteObject()),
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


def test_every_rule_has_a_name_of_its_own_and_says_why_it_is_there() -> None:
    assert len({rule.__name__ for rule in RULES}) == len(RULES)
    assert all(rule.__doc__ for rule in RULES)


def test_no_wait_outlasts_a_deadline() -> None:
    waiting = RUNNING.wishing(activeDeadlineSeconds=100).saying(active_since=NOON)
    assert decide(waiting.observe()) == ("follow", waits(100))
    assert decide(waiting.remembering(look_at=NOON + seconds(5)).observe()) == ("follow", waits(5))


def test_a_finished_object_has_no_deadline_any_more() -> None:
    over = NEW.ended().wishing(activeDeadlineSeconds=100).saying(active_since=NOON)
    assert decide(over.observe()) == ("finished", Wait())

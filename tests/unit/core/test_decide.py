"""The rules as a table: a world in plain words, and the whole decision that it leads to."""

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.decide import RULES, decide
from emrjobs.core.job_run.effects import (
    AddFinalizer,
    Decision,
    InspectCluster,
    ReadSpec,
    RemoveFinalizer,
    ReserveStart,
    StartJob,
    Wait,
)
from emrjobs.core.job_run.runs import Source
from tests.support.builders import CLUSTER, NOON, World, a_run, seconds
from tests.unit.core.worlds import (
    DESCRIBE,
    HELD,
    INTENDED,
    NEW,
    REQUEST,
    RUNNING,
    SENT_LONG_AGO,
    STRANGE,
    in_hand,
    searched,
    waits,
)

TABLE: dict[str, tuple[World, str, Decision]] = {
    # ---- it wants to run
    "a new one gets in line first": (NEW, "reservation_needed", ReserveStart()),
    "in line, it waits before it says so": (NEW.awaiting_reservation(1), "reservation_needed", waits(2)),
    "a refused one gets in line behind the others": (
        NEW.rejected(Reason.REFUSED_UNCLEAR),
        "reservation_needed",
        ReserveStart(again=True),
    ),
    "with its turn, it is held": (NEW.with_reservation(), "finalizer_missing", AddFinalizer()),
    "one whose run may go on is not held": (NEW.retained().intended().with_reservation(), "send", StartJob(REQUEST)),
    "one that shall cancel by now is held before a resend": (
        NEW.intended().with_reservation(),
        "finalizer_missing",
        AddFinalizer(),
    ),
    "of a large spec the whole is read before anything is recorded": (
        HELD.with_reservation().outlined(),
        "spec_not_read",
        ReadSpec(),
    ),
    "and before it is sent again": (INTENDED.with_reservation().outlined(), "spec_not_read", ReadSpec()),
    "intended, it is sent": (INTENDED.with_reservation(), "send", StartJob(REQUEST)),
    "a resend takes a new turn": (STRANGE, "reservation_needed", ReserveStart()),
    "a place that lapsed is taken anew": (INTENDED.with_reservation().later(21), "reservation_needed", ReserveStart()),
    "an old intent of somebody else's is looked for before it is sent again": (
        HELD.intended(ago=7200).with_reservation(),
        "token_too_old",
        SENT_LONG_AGO,
    ),
    "and sent when nothing was found just now": (
        HELD.intended(ago=7200).with_reservation().remembering(search=searched(1, 5)),
        "send",
        StartJob(REQUEST),
    ),
    "and looked for again when that was a while ago": (
        HELD.intended(ago=7200).with_reservation().remembering(search=searched(61, -1)),
        "token_too_old",
        SENT_LONG_AGO,
    ),
    "also for one of our own whose answer was lost": (
        HELD.intended(ago=7200).sent(1, 1).with_reservation(),
        "token_too_old",
        SENT_LONG_AGO,
    ),
    "but one that was surely never accepted is sent again": (
        HELD.intended(ago=7200).sent(1).with_reservation(),
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
        "reservation_needed",
        ReserveStart(),
    ),
    "unknown words are judged by the virtual cluster": (
        INTENDED.sent(1).met(Verdict.UNJUDGED),
        "not_judged",
        InspectCluster(CLUSTER),
    ),
    "a refusal for good waits for another spec": (NEW.rejected(), "refused_for_good", Wait()),
    "an edit ends a refusal for good": (NEW.rejected().edited(), "reservation_needed", ReserveStart()),
    "a refusal of an earlier generation counts no more": (
        NEW.sent(1).met(Verdict.REJECTED).rejected().edited(),
        "reservation_needed",
        ReserveStart(),
    ),
    "behind another's full queue it waits": (
        NEW.queued(Reason.CLUSTER_BUSY).with_reservation().behind_probe(Verdict.BUSY),
        "waiting_for_probe",
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
    "a run that a newer list lacks is described before what an older one said is written": (
        HELD.submitted().seen(State.RUNNING, 3, Source.LIST).remembering(look_at=NOON),
        "follow",
        DESCRIBE,
    ),
    "another request's run keeps saying so": (
        HELD.submitted().seen(State.PENDING, 1).noted().shown(State.PENDING, Reason.REQUEST_MISMATCH),
        "follow",
        waits(30),
    ),
    "a run that shall go on is let go": (RUNNING.retained(), "finalizer_follows_policy", RemoveFinalizer()),
    "a run that shall be cancelled with its object is held": (
        a_run().running(),
        "finalizer_follows_policy",
        AddFinalizer(),
    ),
}


@pytest.mark.parametrize(("world", "rule", "decision"), TABLE.values(), ids=TABLE)
def test_decision(world: World, rule: str, decision: Decision) -> None:
    assert decide(world.observe()) == (rule, decision)


SEEN_RUNNING = HELD.submitted().seen(State.RUNNING, 3, Source.LIST).remembering(look_at=NOON)
WRITTEN_FIRST = {
    "the describe failed and is to wait": SEEN_RUNNING.remembering(look_at=NOON + seconds(5)),
    "it comes from a describe": HELD.submitted().seen(State.RUNNING, 3).remembering(look_at=NOON),
    "a start deadline has passed which it met": SEEN_RUNNING.with_members(startDeadlineSeconds=1).saying(
        wanted_since=NOON - seconds(2)
    ),
    "the run is being cancelled": SEEN_RUNNING.deleting().cancelling(),
}


@pytest.mark.parametrize("why", WRITTEN_FIRST)
def test_what_was_seen_is_written_before_a_due_look_where(why: str) -> None:
    assert decide(WRITTEN_FIRST[why].observe())[0] == "progress_seen"


def test_every_rule_has_a_name_of_its_own_and_says_why_it_is_there() -> None:
    assert len({rule.__name__ for rule in RULES}) == len(RULES)
    assert all(rule.__doc__ for rule in RULES)


def test_no_wait_outlasts_a_deadline() -> None:
    waiting = RUNNING.with_members(activeDeadlineSeconds=100).saying(active_since=NOON)
    assert decide(waiting.observe()) == ("follow", waits(100))
    assert decide(waiting.remembering(look_at=NOON + seconds(5)).observe()) == ("follow", waits(5))


def test_a_finished_object_has_no_deadline_any_more() -> None:
    over = NEW.ended().with_members(activeDeadlineSeconds=100).saying(active_since=NOON)
    assert decide(over.observe()) == ("finished", Wait())

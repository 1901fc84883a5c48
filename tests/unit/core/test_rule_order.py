"""Why one rule stands before another: worlds in which both have something to say, and the first must win."""

from dataclasses import dataclass

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.decide import RULES, decide
from emrjobs.core.job_run.memory import Accepted
from tests.support.builders import NOON, RUN_ID, UID, World, a_run, seconds

IN_HAND = Accepted(UID, RUN_ID, None, "job", resent=False)
NEW, HELD = a_run(), a_run().with_finalizer()
INTENDED = HELD.intended(ago=10).sent(0)
RUNNING = HELD.running()
STOPPED = RUNNING.deleting(5).cancelling(ago=5)
LONG_AGO = NOON - seconds(3600)


@dataclass(frozen=True, slots=True)
class Before:
    """A world in which both rules have something to say."""

    first: str
    second: str
    world: World


ORDER = {
    "what happened is written down before a deletion is begun": Before(
        "answer_in_hand",
        "stop_not_recorded",
        HELD.intended(ago=10).deleting().sent(1, 1).remembering(accepted=IN_HAND),
    ),
    "the object's end is final, whatever is seen": Before("finished", "progress_seen", HELD.ended().seen(State.FAILED)),
    "an end is written down before a newer generation is": Before(
        "progress_seen", "newer_generation", RUNNING.edited().seen(State.COMPLETED)
    ),
    "a run that AWS does not know needs no cancelling": Before(
        "lost", "cancel_due", STOPPED.remembering(gone_twice=True)
    ),
    "what was never sent is not cancelled": Before("never_sent", "reservation_needed", HELD.deleting()),
    "the reason is recorded before anything is cancelled": Before(
        "stop_not_recorded", "follow", RUNNING.deleting().remembering(look_at=NOON)
    ),
    "an unreadable spec is not sent": Before("unreadable", "reservation_needed", HELD.unreadable()),
    "a run is followed even where its spec cannot be read": Before("follow", "unreadable", RUNNING.unreadable()),
    "a back-off comes before the line": Before(
        "backing_off", "reservation_needed", INTENDED.sent(1, 1).met(Verdict.TRANSIENT)
    ),
    "what stands in everybody's way comes before the line": Before(
        "waiting_for_probe", "reservation_needed", NEW.queued(Reason.CLUSTER_BUSY).behind_probe(Verdict.BUSY)
    ),
    "an old token is looked for before a place in the rate limit is spent": Before(
        "token_too_old", "reservation_needed", HELD.intended(ago=7200)
    ),
    "the place in the rate limit comes before the finalizer": Before("reservation_needed", "finalizer_missing", NEW),
    "the finalizer comes before the intent": Before("finalizer_missing", "intent_missing", NEW.with_reservation()),
    "a retained object is let go although its deadline has passed": Before(
        "retained",
        "stop_not_recorded",
        RUNNING.with_members(activeDeadlineSeconds=1, deletionPolicy="Retain").saying(active_since=LONG_AGO).deleting(),
    ),
}


@pytest.mark.parametrize("order", ORDER.values(), ids=ORDER)
def test_the_order_of_the_rules_matters(order: Before) -> None:
    seen = order.world.observe()
    by_name = {rule.__name__: rule for rule in RULES}
    assert by_name[order.second](seen) is not None, f"{order.second} has nothing to say in this world"
    assert decide(seen)[0] == order.first

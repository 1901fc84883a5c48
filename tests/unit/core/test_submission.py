"""Rules for what has no run yet: what is shown and recorded, word by word, and the instants at which it turns."""

from dataclasses import replace

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import Attempt, Cancellation, LogLocations, RetryPolicyExecution, State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.conditions import Situation
from emrjobs.core.job_run.deadlines import next_attempt_at
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import Decision, Event, FindRun, PatchStatus, ReserveStart, StartJob, Wait
from emrjobs.core.job_run.memory import Search
from emrjobs.core.job_run.reporting import ready_reason, report
from emrjobs.core.job_run.rules import submission
from tests.support.builders import CLUSTER, NOON, RUN_ID, TIMING, UID, World, a_run, seconds

NEW, HELD = a_run(), a_run().with_finalizer()
INTENDED = HELD.intended(ago=10).sent(1, 1)
TRUST, PATIENCE = TIMING.token_trust.total_seconds(), TIMING.patience.total_seconds()


def queued(world: World, reason: Reason, text: str) -> PatchStatus:
    """The object shown as waiting, and an event that says the same; a back-off is a warning."""
    seen = world.observe()
    status = report(seen, Situation.ACTIVE, State.QUEUED, reason, text, wanted_since=world.resource.created_at)
    return PatchStatus(status, Event(reason, text, warning=reason is Reason.BACKING_OFF))


def decided(world: World) -> Decision:
    return decide(world.observe())[1]


def searched(ago: float, retry_in: float, failures: int = 0) -> Search:
    return Search(UID, NOON - seconds(ago), 1, NOON + seconds(retry_in), failures, "InternalError")


# ---- backing off


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "AWS could not take the request; it is sent again with the same token"),
        (2, "AWS could not take the request; it is sent again with the same token"),
        (3, "AWS could not take the request several times in a row, with Code; it is sent again"),
    ],
)
def test_a_long_back_off_is_shown_once(count: int, text: str) -> None:
    waiting = INTENDED.met(Verdict.TRANSIENT, count=count, retry_in=PATIENCE + 1)
    shown = queued(waiting, Reason.BACKING_OFF, text)
    assert decided(waiting) == shown
    assert decided(waiting.having(status=shown.status)) == Wait(NOON + seconds(PATIENCE + 1))


def test_a_back_off_as_long_as_our_patience_is_not_shown() -> None:
    assert decided(INTENDED.met(Verdict.TRANSIENT, retry_in=PATIENCE)) == Wait(NOON + seconds(PATIENCE))


def test_a_refused_object_that_backs_off_stays_refused() -> None:
    refused = HELD.intended(ago=10).rejected(Reason.REFUSED_UNCLEAR).sent(1, 1)
    assert decided(refused.met(Verdict.TRANSIENT, retry_in=60)) == Wait(NOON + seconds(60))


# ---- an attempt that is not due


def test_an_attempt_begins_at_the_very_instant_that_it_is_due() -> None:
    failed = HELD.failed_once()
    due = next_attempt_at(failed.resource)
    assert due is not None
    assert submission.attempt_not_due(replace(failed, now=due).observe()) is None
    assert submission.attempt_not_due(replace(failed, now=due - seconds(1)).observe()) == Wait(due)


# ---- a token that AWS may have forgotten


@pytest.mark.parametrize(("age", "looks"), [(TRUST, False), (TRUST + 1, True)])
def test_how_long_a_token_is_trusted(age: float, looks: bool) -> None:
    world = HELD.intended(ago=age).sent(1, 1).with_reservation()
    assert isinstance(decided(world), FindRun if looks else StartJob)


@pytest.mark.parametrize(
    ("search", "decision"),
    [
        pytest.param(searched(59, 9), StartJob, id="nothing was found a moment ago"),
        pytest.param(searched(60, 0), FindRun, id="that was too long ago"),
        pytest.param(searched(60, 5), Wait(NOON + seconds(5)), id="too long ago, and it is too soon to look again"),
        pytest.param(replace(searched(60, 5), token="another"), FindRun, id="it was for another token"),
        pytest.param(replace(searched(1, 5), token="another"), FindRun, id="a moment ago, for another token"),
    ],
)
def test_a_look_before_an_old_request_is_sent_again(search: Search, decision: Decision | type) -> None:
    found = decided(HELD.intended(ago=TRUST + 1).with_reservation().remembering(search=search))
    assert found == decision if isinstance(decision, Wait) else type(found) is decision


def test_a_look_that_cannot_be_had_is_told() -> None:
    blind = HELD.intended(ago=TRUST + 1).with_reservation().remembering(search=searched(60, 5, failures=3))
    found = decided(blind)
    assert isinstance(found, PatchStatus)
    assert ready_reason(found.status) == Reason.LOOK_FAILED


# ---- the place in the rate limit


def test_a_place_has_lapsed_at_its_last_instant() -> None:
    assert decided(HELD.remembering(reserved_until=NOON)) == ReserveStart()


def test_a_long_wait_in_line_is_shown_once() -> None:
    waiting = NEW.awaiting_reservation(PATIENCE)
    text = f"Waiting since {NOON - seconds(PATIENCE):%Y-%m-%dT%H:%M:%SZ} for the rate limit of StartJobRun"
    shown = queued(waiting, Reason.QUEUED, text)
    assert decided(waiting) == shown
    assert decided(waiting.having(status=shown.status)) == Wait()


def test_a_refused_object_in_line_stays_refused() -> None:
    assert decided(NEW.rejected(Reason.REFUSED_UNCLEAR).awaiting_reservation(PATIENCE)) == Wait()


# ---- the intent


def test_the_intent_is_recorded_whole() -> None:
    found = decided(HELD.with_reservation())
    text = f"The request is being sent to virtual cluster {CLUSTER}"
    shown = HELD.shown(State.SUBMITTING, Reason.SUBMITTING, text)
    intent = {
        "client_token": UID,
        "attempt": 1,
        "name": "job",
        "virtual_cluster_id": CLUSTER,
        "submitted_generation": 1,
        "submission_started_at": NOON,
        "wanted_since": HELD.resource.created_at,
    }
    assert found == PatchStatus(shown.saying(**intent).status, intent=True)


@pytest.mark.parametrize(
    "refused",
    [
        HELD.queued(Reason.CLUSTER_BUSY),
        HELD.queued(Reason.WAITING_FOR_PERMISSION),
        HELD.queued(Reason.NOT_FOUND),
        HELD.rejected(Reason.REFUSED_UNCLEAR),
    ],
    ids=lambda world: ready_reason(world.status),
)
def test_a_retry_of_a_refused_request_changes_nothing_that_is_shown(refused: World) -> None:
    found = decided(refused.with_reservation())
    assert isinstance(found, PatchStatus)
    assert (found.status.state, found.status.conditions) == (refused.status.state, refused.status.conditions)
    assert found.status.client_token == UID


def test_an_edit_ends_what_was_shown_of_a_refusal() -> None:
    found = decided(HELD.queued(Reason.CLUSTER_BUSY).edited().with_reservation())
    assert isinstance(found, PatchStatus)
    assert found.status.state == State.SUBMITTING


@pytest.mark.parametrize(
    ("world", "since"),
    [
        pytest.param(HELD, HELD.resource.created_at, id="creation"),
        pytest.param(HELD.saying(wanted_since=NOON - seconds(7)), NOON - seconds(7), id="the latest resumption"),
        pytest.param(HELD.having(created_at=None), NOON, id="now, where nothing else is known"),
    ],
)
def test_since_when_it_is_wanted(world: World, since: object) -> None:
    found = decided(world.with_reservation())
    assert isinstance(found, PatchStatus)
    assert found.status.wanted_since == since


def test_the_next_attempt_takes_the_facts_of_the_last_with_it() -> None:
    facts = {
        "created_by": "somebody",
        "state_details": "It failed.",
        "retry_policy_execution": RetryPolicyExecution(current_attempt_count=2),
        "logs": LogLocations(s3_uri="s3://b/"),
        "cancellation": Cancellation(reason=Reason.SUSPENDED, requested_at=NOON, attempt=1),
        "started_at": NOON - seconds(50),
    }
    failed = HELD.failed_once().saying(**facts)
    found = decided(failed.with_reservation())
    assert isinstance(found, PatchStatus)
    kept = found.status.model_dump(exclude_none=True)
    gone = {*facts, "id", "arn", "failure_reason", "created_at", "finished_at"}
    assert gone.isdisjoint(kept)
    closed = Attempt(
        attempt=1,
        id=RUN_ID,
        state=State.FAILED,
        reason="INTERNAL_ERROR",
        created_at=failed.status.created_at,
        started_at=failed.status.started_at,
        finished_at=failed.status.finished_at,
    )
    assert found.status.attempts == (closed,)
    assert (found.status.attempt, found.status.client_token) == (2, f"{UID}-2")


def test_nothing_is_sent_of_a_spec_that_cannot_be_read() -> None:
    assert submission.send(NEW.unreadable().observe()) == Wait()

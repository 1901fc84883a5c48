"""What is shown and announced when AWS refuses: each kind of refusal, early and late, ours and another's."""

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import Event, FindRun, PatchStatus, ReserveStart, Wait
from emrjobs.core.job_run.memory import Search
from emrjobs.core.job_run.reporting import ready_reason
from tests.support.builders import CLUSTER, NOON, ROLE, TIMING, UID, World, a_run, seconds

SENT = a_run().with_finalizer().intended(ago=10).sent(1)
IN_DOUBT = a_run().with_finalizer().intended(ago=10).sent(2, 1)
PATIENCE = TIMING.denied_patience.total_seconds()


def patch(world: World, rule: str = "refused") -> PatchStatus:
    name, decision = decide(world.observe())
    assert name == rule
    assert isinstance(decision, PatchStatus)
    return decision


def said(status: EmrJobRunStatus) -> tuple[str | None, str]:
    return status.state, ready_reason(status)


KINDS = {
    "a full queue": (Verdict.BUSY, 0, State.QUEUED, Reason.CLUSTER_BUSY),
    "a full queue for long": (Verdict.BUSY, 9999, State.QUEUED, Reason.CLUSTER_BUSY),
    "unclear words": (Verdict.UNCLEAR, 0, State.REJECTED, Reason.REFUSED_UNCLEAR),
    "for good": (Verdict.REJECTED, 0, State.REJECTED, Reason.REQUEST_REFUSED),
    "denied a moment ago": (Verdict.DENIED, 0, State.QUEUED, Reason.WAITING_FOR_PERMISSION),
    "denied until just now": (Verdict.DENIED, PATIENCE - 1, State.QUEUED, Reason.WAITING_FOR_PERMISSION),
    "denied for long": (Verdict.DENIED, PATIENCE, State.REJECTED, Reason.ACCESS_DENIED),
    "not found for long": (Verdict.NOT_FOUND, PATIENCE, State.REJECTED, Reason.NOT_FOUND),
}


@pytest.mark.parametrize(("verdict", "since", "state", "reason"), KINDS.values(), ids=KINDS)
def test_each_kind_of_refusal(verdict: Verdict, since: float, state: State, reason: Reason) -> None:
    told = patch(SENT.met(verdict, since=since))
    assert said(told.status) == (state, reason)
    text = "AWS refused the request with Code; see the Ready condition"
    assert told.event == Event(reason, text, warning=True)
    assert "AWS's words" in told.status.conditions[0].message


def test_what_does_not_exist_may_come_to_exist_for_a_while() -> None:
    assert patch(SENT.met(Verdict.NOT_FOUND)).status.state == State.QUEUED


@pytest.mark.parametrize("verdict", [Verdict.BUSY, Verdict.UNCLEAR, Verdict.REJECTED, Verdict.DENIED])
def test_a_certain_refusal_unlocks_the_spec_at_once(verdict: Verdict) -> None:
    status = patch(SENT.met(verdict)).status
    intent = (status.client_token, status.attempt, status.virtual_cluster_id, status.submitted_generation)
    assert (*intent, status.submission_started_at, status.name) == (None,) * 6


@pytest.mark.parametrize("world", [IN_DOUBT, SENT.sent(1, inherited=True)], ids=["in doubt", "inherited"])
def test_one_in_doubt_is_shown_and_stays_locked(world: World) -> None:
    status = patch(world.met(Verdict.REJECTED)).status
    assert (status.state, status.client_token) == (State.REJECTED, UID)


def test_a_later_attempt_stays_locked_for_ever() -> None:
    second = a_run().with_finalizer().intended(ago=10, attempt=2).sent(1).met(Verdict.REJECTED, retry_in=10**9)
    shown = second.having(status=patch(second).status)
    assert shown.status.client_token == f"{UID}-2"
    assert decide(shown.later(10**6).observe()) == ("backing_off", Wait(NOON + seconds(10**9)))


def test_a_missing_right_names_the_action_the_cluster_and_the_role() -> None:
    message = patch(SENT.met(Verdict.DENIED)).status.conditions[0].message
    for part in ("emr-containers:StartJobRun", CLUSTER, ROLE):
        assert part in message


def test_a_retry_that_is_refused_again_is_written_back_without_a_word() -> None:
    again = a_run().with_finalizer().rejected(Reason.REFUSED_UNCLEAR).intended(shown=False).sent(1)
    told = patch(again.met(Verdict.UNCLEAR, count=3))
    assert told.event is None
    assert told.status.conditions == again.status.conditions
    assert told.status.client_token is None


def test_a_waiting_one_that_must_wait_on_is_written_back_without_a_word() -> None:
    for verdict, reason in ((Verdict.BUSY, Reason.CLUSTER_BUSY), (Verdict.DENIED, Reason.WAITING_FOR_PERMISSION)):
        told = patch(a_run().with_finalizer().queued(reason).intended(shown=False).sent(1).met(verdict))
        assert told.event is None
        assert said(told.status) == (State.QUEUED, reason)


def test_once_rejected_a_denial_does_not_become_a_waiting_again() -> None:
    again = a_run().with_finalizer().rejected(Reason.ACCESS_DENIED).intended(shown=False).sent(1).met(Verdict.DENIED)
    assert said(patch(again).status) == (State.REJECTED, Reason.ACCESS_DENIED)


def test_a_new_generation_of_a_locked_one_is_noticed() -> None:
    shown = IN_DOUBT.met(Verdict.DENIED, since=PATIENCE).rejected(Reason.ACCESS_DENIED).edited()
    told = patch(shown)
    assert (told.status.observed_generation, told.status.client_token) == (2, UID)
    settled = shown.having(status=told.status)
    assert not isinstance(decide(settled.observe())[1], PatchStatus)


def test_a_locked_one_is_looked_for_and_unlocked_when_nothing_can_come_any_more() -> None:
    shown = IN_DOUBT.met(Verdict.REJECTED, retry_in=10**9).rejected(Reason.REQUEST_REFUSED)
    rule, look = decide(shown.observe())
    assert rule == "refused"
    assert isinstance(look, FindRun)
    over = TIMING.grace.total_seconds() - 1  # the last send was answered a second ago
    too_early = Search(UID, NOON + seconds(over - 7), 5, NOON + seconds(over + 50))
    asked = shown.later(over - 5).remembering(search=too_early)
    assert decide(asked.observe()) == ("refused", Wait(NOON + seconds(over)))
    late = shown.later(over).remembering(search=Search(UID, NOON + seconds(over), 6, NOON + seconds(over + 60)))
    assert patch(late).status.client_token is None


def test_a_try_that_comes_before_that_goes_first() -> None:
    shown = IN_DOUBT.met(Verdict.UNCLEAR, retry_in=30).rejected(Reason.REFUSED_UNCLEAR)
    assert decide(shown.observe()) == ("backing_off", Wait(NOON + seconds(30)))


# ---- another object probes

BEHIND = {
    "a full queue": (Verdict.BUSY, 0, State.QUEUED, Reason.CLUSTER_BUSY),
    "a denial": (Verdict.DENIED, 0, State.QUEUED, Reason.WAITING_FOR_PERMISSION),
    "a denial that lasts": (Verdict.DENIED, PATIENCE, State.QUEUED, Reason.WAITING_FOR_PERMISSION),
}


@pytest.mark.parametrize(("verdict", "since", "state", "reason"), BEHIND.values(), ids=BEHIND)
def test_behind_another(verdict: Verdict, since: float, state: State, reason: Reason) -> None:
    world = a_run().with_reservation().behind_probe(verdict, since=since)
    told = patch(world, "waiting_for_probe")
    assert said(told.status) == (state, reason)
    assert told.status.conditions[0].message.endswith("AWS: Code")
    assert told.event is not None
    assert told.event.reason == reason
    assert "words" not in told.event.message, "what AWS says may echo values, and events are read by many"
    settled = world.having(status=told.status)
    assert decide(settled.observe()) == ("waiting_for_probe", Wait(NOON + seconds(60)))


def test_behind_another_the_wish_to_run_counts_from_the_creation() -> None:
    told = patch(a_run().with_reservation().behind_probe(Verdict.BUSY), "waiting_for_probe")
    assert told.status.wanted_since == a_run().resource.created_at


def test_one_that_was_perhaps_sent_is_not_rejected_on_anothers_account() -> None:
    world = a_run().with_finalizer().intended(ago=10).with_reservation().behind_probe(Verdict.DENIED, since=9999)
    assert said(patch(world, "waiting_for_probe").status) == (State.QUEUED, Reason.WAITING_FOR_PERMISSION)


def test_an_unreadable_spec_is_said_once_by_path_and_never_by_value() -> None:
    told = patch(a_run().unreadable(), "unreadable")
    assert said(told.status) == (State.REJECTED, Reason.INVALID_SPEC)
    assert told.event == Event(Reason.INVALID_SPEC, told.status.conditions[0].message, warning=True)
    assert "spec.releaseLabel" in told.status.conditions[0].message
    assert decide(a_run().unreadable().having(status=told.status).observe()) == ("unreadable", Wait())


def test_an_edit_of_an_unreadable_spec_is_noticed() -> None:
    told = patch(a_run().unreadable().rejected(Reason.INVALID_SPEC).edited(), "unreadable")
    assert told.status.observed_generation == 2


def test_a_readable_spec_is_tried_again() -> None:
    assert decide(a_run().rejected(Reason.INVALID_SPEC).edited().observe()) == ("reservation_needed", ReserveStart())

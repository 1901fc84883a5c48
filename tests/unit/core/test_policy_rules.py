"""What objects do that policies hold back: judged, not judged yet, refused, or waiting for others to end."""

from dataclasses import replace

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import (
    AwaitPlace,
    Decision,
    FindRun,
    PatchStatus,
    ReadSpec,
    ReadTemplate,
    ReserveStart,
    Wait,
)
from emrjobs.core.job_run.memory import Trouble
from emrjobs.core.job_run.observation import Place
from emrjobs.core.job_run.reporting import ready_reason
from emrjobs.core.job_run.resource import Admitted, NotAdmitted, NotJudged
from tests.support.builders import World, a_run, seconds

ADMITTED = Admitted("1", "team-a", 7, {"tags": {"a": "b"}})
REFUSED = NotAdmitted("1", Reason.NOT_ALLOWED, "spec.tags is not allowed", "spec.tags")
NEW = a_run()
INHERITED = a_run().with_finalizer().intended(ago=600).sent(0, inherited=True)


def decided(world: World, *, place: Place = Place.FREE, review_due: bool = False) -> tuple[str, Decision]:
    return decide(replace(world.observe(), place=place, review_due=review_due))


DECISIONS: dict[str, tuple[World, Place, str, type]] = {
    "no limit": (NEW.having(admission=ADMITTED), Place.FREE, "reservation_needed", ReserveStart),
    "a place held": (NEW.having(admission=ADMITTED), Place.HELD, "reservation_needed", ReserveStart),
    "a place needed": (NEW.having(admission=ADMITTED), Place.NEEDED, "limit_reached", AwaitPlace),
    "a place awaited": (NEW.having(admission=ADMITTED), Place.AWAITED, "limit_reached", PatchStatus),
    "not judged yet": (NEW.having(admission=NotJudged()), Place.FREE, "policies_not_loaded", PatchStatus),
    "not judged yet, told": (NEW.queued().having(admission=NotJudged()), Place.FREE, "policies_not_loaded", Wait),
    "not judged yet, perhaps sent": (
        INHERITED.having(admission=NotJudged()),
        Place.FREE,
        "policies_not_loaded",
        FindRun,
    ),
    "refused": (NEW.having(admission=REFUSED), Place.FREE, "not_admitted", PatchStatus),
    "refused, perhaps sent": (INHERITED.having(admission=REFUSED), Place.FREE, "not_admitted", FindRun),
}


NAMED = NotJudged("0template", "team-a")


def unread(verdict: Verdict, world: World = NEW, retry_in: float = 30) -> World:
    """Reading the template failed."""
    trouble = Trouble(verdict, "Code", "AWS's words", 1, world.now, world.now + seconds(retry_in))
    return world.having(admission=NAMED).remembering(template=trouble)


DENIED_TEXT = "spec.jobTemplateId cannot be judged: AWS answers Code to DescribeJobTemplate"
TOLD = NEW.shown(State.REJECTED, Reason.CANNOT_BE_JUDGED, DENIED_TEXT)
TEMPLATES: dict[str, tuple[World, type, tuple[str | None, Reason | None]]] = {
    "not read yet": (NEW.having(admission=NAMED), ReadTemplate, (None, None)),
    "not read yet, perhaps sent": (INHERITED.having(admission=NAMED), ReadTemplate, (None, None)),
    "denied": (unread(Verdict.DENIED), PatchStatus, (State.REJECTED, Reason.CANNOT_BE_JUDGED)),
    "not there": (unread(Verdict.NOT_FOUND), PatchStatus, (State.REJECTED, Reason.CANNOT_BE_JUDGED)),
    "denied, and told": (unread(Verdict.DENIED, TOLD), Wait, (None, None)),
    "denied a while ago": (unread(Verdict.DENIED, TOLD, -1), ReadTemplate, (None, None)),
    "away": (unread(Verdict.TRANSIENT), PatchStatus, (State.QUEUED, Reason.POLICY_NOT_LOADED)),
    "away, and told": (unread(Verdict.TRANSIENT, NEW.queued(Reason.POLICY_NOT_LOADED)), Wait, (None, None)),
    "denied, perhaps sent": (unread(Verdict.DENIED, INHERITED), FindRun, (None, None)),
}


@pytest.mark.parametrize(("world", "effect", "shown"), TEMPLATES.values(), ids=TEMPLATES)
def test_a_job_template_is_read_before_a_request_that_names_it_is_judged(
    world: World, effect: type, shown: tuple[str | None, Reason | None]
) -> None:
    rule, decision = decided(world)
    assert (rule, type(decision)) == ("template_needed", effect)
    if isinstance(decision, PatchStatus):
        assert (decision.status.state, ready_reason(decision.status)) == shown


@pytest.mark.parametrize(("world", "place", "rule", "effect"), DECISIONS.values(), ids=DECISIONS)
def test_a_rule_decides(world: World, place: Place, rule: str, effect: type) -> None:
    name, decision = decided(world, place=place)
    assert (name, type(decision)) == (rule, effect)


WAITS: dict[str, tuple[World, Place, Reason, str]] = {
    "the limit": (
        NEW.having(admission=ADMITTED),
        Place.AWAITED,
        Reason.LIMIT_REACHED,
        "EmrJobPolicy team-a allows no more active runs now; this one starts when others have ended",
    ),
    "the policies": (
        NEW.having(admission=NotJudged()),
        Place.FREE,
        Reason.POLICY_NOT_LOADED,
        "The policies are not loaded yet",
    ),
}


@pytest.mark.parametrize(("world", "place", "reason", "message"), WAITS.values(), ids=WAITS)
def test_a_wait_is_shown_once(world: World, place: Place, reason: Reason, message: str) -> None:
    _, shown = decided(world, place=place)
    assert isinstance(shown, PatchStatus)
    assert (shown.status.state, ready_reason(shown.status)) == (State.QUEUED, reason)
    assert shown.status.conditions[0].message == message
    assert decided(world.having(status=shown.status), place=place)[1] == Wait()


def test_a_refusal_names_the_member_and_nothing_is_sent() -> None:
    _, shown = decided(NEW.having(admission=REFUSED))
    assert isinstance(shown, PatchStatus)
    assert (shown.status.state, ready_reason(shown.status)) == (State.REJECTED, Reason.NOT_ALLOWED)
    assert "spec.tags is not allowed" in shown.status.conditions[0].message
    assert decided(NEW.having(admission=REFUSED, status=shown.status))[1] == Wait()


def test_other_policies_have_the_spec_read_again_first() -> None:
    assert decided(NEW.having(admission=ADMITTED), review_due=True) == ("review_due", ReadSpec())


def test_a_recorded_request_never_waits_for_the_limit() -> None:
    """It counts already; to hold it back could lose the run that was perhaps accepted."""
    name, _ = decided(INHERITED.having(admission=ADMITTED), place=Place.AWAITED)
    assert name != "limit_reached"

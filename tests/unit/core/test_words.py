"""What people read, word for word: the message of the Ready condition, and the event that goes with it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import Event, PatchStatus
from emrjobs.core.job_run.memory import Search, Trouble
from tests.support.builders import CLUSTER, NOON, ROLE, RUN_ID, UID, World, a_run, seconds

HELD = a_run().with_finalizer()
RUNNING = HELD.running()
SENT = HELD.intended(ago=10).sent(1)
STOPPED = RUNNING.deleting(5).cancelling(ago=5).seen(State.RUNNING).noted()
FREED = "Setting deletionPolicy to Retain lets go of the run"


def trouble(verdict: Verdict, count: int) -> Trouble:
    return Trouble(verdict, "Code", "secret", count, NOON, NOON + seconds(9))


def patched(world: World) -> PatchStatus:
    _, decision = decide(world.observe())
    assert isinstance(decision, PatchStatus)
    return decision


def message(patch: PatchStatus) -> str:
    ready = patch.status.condition(ConditionType.READY)
    assert ready is not None
    return ready.message


SUSPENDED = "Held by spec.suspend; it runs when that is false"
RESUMED = "Resumed; the request is sent when its turn comes"
NO_RIGHT = (
    f"The operator's role lacks emr-containers:StartJobRun on virtual cluster {CLUSTER} with execution role {ROLE}"
)
MESSAGES: dict[str, tuple[World, str]] = {
    "accepted": (HELD.submitted(State.SUBMITTED).seen(State.PENDING), "AWS accepted the job run"),
    "submitted": (HELD.submitted().seen(State.SUBMITTED), "EMR handed the job run to the Kubernetes cluster"),
    "running": (HELD.submitted().seen(State.RUNNING), "The job run is running"),
    "completed": (RUNNING.seen(State.COMPLETED), "The job run completed"),
    "failed": (RUNNING.seen(State.FAILED), "The job run failed"),
    "failed for a reason": (
        RUNNING.seen(State.FAILED, failure_reason="USER_ERROR", state_details="It broke."),
        "USER_ERROR: It broke.",
    ),
    "cancelled elsewhere": (RUNNING.seen(State.CANCELLED), "The job run was cancelled by somebody else"),
    "in an unknown state": (
        RUNNING.seen("PAUSED"),
        "AWS reports the state PAUSED, which this version does not know",
    ),
    "cancelled as wished": (
        RUNNING.with_members(cancel=True).cancelling(Reason.CANCELLED).seen(State.CANCELLED),
        "The job run was cancelled because spec.cancel is true",
    ),
    "suspended": (RUNNING.with_members(suspend=True).cancelling(Reason.SUSPENDED).seen(State.CANCELLED), SUSPENDED),
    "resumed": (RUNNING.cancelling(Reason.SUSPENDED).seen(State.CANCELLED), RESUMED),
    "to be suspended": (
        RUNNING.with_members(suspend=True),
        "The job run is being cancelled because spec.suspend is true",
    ),
    "out of time": (
        RUNNING.with_members(activeDeadlineSeconds=1).saying(active_since=NOON - seconds(9)),
        "The job run is being cancelled because activeDeadlineSeconds passed",
    ),
    "denied": (
        SENT.met(Verdict.DENIED, since=9999),
        f"{NO_RIGHT}. AWS: AWS's words",
    ),
    "busy": (SENT.met(Verdict.BUSY), f"Virtual cluster {CLUSTER} takes no job run now. AWS: AWS's words"),
    "refused": (SENT.met(Verdict.REJECTED), "AWS refused the request: AWS's words"),
    "unreadable": (a_run().unreadable(), "The spec cannot be read: spec.releaseLabel: must be a string"),
    "behind a busy one": (
        a_run().behind_probe(Verdict.BUSY),
        f"Virtual cluster {CLUSTER} takes no job run now. AWS: Code",
    ),
    "behind a denied one": (
        a_run().behind_probe(Verdict.DENIED),
        f"{NO_RIGHT}. AWS: Code",
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_the_message_says(case: str) -> None:
    world, text = MESSAGES[case]
    assert message(patched(world)) == text


KEPT = "kept after ttlSecondsAfterFinished, since Helm would create it again and so run it again"
LOST = f"AWS has no record of job run {RUN_ID} any more"
CANCEL_DENIED = (
    "The job run is being cancelled because the object was deleted, but AWS answers Code. The operator's role lacks "
    f"emr-containers:CancelJobRun on job run {RUN_ID} of virtual cluster {CLUSTER}. {FREED}"
)
UNSEEN = "AWS does not say whether and how the job run goes on; it answers Code to DescribeJobRun"
EVENTS: dict[str, tuple[World, Event]] = {
    "lost": (
        RUNNING.remembering(gone_once_at=NOON, gone_twice=True, loss_checked=True),
        Event(Reason.LOST, LOST, warning=True),
    ),
    "cancelling is denied": (
        STOPPED.remembering(cancel=trouble(Verdict.DENIED, 1)),
        Event(Reason.CANCEL_FAILED, CANCEL_DENIED, warning=True),
    ),
    "describing fails": (
        RUNNING.seen(State.RUNNING)
        .noted()
        .remembering(describe=trouble(Verdict.TRANSIENT, 3), look_at=NOON + seconds(9)),
        Event(Reason.LOOK_FAILED, UNSEEN, warning=True),
    ),
    "describing a deleted one fails": (
        STOPPED.remembering(observed_run=None, describe=trouble(Verdict.TRANSIENT, 3), look_at=NOON + seconds(9)),
        Event(Reason.LOOK_FAILED, f"{UNSEEN}. {FREED}", warning=True),
    ),
    "never started as wished": (
        a_run().with_members(cancel=True),
        Event(Reason.CANCELLED, "The job run was not started because spec.cancel is true"),
    ),
    "never started in time": (
        a_run().with_members(startDeadlineSeconds=1),
        Event(
            Reason.START_DEADLINE_EXCEEDED,
            "The job run was not started because startDeadlineSeconds passed before it was RUNNING",
            warning=True,
        ),
    ),
    "not tried again": (
        HELD.failed_once().with_members(cancel=True),
        Event(Reason.CANCELLED, "Attempt 2 was not started because spec.cancel is true"),
    ),
    "suspended": (
        a_run().with_members(suspend=True),
        Event(Reason.SUSPENDED, "Held by spec.suspend; it runs when that is false"),
    ),
    "resumed": (
        a_run().suspended().with_members(),
        Event(Reason.RESUMED, "No longer held by spec.suspend; the request is sent when its turn comes"),
    ),
    "cancelled as wished": (
        RUNNING.with_members(cancel=True).cancelling(Reason.CANCELLED).seen(State.CANCELLED),
        Event(Reason.CANCELLED, f"Job run {RUN_ID} is CANCELLED"),
    ),
    "cancelled too late": (
        RUNNING.cancelling(Reason.DEADLINE_EXCEEDED).seen(State.CANCELLED),
        Event(Reason.DEADLINE_EXCEEDED, f"Job run {RUN_ID} is CANCELLED", warning=True),
    ),
    "behind a denied one": (
        a_run().behind_probe(Verdict.DENIED),
        Event(Reason.WAITING_FOR_PERMISSION, "Waiting for the next try of another object: WaitingForPermission"),
    ),
    "behind one denied for long": (
        a_run().behind_probe(Verdict.DENIED, since=9999),
        Event(Reason.WAITING_FOR_PERMISSION, "Waiting for the next try of another object: WaitingForPermission"),
    ),
}


@pytest.mark.parametrize("case", EVENTS)
def test_the_event_says(case: str) -> None:
    world, event = EVENTS[case]
    assert patched(world).event == event


def test_what_is_kept_says_so_once_and_only_where_it_says_that_it_is_finished() -> None:
    world = (
        RUNNING.having(finalizers=())
        .ended()
        .with_members(ttlSecondsAfterFinished=60)
        .having(recreated_by="Helm")
        .later(61)
    )
    patch = patched(world)
    messages = {c.type: c.message for c in patch.status.conditions}
    assert messages == {"Ready": "so", "Complete": "so", "Finished": f"so ({KEPT})"}
    assert patch.event == Event(Reason.KEPT, f"The object is {KEPT}")


def test_a_failed_look_for_a_run_is_shown_from_the_third_on() -> None:
    search = Search(UID, NOON - timedelta(days=3650), 3, NOON + seconds(9), failures=3, code="Code")
    world = SENT.sent(1, 1).deleting().cancelling().remembering(search=search)
    told = patched(world).event
    text = "AWS does not say whether and how the job run goes on; it answers Code to ListJobRuns"
    assert told == Event(Reason.LOOK_FAILED, f"{text}. {FREED}", warning=True)
    _, decision = decide(world.remembering(search=replace(search, failures=2)).observe())
    assert not isinstance(decision, PatchStatus)


def test_a_trouble_that_stands_is_said_of_the_newest_generation() -> None:
    """A look at the run changes its details, and leaves what is said about cancelling."""
    failing = STOPPED.remembering(cancel=trouble(Verdict.DENIED, 1))
    shown = failing.having(status=patched(failing).status)
    seen = shown.edited().seen(State.RUNNING, state_details="words")
    conditions = patched(seen).status.conditions
    assert {c.message for c in conditions} == {CANCEL_DENIED}
    assert {c.observed_generation for c in conditions} == {seen.resource.generation}


@pytest.mark.parametrize(("count", "shown"), [(1, False), (2, False), (3, True)])
def test_a_passing_trouble_is_shown_when_it_lasts(count: int, shown: bool) -> None:
    world = RUNNING.seen(State.RUNNING).noted()
    world = world.remembering(describe=trouble(Verdict.TRANSIENT, count), look_at=NOON + seconds(9))
    assert isinstance(decide(world.observe())[1], PatchStatus) == shown


def test_a_cancellation_records_when_it_was_wished() -> None:
    wished = patched(RUNNING.with_members(cancel=True)).status.cancellation
    assert wished is not None
    assert (wished.reason, wished.requested_at, wished.attempt) == (Reason.CANCELLED, NOON, 1)


def test_a_suspension_is_acknowledged_for_a_newer_generation() -> None:
    status = patched(a_run().suspended().edited()).status
    assert (status.state, status.observed_generation) == (State.SUSPENDED, 2)


def test_the_first_resubmission_is_counted() -> None:
    world = RUNNING.with_members(resubmitPolicy={"limit": 2}).seen(State.FAILED, failure_reason="INTERNAL_ERROR")
    assert patched(world).status.resubmissions == 1
    assert patched(world.saying(resubmissions=1)).status.resubmissions == 2


def test_the_first_active_moment_is_that_of_the_first_accepted_run() -> None:
    fresh = HELD.submitted().seen(State.RUNNING)
    assert patched(fresh).status.active_since == fresh.status.created_at
    earlier = NOON - timedelta(hours=1)
    assert patched(fresh.saying(active_since=earlier)).status.active_since == earlier

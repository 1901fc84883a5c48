"""Rules for what a crash or a lost answer leaves behind: the answer in hand, the run of a gone object, the search."""

from datetime import timedelta
from typing import Any

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import LogLocations, State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.conditions import Situation
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import CancelJob, Decision, DescribeJob, Event, FindRun, Forget, PatchStatus, Wait
from emrjobs.core.job_run.memory import Accepted, Trouble
from emrjobs.core.job_run.reporting import report
from emrjobs.core.job_run.rules import recovery
from emrjobs.core.job_run.rules.completion import status_after
from tests.support.builders import CLUSTER, NOON, ROLE, RUN_ID, TIMING, UID, World, a_run, seconds

HELD = a_run().with_finalizer()
INTENDED = HELD.intended(ago=10).sent(1, 1)
RUNNING = HELD.running()
ARN = f"arn:aws:emr-containers:eu-west-1:123456789012:/virtualclusters/{CLUSTER}/jobruns/{RUN_ID}"
ANSWER = Accepted(UID, RUN_ID, ARN, "its-name", resent=False)
READ = Accepted(UID, RUN_ID, ARN, None, resent=True, read=True)
REQUEST: dict[str, Any] = {
    "executionRoleArn": ROLE,
    "releaseLabel": "emr-7.9.0-latest",
    "jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "s3://b/job.py"}},
}


def decided(world: World) -> Decision:
    return decide(world.observe())[1]


def accepted(world: World, **changes: Any) -> PatchStatus:
    """What is written when nothing is odd about an answer in hand."""
    facts = {"id": RUN_ID, "arn": ARN, "logs": None, **changes}
    status = report(
        world.observe(), Situation.ACTIVE, State.PENDING, Reason.ACCEPTED, "AWS accepted the job run", **facts
    )
    return PatchStatus(status, Event(Reason.ACCEPTED, f"AWS accepted job run {RUN_ID}"))


# ---- the answer in hand


def test_an_answer_is_written_down_with_the_name_that_aws_gave() -> None:
    world = INTENDED.remembering(accepted=ANSWER)
    assert decided(world) == accepted(world, name="its-name")


def test_without_a_name_from_aws_the_recorded_one_stays() -> None:
    world = INTENDED.remembering(accepted=READ)
    assert decided(world) == accepted(world, name="job")


def test_the_places_of_the_logs_are_written_down_with_the_id() -> None:
    monitoring = {"s3MonitoringConfiguration": {"logUri": "s3://logs/"}}
    logged = INTENDED.with_members(configurationOverrides={"monitoringConfiguration": monitoring})
    found = decided(logged.remembering(accepted=ANSWER))
    assert isinstance(found, PatchStatus)
    assert found.status.logs == LogLocations(s3_uri=f"s3://logs/{CLUSTER}/jobs/{RUN_ID}/")


def test_an_answer_to_an_intent_that_somebody_took_back_stands_it_up_again() -> None:
    answer = Accepted(UID, RUN_ID, ARN, "job", resent=False, cluster="another0cluster")
    world = HELD.sent(1, 1).remembering(accepted=answer)
    intent = {
        "client_token": UID,
        "attempt": 1,
        "virtual_cluster_id": "another0cluster",
        "submitted_generation": 1,
        "submission_started_at": NOON,
    }
    assert decided(world) == accepted(world, name="job", **intent)


def test_an_answer_for_an_object_that_is_to_be_stopped_says_so() -> None:
    found = decided(INTENDED.deleting(5).cancelling(Reason.DELETED, 5).remembering(accepted=ANSWER))
    assert isinstance(found, PatchStatus)
    ready = found.status.condition("Ready")
    assert ready is not None
    assert ready.message == "The job run is being cancelled because the object was deleted"
    assert (found.status.state, found.status.id) == (State.PENDING, RUN_ID)


def test_a_record_that_was_read_is_written_down_with_the_state_that_it_shows() -> None:
    world = INTENDED.seen(State.RUNNING, request=REQUEST).remembering(accepted=READ)
    seen = world.observe()
    assert seen.memory.observed_run is not None
    status = status_after(seen, seen.memory.observed_run, id=RUN_ID, arn=ARN, name="job", logs=None)
    assert decided(world) == PatchStatus(status, Event(Reason.ACCEPTED, f"AWS accepted job run {RUN_ID}"))
    assert status.state == State.RUNNING


def test_a_record_of_another_run_says_nothing_about_this_one() -> None:
    world = INTENDED.seen(State.RUNNING).remembering(accepted=Accepted(UID, "another", None, "job", resent=False))
    found = decided(world)
    assert isinstance(found, PatchStatus)
    assert (found.status.id, found.status.state) == ("another", State.PENDING)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"executionRoleArn": "arn:aws:iam::1:role/x"}, "executionRoleArn"),
        ({"releaseLabel": "emr-6.0.0-latest"}, "releaseLabel"),
        ({"jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "s3://b/other.py"}}}, "jobDriver"),
        ({"releaseLabel": "x", "executionRoleArn": "y"}, "executionRoleArn, releaseLabel"),
    ],
)
def test_a_run_that_was_started_from_another_request_is_told_of(changes: dict[str, Any], names: str) -> None:
    world = INTENDED.seen(State.RUNNING, request={**REQUEST, **changes}).remembering(accepted=READ)
    found = decided(world)
    text = f"The job run under our token was started from another request: {names} differ"
    facts = {"id": RUN_ID, "arn": ARN, "name": "job", "logs": None}
    status = report(world.observe(), Situation.ACTIVE, State.PENDING, Reason.REQUEST_MISMATCH, text, **facts)
    event = f"Job run {RUN_ID} was started from another request: {names} differ"
    assert found == PatchStatus(status, Event(Reason.REQUEST_MISMATCH, event, warning=True))


def test_a_record_under_another_token_is_told_of() -> None:
    seen = INTENDED.seen(State.RUNNING, request=REQUEST, client_token="another")
    found = decided(seen.remembering(accepted=READ))
    assert isinstance(found, PatchStatus)
    assert found.event is not None
    assert "clientToken differ" in found.event.message


@pytest.mark.parametrize(
    "request_read",
    [None, {}, {"releaseLabel": "emr-7.9.0-latest"}, {**REQUEST, "jobDriver": None}],
    ids=["it was not read", "it has none", "it has one", "a member is empty"],
)
def test_what_a_record_does_not_say_is_no_difference(request_read: dict[str, Any] | None) -> None:
    found = decided(INTENDED.seen(State.RUNNING, request=request_read).remembering(accepted=READ))
    assert isinstance(found, PatchStatus)
    assert found.event is not None
    assert found.event.reason == Reason.ACCEPTED


def test_what_the_spec_leaves_to_a_template_is_no_difference() -> None:
    from_template = INTENDED.with_members(
        executionRoleArn=None, releaseLabel=None, jobDriver=None, jobTemplateId="template1"
    )
    found = decided(from_template.seen(State.RUNNING, request=REQUEST).remembering(accepted=READ))
    assert isinstance(found, PatchStatus)
    assert found.event is not None
    assert found.event.reason == Reason.ACCEPTED


# ---- the object is gone


def trouble(verdict: Verdict, retry_in: float) -> Trouble:
    return Trouble(verdict, "Code", "words", 1, NOON, NOON + seconds(retry_in))


@pytest.mark.parametrize(
    ("verdict", "retry_in", "decision"),
    [
        (Verdict.GONE, 30, Forget()),
        (Verdict.TRANSIENT, 30, Wait(NOON + seconds(30))),
        (Verdict.TRANSIENT, 0, CancelJob(CLUSTER, RUN_ID)),
    ],
)
def test_a_cancellation_for_a_gone_object_that_failed(verdict: Verdict, retry_in: float, decision: Decision) -> None:
    assert decided(RUNNING.gone().remembering(cancel=trouble(verdict, retry_in))) == decision


def test_a_gone_object_that_named_no_virtual_cluster_is_forgotten() -> None:
    assert decided(a_run().unreadable().gone()) == Forget()


def test_the_grace_counts_from_the_deletion_where_no_cancellation_was_recorded() -> None:
    world = HELD.intended(ago=1000).deleting(5)
    assert recovery.nothing_can_come_after(world.observe()) == NOON - seconds(5) + TIMING.grace


# ---- the search


@pytest.mark.parametrize(
    ("world", "name"),
    [
        pytest.param(INTENDED, "job", id="the recorded name"),
        pytest.param(
            INTENDED.saying(name=None).with_members(name="wanted"), "wanted", id="the name that would be sent"
        ),
        pytest.param(INTENDED.saying(name=None).unreadable(), "job", id="the object's own"),
    ],
)
def test_under_which_name_a_run_is_looked_for(world: World, name: str) -> None:
    created_after = NOON - seconds(10) - timedelta(minutes=15)
    assert recovery.search_for(world.observe()) == FindRun(CLUSTER, name, created_after, UID)


FORGED = {
    "another's token": a_run().with_finalizer().intended(ago=5).saying(client_token="of-another"),
    "another's token and run": a_run().with_finalizer().running().unconfirmed().saying(client_token="of-another"),
    "another's run": a_run().with_finalizer().running().unconfirmed().seen(State.RUNNING, client_token="of-another"),
}


@pytest.mark.parametrize("world", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("wish", [{}, {"cancel": True}, {"suspend": True}], ids=["running", "cancel", "suspend"])
def test_what_others_wrote_into_the_status_is_put_right_before_anything_is_done_to_a_run(
    world: World, wish: dict[str, Any]
) -> None:
    rule, decision = decide(world.with_members(**wish).observe())
    assert rule == "foreign_status"
    assert isinstance(decision, PatchStatus)
    shown = decision.status
    assert (shown.client_token, shown.id, shown.arn, shown.attempt) == (UID, None, None, 1)
    assert shown.submission_started_at == world.resource.created_at
    assert decision.event is not None
    assert decision.event.reason == Reason.FOREIGN_STATUS


UNCONFIRMED = a_run().with_finalizer().running().unconfirmed()


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(UNCONFIRMED.with_members(cancel=True).cancelling(Reason.CANCELLED), id="to be cancelled"),
        pytest.param(UNCONFIRMED.gone(), id="without its object"),
    ],
)
def test_a_run_that_only_the_status_names_is_described_before_it_is_cancelled(world: World) -> None:
    assert decide(world.observe())[1] == DescribeJob(CLUSTER, RUN_ID)


def test_anothers_run_outlives_an_object_that_named_it() -> None:
    world = UNCONFIRMED.seen(State.RUNNING, client_token="of-another").gone()
    assert decide(world.observe()) == ("object_gone", Forget())

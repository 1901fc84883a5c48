"""`suspend`: held before it runs, cancelled and kept while it runs, and run again when that is taken back."""

import pytest

from tests.sandbox.emr.admin import Admin
from tests.support.attempts import never_seemed_over, never_two_at_once, one_run_per_attempt
from tests.support.jobs import FOR_EVER, Jobs, ready, situation
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")

SLOW_TO_CANCEL = f"{FOR_EVER};cancel=1.5"


def flip(jobs: Jobs, suspend: bool | None) -> None:
    jobs.runs.patch_spec("job", suspend=suspend)


def test_created_suspended_nothing_is_asked_of_aws(jobs: Jobs) -> None:
    jobs.submit(suspend=True)

    status = jobs.reaches("SUSPENDED")

    assert situation(status) == {"Ready": "True", "Suspended": "True"}
    assert (jobs.calls(), "finalizers" in jobs.runs.get("job")["metadata"]) == ([], False)
    assert {"clientToken", "id", "attempt"} & set(status) == set()


def test_the_request_may_be_changed_while_it_was_never_sent(jobs: Jobs) -> None:
    job = jobs.submit(suspend=True)
    jobs.reaches("SUSPENDED")
    jobs.runs.patch_spec("job", releaseLabel="emr-7.8.0-latest")
    flip(jobs, False)

    jobs.reaches("COMPLETED")

    assert jobs.run_of(job)["request"]["releaseLabel"] == "emr-7.8.0-latest"


def test_suspended_while_running_it_is_cancelled_and_the_attempt_is_kept(jobs: Jobs) -> None:
    job = jobs.submit(script=SLOW_TO_CANCEL)
    first = jobs.reaches("RUNNING")["id"]
    flip(jobs, True)
    going = jobs.reaches("CANCEL_PENDING")
    assert (situation(going), going["cancellation"]["reason"]) == (
        {"Ready": "False", "Reconciling": "True"},
        "Suspended",
    )
    held = jobs.reaches("SUSPENDED")
    assert (held["id"], jobs.run_of(job)["state"]) == (first, "CANCELLED")

    flip(jobs, False)

    status = jobs.shows(lambda seen: seen.get("attempt") == 2 and seen.get("state") == "RUNNING", "runs again")
    [earlier] = status["attempts"]
    assert {"attempt": 1, "id": first, "state": "CANCELLED", "reason": "Suspended"}.items() <= earlier.items()
    assert {"createdAt", "startedAt", "finishedAt"} <= set(earlier)
    assert one_run_per_attempt(jobs, job, 2) == [first, status["id"]]
    assert "cancellation" not in status
    never_two_at_once(jobs)
    never_seemed_over(jobs.runs.history(job))


def test_resumed_while_it_is_being_cancelled_a_new_attempt_follows_the_end(jobs: Jobs) -> None:
    """The recorded cancellation is carried out; the spec of the end decides what follows."""
    job = jobs.submit(script=SLOW_TO_CANCEL)
    jobs.reaches("RUNNING")
    flip(jobs, True)
    jobs.shows(lambda seen: "cancellation" in seen, "is recorded")
    flip(jobs, False)

    jobs.shows(lambda seen: seen.get("attempt") == 2 and seen.get("state") == "RUNNING", "runs again")

    one_run_per_attempt(jobs, job, 2)
    never_two_at_once(jobs)
    never_seemed_over(jobs.runs.history(job))


@pytest.mark.parametrize("script", [FOR_EVER, "stuck=PENDING"])
def test_suspended_and_resumed_within_a_second(jobs: Jobs, script: str) -> None:
    """Seen or not seen in between: in the end exactly one run goes on, and no two ever did."""
    job = jobs.submit(script=script)
    state = "RUNNING" if script == FOR_EVER else "PENDING"
    jobs.reaches(state)
    for _ in range(3):
        flip(jobs, True)
        flip(jobs, False)

    def settled() -> bool:
        item = jobs.runs.get("job")
        acted_on = bool(item["status"]["observedGeneration"] == item["metadata"]["generation"])
        calm = bool(ready(item["status"])["reason"] != "Cancelling")
        return acted_on and calm and bool(item["status"]["state"] == state)

    until(settled, 30, lambda: f"it settles: {jobs.status()}")
    alive = [run["id"] for run in jobs.at_endpoint() if run["state"] == state]
    assert alive == [jobs.status()["id"]]
    one_run_per_attempt(jobs, job, jobs.status()["attempt"])
    never_two_at_once(jobs)


def test_suspended_between_intent_and_an_answer_that_never_came(jobs: Jobs, sim: Admin) -> None:
    """Perhaps submitted: it is looked for and cancelled, not sent again."""
    sim.fault("lost", "StartJobRun", virtual_cluster_id=jobs.cluster)
    job = jobs.submit(script=FOR_EVER)
    until(jobs.at_endpoint, 20, "the run was started")
    flip(jobs, True)

    jobs.reaches("SUSPENDED")

    assert jobs.run_of(job)["state"] == "CANCELLED"
    sim.drop_faults()
    flip(jobs, False)
    jobs.shows(lambda seen: seen.get("attempt") == 2 and seen.get("state") == "RUNNING", "runs again")
    one_run_per_attempt(jobs, job, 2)


def test_suspended_while_nothing_arrives(jobs: Jobs, sim: Admin) -> None:
    """Perhaps submitted, and not: when that is certain it is held and open to change, and runs once in the end."""
    sim.fault("cut", "StartJobRun", virtual_cluster_id=jobs.cluster)
    job = jobs.submit()
    until(lambda: jobs.calls("StartJobRun"), 20, "it was sent")
    flip(jobs, True)
    held = jobs.reaches("SUSPENDED")
    assert "clientToken" not in held
    sim.drop_faults()

    flip(jobs, None)

    jobs.reaches("COMPLETED")
    jobs.one_run_each([job])


@pytest.mark.parametrize(
    ("script", "state"),
    [("run=4;cancel=60;race=lose", "COMPLETED"), ("run=4;cancel=60;race=lose;reason=USER_ERROR", "FAILED")],
)
def test_a_run_that_ends_by_itself_while_it_is_suspended(jobs: Jobs, script: str, state: str) -> None:
    """AWS says how it ended; resuming it afterwards changes nothing."""
    job = jobs.submit(script=script)
    jobs.reaches("RUNNING")
    flip(jobs, True)
    over = jobs.reaches(state)
    assert "Suspended" not in situation(over)

    flip(jobs, False)

    generation = jobs.runs.get("job")["metadata"]["generation"]
    jobs.shows(lambda seen: seen["observedGeneration"] == generation, "is acknowledged")
    assert jobs.status()["state"] == state
    jobs.one_run_each([job])


def test_a_failure_while_suspending_is_resubmitted_when_resumed(jobs: Jobs) -> None:
    script = "run=4;cancel=60;race=lose;reason=INTERNAL_ERROR;at=RUNNING"
    policy = {"limit": 3, "backoffSeconds": 1}
    job = jobs.submit(script=script, resubmitPolicy=policy)
    jobs.reaches("RUNNING")
    flip(jobs, True)
    held = jobs.reaches("SUSPENDED")
    assert (held["failureReason"], len(jobs.at_endpoint())) == ("INTERNAL_ERROR", 1)

    flip(jobs, False)

    status = jobs.shows(lambda seen: seen.get("attempt") == 2 and "id" in seen, "is sent again")
    assert [(a["state"], a["reason"]) for a in status["attempts"]] == [("FAILED", "INTERNAL_ERROR")]
    one_run_per_attempt(jobs, job, 2)


def test_a_refused_request_can_be_suspended_and_is_tried_again_when_resumed(jobs: Jobs, sim: Admin) -> None:
    sim.fault("too-large", "StartJobRun", virtual_cluster_id=jobs.cluster)
    job = jobs.submit()
    jobs.reaches("REJECTED")
    flip(jobs, True)
    assert situation(jobs.reaches("SUSPENDED")) == {"Ready": "True", "Suspended": "True"}
    sim.drop_faults()

    flip(jobs, False)

    jobs.reaches("COMPLETED")
    jobs.one_run_each([job])


def test_a_held_job_goes_without_a_trace(jobs: Jobs) -> None:
    jobs.submit(suspend=True)
    jobs.reaches("SUSPENDED")

    jobs.runs.delete("job")

    jobs.gone(timeout=5)
    assert jobs.calls() == []

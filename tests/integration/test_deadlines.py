"""Deadlines: from AWS's acceptance to the end, and from the wish to run to RUNNING; a restart changes neither."""

from datetime import datetime

import pytest

from tests.sandbox.emr.admin import Admin
from tests.support.attempts import one_run_per_attempt
from tests.support.fixtures import StartOperator
from tests.support.jobs import FOR_EVER, Jobs, ready, situation
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

FAILED = {"Ready": "False", "Stalled": "True", "Failed": "True", "Finished": "True"}
shared = pytest.mark.usefixtures("operator")


@shared
def test_past_the_active_deadline_a_run_is_cancelled(jobs: Jobs) -> None:
    job = jobs.submit(script=FOR_EVER, activeDeadlineSeconds=3)

    status = jobs.reaches("CANCELLED")

    assert (situation(status), ready(status)["reason"]) == (FAILED, "DeadlineExceeded")
    assert status["cancellation"]["reason"] == "DeadlineExceeded"
    assert "activeDeadlineSeconds" in ready(status)["message"]
    assert status["activeSince"] == status["createdAt"]
    asked = datetime.fromisoformat(status["cancellation"]["requestedAt"])
    assert (asked - datetime.fromisoformat(status["createdAt"])).total_seconds() >= 3
    assert jobs.run_of(job)["state"] == "CANCELLED"


def test_a_clock_of_awss_that_is_an_hour_ahead_puts_no_deadline_off(
    jobs: Jobs, sim: Admin, start_operator: StartOperator
) -> None:
    sim.advance(3600)
    start_operator(**ENVIRONMENT)
    job = jobs.submit(script=FOR_EVER, activeDeadlineSeconds=3)

    status = jobs.reaches("CANCELLED")

    assert ready(status)["reason"] == "DeadlineExceeded"
    created = datetime.fromisoformat(job["metadata"]["creationTimestamp"])
    assert (datetime.fromisoformat(status["activeSince"]) - created).total_seconds() > 3000


@shared
def test_time_in_a_queue_does_not_count_against_the_active_deadline(jobs: Jobs, sim: Admin) -> None:
    sim.put_cluster(jobs.cluster, schedulerConfiguration={"maxInQueueJobRuns": 0})
    job = jobs.submit(script="run=0", activeDeadlineSeconds=3)
    created = job["metadata"]["creationTimestamp"]
    jobs.explains("ClusterBusy")
    until(lambda: sim.now() > datetime.fromisoformat(created).timestamp() + 4, 10, "the deadline's length is over")
    assert jobs.status()["state"] == "QUEUED"
    sim.put_cluster(jobs.cluster, schedulerConfiguration=None)

    jobs.reaches("COMPLETED")


@shared
def test_the_active_deadline_spans_all_attempts_and_back_offs(jobs: Jobs) -> None:
    policy = {"limit": 100, "failureReasons": ["INTERNAL_ERROR"], "backoffSeconds": 1, "maxBackoffSeconds": 1}
    job = jobs.submit(script="failure=internal", activeDeadlineSeconds=5, resubmitPolicy=policy)

    status = jobs.shows(lambda seen: "Finished" in situation(seen), "is over")

    assert status["state"] in ("CANCELLED", "FAILED")
    assert status["activeSince"] == min(attempt["createdAt"] for attempt in status["attempts"])
    one_run_per_attempt(jobs, job, len(jobs.at_endpoint()))
    assert len(jobs.at_endpoint()) > 1


@shared
def test_a_deadline_that_passes_in_a_back_off_ends_it_there(jobs: Jobs) -> None:
    policy = {"limit": 3, "backoffSeconds": 600}
    jobs.submit(script="failure=internal", activeDeadlineSeconds=3, resubmitPolicy=policy)
    jobs.explains("Resubmitting")

    status = jobs.reaches("CANCELLED")

    assert ready(status)["reason"] == "DeadlineExceeded"
    assert ready(status)["message"] == "Attempt 2 was not started because activeDeadlineSeconds passed"
    assert (len(jobs.at_endpoint()), len(jobs.calls("CancelJobRun"))) == (1, 0)


@shared
def test_resuming_starts_the_active_deadline_anew(jobs: Jobs, sim: Admin) -> None:
    jobs.submit(script=FOR_EVER, activeDeadlineSeconds=4)
    jobs.reaches("RUNNING")
    jobs.runs.patch_spec("job", suspend=True)
    first = jobs.reaches("SUSPENDED")["activeSince"]
    until(lambda: sim.now() > datetime.fromisoformat(first).timestamp() + 5, 10, "the first deadline has passed")
    assert jobs.status()["state"] == "SUSPENDED"

    jobs.runs.patch_spec("job", suspend=False)

    again = jobs.shows(lambda seen: seen.get("attempt") == 2 and seen.get("state") == "RUNNING", "runs again")
    assert again["activeSince"] > first
    assert ready(jobs.reaches("CANCELLED"))["reason"] == "DeadlineExceeded"


@shared
def test_past_the_start_deadline_a_waiting_request_is_never_sent(jobs: Jobs, sim: Admin) -> None:
    sim.put_cluster(jobs.cluster, schedulerConfiguration={"maxInQueueJobRuns": 0})
    jobs.submit(startDeadlineSeconds=3)
    jobs.explains("ClusterBusy")

    status = jobs.reaches("CANCELLED")

    assert (situation(status), ready(status)["reason"]) == (FAILED, "StartDeadlineExceeded")
    expected = "The job run was not started because startDeadlineSeconds passed before it was RUNNING"
    assert ready(status)["message"] == expected
    assert jobs.at_endpoint() == []


@shared
def test_past_the_start_deadline_a_refused_request_is_over(jobs: Jobs, sim: Admin) -> None:
    sim.fault("too-large", "StartJobRun", virtual_cluster_id=jobs.cluster)
    jobs.submit(startDeadlineSeconds=3)
    jobs.reaches("REJECTED")

    assert ready(jobs.reaches("CANCELLED"))["reason"] == "StartDeadlineExceeded"


@shared
@pytest.mark.parametrize("state", ["PENDING", "SUBMITTED"])
def test_past_the_start_deadline_a_run_that_waits_at_aws_is_cancelled(jobs: Jobs, state: str) -> None:
    job = jobs.submit(script=f"stuck={state}", startDeadlineSeconds=3)
    jobs.reaches(state)

    assert ready(jobs.reaches("CANCELLED"))["reason"] == "StartDeadlineExceeded"
    assert jobs.run_of(job)["state"] == "CANCELLED"


@shared
def test_a_run_that_was_running_in_time_is_left_alone(jobs: Jobs, sim: Admin) -> None:
    job = jobs.submit(script="run=6", startDeadlineSeconds=4)
    jobs.reaches("RUNNING")

    jobs.reaches("COMPLETED")

    assert jobs.run_of(job)["state"] == "COMPLETED"
    assert jobs.calls("CancelJobRun") == []


@shared
def test_a_run_that_completes_while_its_deadline_cancels_it_is_completed(jobs: Jobs) -> None:
    job = jobs.submit(script="run=5;cancel=60;race=lose", activeDeadlineSeconds=2)
    jobs.reaches("CANCEL_PENDING")

    status = jobs.reaches("COMPLETED")

    assert situation(status) == {"Ready": "True", "Complete": "True", "Finished": "True"}
    assert jobs.run_of(job)["state"] == "COMPLETED"


@shared
@pytest.mark.parametrize("change", [{"activeDeadlineSeconds": 100000}, {"activeDeadlineSeconds": None}])
def test_raising_or_removing_a_deadline_afterwards_does_nothing(jobs: Jobs, change: dict[str, int | None]) -> None:
    job = jobs.submit(script=FOR_EVER, activeDeadlineSeconds=1)
    before = jobs.reaches("CANCELLED")

    jobs.runs.patch_spec("job", **change)

    after = jobs.shows(lambda seen: seen["observedGeneration"] == 2, "is acknowledged")
    assert (after["state"], after["finishedAt"]) == ("CANCELLED", before["finishedAt"])
    jobs.one_run_each([job])


@shared
def test_a_deadline_may_be_raised_in_time(jobs: Jobs) -> None:
    jobs.submit(script="run=5", activeDeadlineSeconds=4)
    jobs.reaches("RUNNING")

    jobs.runs.patch_spec("job", activeDeadlineSeconds=600)

    jobs.reaches("COMPLETED")


@pytest.mark.parametrize("member", ["activeDeadlineSeconds", "startDeadlineSeconds"])
def test_a_deadline_passes_while_no_operator_is_there(
    jobs: Jobs, sim: Admin, start_operator: StartOperator, member: str
) -> None:
    first = start_operator(**ENVIRONMENT)
    deadline = {member: 4}
    job = jobs.submit(script="stuck=PENDING", **deadline)
    created = jobs.shows(lambda seen: "createdAt" in seen, "is accepted and looked at")["createdAt"]
    first.terminate()
    until(lambda: sim.now() > datetime.fromisoformat(created).timestamp() + 5, 15, "the deadline has passed")
    assert jobs.run_of(job)["state"] == "PENDING"

    start_operator(**ENVIRONMENT)

    reason = "DeadlineExceeded" if member.startswith("active") else "StartDeadlineExceeded"
    status = jobs.reaches("CANCELLED")
    assert (ready(status)["reason"], status["createdAt"]) == (reason, created)
    jobs.one_run_each([job])

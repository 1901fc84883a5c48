"""`cancel`: the run is cancelled for good, and the object stays."""

import pytest

from tests.sandbox.emr.admin import Admin
from tests.support.jobs import FOR_EVER, Jobs, ready, situation
from tests.support.kube import ApiError
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")

FAILED = {"Ready": "False", "Stalled": "True", "Failed": "True", "Finished": "True"}


def test_a_running_job_is_cancelled_and_waited_for(jobs: Jobs) -> None:
    job = jobs.submit(script=f"{FOR_EVER};cancel=1.5")
    jobs.reaches("RUNNING")
    jobs.runs.patch_spec("job", cancel=True)
    going = jobs.reaches("CANCEL_PENDING")
    assert (ready(going)["reason"], going["cancellation"]["reason"]) == ("Cancelling", "Cancelled")

    status = jobs.reaches("CANCELLED")

    assert (situation(status), ready(status)["reason"]) == (FAILED, "Cancelled")
    assert ready(status)["message"] == "The job run was cancelled because spec.cancel is true"
    assert (jobs.run_of(job)["state"], len(jobs.calls("CancelJobRun"))) == ("CANCELLED", 1)


def test_cancelled_before_it_was_submitted_it_never_is(jobs: Jobs) -> None:
    jobs.submit(cancel=True)

    status = jobs.reaches("CANCELLED")

    assert (situation(status), ready(status)["reason"]) == (FAILED, "Cancelled")
    assert ready(status)["message"] == "The job run was not started because spec.cancel is true"
    assert (jobs.calls(), "id" in status) == ([], False)


@pytest.mark.parametrize("change", [{"cancel": False}, {"cancel": None}])
def test_it_cannot_be_taken_back(jobs: Jobs, change: dict[str, bool | None]) -> None:
    jobs.submit(cancel=True)

    with pytest.raises(ApiError, match="cancel cannot be taken back; create the object anew") as refused:
        jobs.runs.patch_spec("job", **change)

    assert refused.value.code == 422
    assert jobs.runs.get("job")["spec"]["cancel"] is True


def test_false_may_become_true_and_be_left_out(jobs: Jobs) -> None:
    jobs.submit(cancel=False, suspend=True)
    jobs.runs.patch_spec("job", cancel=None)
    jobs.runs.patch_spec("job", cancel=True)

    jobs.reaches("CANCELLED")


def test_a_run_that_completes_first_is_completed(jobs: Jobs) -> None:
    job = jobs.submit(script="run=4;cancel=60;race=lose")
    jobs.reaches("RUNNING")
    jobs.runs.patch_spec("job", cancel=True)
    jobs.reaches("CANCEL_PENDING")

    status = jobs.reaches("COMPLETED")

    assert situation(status) == {"Ready": "True", "Complete": "True", "Finished": "True"}
    assert jobs.run_of(job)["state"] == "COMPLETED"


@pytest.mark.parametrize("kind", ["denied", "too-large"])
def test_a_refused_request_becomes_cancelled(jobs: Jobs, sim: Admin, kind: str) -> None:
    sim.fault(kind, "StartJobRun", virtual_cluster_id=jobs.cluster)
    jobs.submit()
    jobs.reaches("REJECTED")

    jobs.runs.patch_spec("job", cancel=True)

    assert situation(jobs.reaches("CANCELLED")) == FAILED
    assert jobs.at_endpoint() == []


def test_cancelled_while_held(jobs: Jobs) -> None:
    jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")
    jobs.runs.patch_spec("job", suspend=True)
    jobs.reaches("SUSPENDED")

    jobs.runs.patch_spec("job", cancel=True, suspend=False)

    status = jobs.reaches("CANCELLED")
    assert ready(status)["message"] == "Attempt 2 was not started because spec.cancel is true"
    assert len(jobs.at_endpoint()) == 1


def test_cancelled_and_suspended_at_once_it_is_cancelled(jobs: Jobs) -> None:
    jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")

    jobs.runs.patch_spec("job", cancel=True, suspend=True)

    assert ready(jobs.reaches("CANCELLED"))["reason"] == "Cancelled"


def test_cancelled_while_it_is_being_suspended(jobs: Jobs) -> None:
    """The end is judged by the strongest wish of then."""
    jobs.submit(script=f"{FOR_EVER};cancel=2")
    jobs.reaches("RUNNING")
    jobs.runs.patch_spec("job", suspend=True)
    jobs.reaches("CANCEL_PENDING")
    jobs.runs.patch_spec("job", cancel=True)

    status = jobs.reaches("CANCELLED")

    assert ready(status)["reason"] == "Cancelled"
    assert len(jobs.calls("CancelJobRun")) == 1


def test_a_cancelled_object_can_be_deleted_at_once(jobs: Jobs) -> None:
    jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")
    jobs.runs.patch_spec("job", cancel=True)
    jobs.reaches("CANCELLED")
    until(lambda: "finalizers" not in jobs.runs.get("job")["metadata"], 10, "nothing holds it")

    jobs.runs.delete("job")

    jobs.gone(timeout=5)

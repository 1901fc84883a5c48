"""`resubmitPolicy`: new attempts after listed failures, each a run of its own, and never two at once."""

import pytest

from tests.sandbox.emr.admin import Admin
from tests.support.attempts import never_seemed_over, never_two_at_once, one_run_per_attempt, states
from tests.support.fixtures import StartOperator
from tests.support.jobs import FOR_EVER, Jobs, ready, situation
from tests.support.kube import Json
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

shared = pytest.mark.usefixtures("operator")


def policy(limit: int, *on: str, **members: object) -> Json:
    """At most that many new attempts, a second apart."""
    listed = {"failureReasons": list(on)} if on else {}
    return {"limit": limit, "backoffSeconds": 1, "maxBackoffSeconds": 1, **listed, **members}


@shared
def test_attempts_until_one_completes(jobs: Jobs, sim: Admin) -> None:
    sim.script("failure=internal", virtual_cluster_id=jobs.cluster, times=2)
    job = jobs.submit(resubmitPolicy=policy(5))

    status = jobs.reaches("COMPLETED")

    ids = one_run_per_attempt(jobs, job, 3)
    assert (status["attempt"], status["clientToken"]) == (3, f"{job['metadata']['uid']}-3")
    told = [(a["attempt"], a["id"], a["state"], a["reason"]) for a in status["attempts"]]
    assert told == [(1, ids[0], "FAILED", "INTERNAL_ERROR"), (2, ids[1], "FAILED", "INTERNAL_ERROR")]
    assert (status["id"], "failureReason" in status) == (ids[2], False)
    never_two_at_once(jobs)
    versions = jobs.runs.history(job)
    never_seemed_over(versions)
    assert states(versions).count("QUEUED") == 2


@shared
def test_the_token_is_recorded_before_the_request_is_sent(jobs: Jobs, sim: Admin) -> None:
    sim.script("failure=internal", virtual_cluster_id=jobs.cluster, times=1)
    sim.fault("slow", "StartJobRun", virtual_cluster_id=jobs.cluster, nth=[2], seconds=1.5)
    job = jobs.submit(script=None, resubmitPolicy=policy(1))

    until(lambda: len(jobs.calls("StartJobRun")) == 2, 20, "the second request is on its way")

    status = jobs.status()
    assert (status["attempt"], status["clientToken"]) == (2, f"{job['metadata']['uid']}-2")
    assert ("id" in status, [a["attempt"] for a in status["attempts"]]) == (False, [1])
    jobs.reaches("COMPLETED")


@shared
@pytest.mark.parametrize(
    ("failure", "on"),
    [
        ("internal", ()),
        ("cluster-unreachable", ()),
        ("driver", ("USER_ERROR",)),
        ("classification", ("VALIDATION_ERROR",)),
    ],
)
def test_listed_reasons_are_tried_again(jobs: Jobs, failure: str, on: tuple[str, ...]) -> None:
    job = jobs.submit(script=f"failure={failure};run=0", resubmitPolicy=policy(1, *on))

    status = jobs.reaches("FAILED")

    assert situation(status) == {"Ready": "False", "Stalled": "True", "Failed": "True", "Finished": "True"}
    assert [a["attempt"] for a in status["attempts"]] == [1]
    one_run_per_attempt(jobs, job, 2)


@shared
@pytest.mark.parametrize(
    ("failure", "on"),
    [
        ("driver", ()),
        ("classification", ()),
        ("internal", ("CLUSTER_UNAVAILABLE", "USER_ERROR")),
        ("monitor-missing", ()),
        ("monitor-unreachable", ("CLUSTER_UNAVAILABLE",)),
        ("monitor-internal", ("INTERNAL_ERROR",)),
    ],
)
def test_other_reasons_and_runs_that_may_still_be_alive_are_not(jobs: Jobs, failure: str, on: tuple[str, ...]) -> None:
    job = jobs.submit(script=f"failure={failure};run=0", resubmitPolicy=policy(3, *on))

    status = jobs.reaches("FAILED")

    assert (status["attempt"], "attempts" in status) == (1, False)
    jobs.one_run_each([job])


@shared
@pytest.mark.parametrize("given", [None, {}, {"limit": 0}])
def test_without_a_limit_nothing_is_tried_again(jobs: Jobs, given: Json | None) -> None:
    job = jobs.submit(script="failure=internal", **({"resubmitPolicy": given} if given is not None else {}))

    jobs.reaches("FAILED")

    jobs.one_run_each([job])


@shared
def test_raising_the_limit_afterwards_does_nothing(jobs: Jobs) -> None:
    job = jobs.submit(script="failure=internal", resubmitPolicy=policy(1))
    before = jobs.reaches("FAILED")

    jobs.runs.patch_spec("job", resubmitPolicy=policy(50))

    after = jobs.shows(lambda seen: seen["observedGeneration"] == 2, "is acknowledged")
    assert (after["state"], after["id"], after["attempt"]) == ("FAILED", before["id"], 2)
    one_run_per_attempt(jobs, job, 2)


@shared
def test_between_attempts_it_is_queued_and_knows_the_failure(jobs: Jobs) -> None:
    job = jobs.submit(script="failure=internal", resubmitPolicy=policy(1, backoffSeconds=600, maxBackoffSeconds=600))

    status = jobs.explains("Resubmitting")

    assert (status["state"], situation(status)) == ("QUEUED", {"Ready": "False", "Reconciling": "True"})
    assert ready(status)["message"].startswith("Attempt 1 failed with INTERNAL_ERROR; attempt 2 follows at 20")
    assert (status["id"], status["failureReason"]) == (jobs.run_of(job)["id"], "INTERNAL_ERROR")


@shared
def test_an_edit_in_a_back_off_is_acknowledged(jobs: Jobs) -> None:
    jobs.submit(script="failure=internal", resubmitPolicy=policy(1, backoffSeconds=600, maxBackoffSeconds=600))
    jobs.explains("Resubmitting")

    jobs.runs.patch_spec("job", ttlSecondsAfterFinished=600)

    status = jobs.shows(lambda seen: seen["observedGeneration"] == 2, "is acknowledged")
    assert (status["state"], ready(status)["reason"]) == ("QUEUED", "Resubmitting")


@shared
def test_the_back_off_may_be_shortened_while_it_lasts(jobs: Jobs) -> None:
    job = jobs.submit(script="failure=internal", resubmitPolicy=policy(1, backoffSeconds=600, maxBackoffSeconds=600))
    jobs.explains("Resubmitting")

    jobs.runs.patch_spec("job", resubmitPolicy=policy(1))

    jobs.reaches("FAILED")
    one_run_per_attempt(jobs, job, 2)


@shared
def test_a_job_that_backs_off_goes_without_a_call(jobs: Jobs) -> None:
    job = jobs.submit(script="failure=internal", resubmitPolicy=policy(1, backoffSeconds=600, maxBackoffSeconds=600))
    jobs.explains("Resubmitting")
    before = len(jobs.calls())

    jobs.runs.delete("job")

    jobs.gone(timeout=5)
    assert len(jobs.calls()) == before
    jobs.one_run_each([job])


@shared
def test_only_the_newest_ten_attempts_are_kept(jobs: Jobs) -> None:
    job = jobs.submit(script="failure=internal;pending=0", resubmitPolicy=policy(12))

    status = jobs.reaches("FAILED", timeout=60)

    assert [a["attempt"] for a in status["attempts"]] == list(range(3, 13))
    ids = one_run_per_attempt(jobs, job, 13)
    assert ([a["id"] for a in status["attempts"]], status["id"]) == (ids[2:12], ids[12])
    never_seemed_over(jobs.runs.history(job))


@shared
def test_drivers_that_emr_restarts_are_not_new_attempts(jobs: Jobs) -> None:
    """EMR's own retries happen inside one run; a new attempt begins when EMR has given that run up."""
    script = "failure=internal;at=RUNNING;fails=1;run=0"
    job = jobs.submit(script=script, retryPolicyConfiguration={"maxAttempts": 2}, resubmitPolicy=policy(1))

    status = jobs.reaches("FAILED")

    assert (status["attempt"], status["retryPolicyExecution"]) == (2, {"currentAttemptCount": 2})
    one_run_per_attempt(jobs, job, 2)


@shared
def test_a_word_of_ours_from_aws_starts_nothing(jobs: Jobs) -> None:
    """A state of AWS's that has the name of one of ours is no end of an attempt."""
    job = jobs.submit(script="show=QUEUED;show_at=RUNNING;run=3", resubmitPolicy=policy(3))

    status = jobs.explains("Following")
    assert "QUEUED" in ready(status)["message"]

    jobs.reaches("COMPLETED")
    jobs.one_run_each([job])


@shared
def test_a_second_attempt_that_is_refused_stays_locked_and_can_be_cancelled(jobs: Jobs, sim: Admin) -> None:
    sim.fault("too-large", "StartJobRun", virtual_cluster_id=jobs.cluster, after=1)
    job = jobs.submit(script="failure=internal", resubmitPolicy=policy(3))
    status = jobs.reaches("REJECTED")
    assert status["clientToken"] == f"{job['metadata']['uid']}-2"

    jobs.runs.patch_spec("job", ttlSecondsAfterFinished=600)
    jobs.shows(lambda seen: seen["observedGeneration"] == 2, "is acknowledged")
    sent = len(jobs.calls("StartJobRun"))
    jobs.runs.patch_spec("job", cancel=True)

    jobs.reaches("CANCELLED")
    assert (sent, len(jobs.calls("StartJobRun")), len(jobs.at_endpoint())) == (2, 2, 1)


@pytest.mark.parametrize("kind", ["lost", "cut"])
def test_killed_in_the_midst_of_a_second_attempt(
    jobs: Jobs, sim: Admin, start_operator: StartOperator, kind: str
) -> None:
    """The next process goes on with the recorded token: one run for each attempt all the same."""
    first = start_operator(**ENVIRONMENT)
    sim.script("failure=internal", virtual_cluster_id=jobs.cluster, times=1)
    sim.script(FOR_EVER, virtual_cluster_id=jobs.cluster)
    fault = sim.fault(kind, "StartJobRun", virtual_cluster_id=jobs.cluster, after=1)
    job = jobs.submit(script=None, resubmitPolicy=policy(5))
    until(lambda: len(jobs.calls("StartJobRun")) >= 2, 20, "the second request is on its way")
    first.kill()
    sim.drop_fault(fault)

    start_operator(**ENVIRONMENT)

    status = jobs.reaches("RUNNING", timeout=60)
    assert status["attempt"] == 2
    assert one_run_per_attempt(jobs, job, 2)[1] == status["id"]

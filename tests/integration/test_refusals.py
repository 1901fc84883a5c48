"""AWS refuses a request: what is shown, what unlocks, what is tried again and what is not."""

from collections import Counter

import pytest

from tests.sandbox.emr.admin import Admin
from tests.sandbox.rights import USER
from tests.sandbox.world import World
from tests.support.jobs import Jobs, ready, situation
from tests.support.kube import Json
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")

REJECTED = {"Ready": "False", "Stalled": "True"}
WAITING = {"Ready": "False", "Reconciling": "True"}
PERMANENT = "1 validation error detected: Value at 'x' failed to satisfy constraint: Member must not be null"


def validation_error(jobs: Jobs, message: str, **rest: object) -> None:
    jobs.sim.fault(
        "error",
        "StartJobRun",
        status=400,
        code="ValidationException",
        message=message,
        virtual_cluster_id=jobs.cluster,
        **rest,
    )


def unlocked(status: Json) -> bool:
    return "clientToken" not in status and "id" not in status


def rejected(jobs: Jobs, reason: str) -> Json:
    """Wait until the object is REJECTED for that reason and its spec open to change."""

    def holds(status: Json) -> bool:
        return status.get("state") == "REJECTED" and ready(status)["reason"] == reason and unlocked(status)

    return jobs.shows(holds, f"is REJECTED, {reason}")


def test_refused_for_good_until_the_spec_changes(jobs: Jobs) -> None:
    validation_error(jobs, PERMANENT, times=1)
    job = jobs.submit()

    status = rejected(jobs, "RequestRefused")
    assert situation(status) == REJECTED
    assert PERMANENT in ready(status)["message"]

    jobs.runs.patch_spec("job", releaseLabel="emr-7.8.0-latest")

    status = jobs.reaches("COMPLETED")
    assert status["observedGeneration"] == status["submittedGeneration"] == 2
    assert jobs.run_of(job)["request"]["releaseLabel"] == "emr-7.8.0-latest"
    assert [call["code"] for call in jobs.calls("StartJobRun")] == ["ValidationException", "OK"]


def test_an_edit_that_is_refused_again_says_so_of_the_new_spec(jobs: Jobs) -> None:
    validation_error(jobs, PERMANENT)
    jobs.submit()
    rejected(jobs, "RequestRefused")

    jobs.runs.patch_spec("job", releaseLabel="emr-7.8.0-latest")

    status = jobs.shows(lambda seen: seen.get("observedGeneration") == 2 and unlocked(seen), "has judged the edit")
    assert (status["state"], situation(status)) == ("REJECTED", REJECTED)
    assert jobs.at_endpoint() == []


def test_a_refusal_of_the_service_itself(jobs: Jobs) -> None:
    """Retry policies need a newer release: the words are not among those known to be permanent."""
    jobs.submit(releaseLabel="emr-6.8.0-latest", retryPolicyConfiguration={"maxAttempts": 2})

    status = rejected(jobs, "RefusedUnclear")
    assert "retryPolicyConfiguration" in ready(status)["message"]

    jobs.runs.patch_spec("job", releaseLabel="emr-6.9.0-latest")
    jobs.reaches("COMPLETED")


def test_unclear_refusals_are_tried_again(jobs: Jobs) -> None:
    validation_error(jobs, "The moon is in the wrong phase", times=3)
    job = jobs.submit()

    rejected(jobs, "RefusedUnclear")

    jobs.reaches("COMPLETED")
    jobs.one_run_each([job])


def test_a_virtual_cluster_that_appears_later(jobs: Jobs, sim: Admin) -> None:
    sim.settings(any_virtual_cluster=False)
    job = jobs.submit()

    status = rejected(jobs, "NotFound")
    assert situation(status) == REJECTED
    assert jobs.cluster in ready(status)["message"]

    sim.put_cluster(jobs.cluster)
    jobs.reaches("COMPLETED")
    jobs.one_run_each([job])


def test_a_denial_is_given_time_then_told_then_mended(jobs: Jobs, sim: Admin) -> None:
    sim.fault("denied", "StartJobRun", virtual_cluster_id=jobs.cluster)
    job = jobs.submit()

    waiting = jobs.explains("WaitingForPermission")
    assert (waiting["state"], situation(waiting)) == ("QUEUED", WAITING)
    status = rejected(jobs, "AccessDenied")
    assert situation(status) == REJECTED
    assert "emr-containers:StartJobRun" in ready(status)["message"]
    assert jobs.cluster in ready(status)["message"]

    sim.drop_faults()
    jobs.reaches("COMPLETED")
    jobs.one_run_each([job])


def test_a_full_queue_is_waited_for(jobs: Jobs, sim: Admin) -> None:
    sim.put_cluster(jobs.cluster, schedulerConfiguration={"maxInQueueJobRuns": 1, "maxConcurrentJobRuns": 1})
    submitted = [jobs.submit(f"first-{number}", "stuck=RUNNING") for number in range(2)]
    until(lambda: len(jobs.at_endpoint()) == 2, 30, "the virtual cluster is full")
    submitted.append(jobs.submit())

    status = jobs.explains("ClusterBusy")
    assert (status["state"], situation(status)) == ("QUEUED", WAITING)

    jobs.runs.delete("first-0")
    jobs.runs.delete("first-1")
    jobs.reaches("COMPLETED")
    jobs.one_run_each(submitted)


def test_a_terminated_virtual_cluster_is_waited_for(jobs: Jobs, sim: Admin) -> None:
    sim.put_cluster(jobs.cluster, state="TERMINATED")
    jobs.submit()

    status = jobs.explains("ClusterBusy")
    assert (status["state"], situation(status)) == ("QUEUED", WAITING)

    sim.put_cluster(jobs.cluster, state="RUNNING")
    jobs.reaches("COMPLETED")


def readable(version: Json) -> Json:
    """What a reader sees of a status: all but the record of the intent."""
    intent = ("clientToken", "attempt", "name", "virtualClusterId", "submittedGeneration", "submissionStartedAt")
    return {key: value for key, value in version.get("status", {}).items() if key not in intent}


@pytest.mark.parametrize(
    ("kind", "reason"), [("denied", "AccessDenied"), ("unclear", "RefusedUnclear"), ("full", "ClusterBusy")]
)
def test_retries_change_nothing_that_a_reader_sees(
    world: World, jobs: Jobs, namespace: str, kind: str, reason: str
) -> None:
    match kind:
        case "denied":
            jobs.sim.fault("denied", "StartJobRun", virtual_cluster_id=jobs.cluster)
        case "unclear":
            validation_error(jobs, "The moon is in the wrong phase")
        case _:
            jobs.sim.put_cluster(jobs.cluster, schedulerConfiguration={"maxInQueueJobRuns": 0})
    jobs.submit()
    jobs.explains(reason)
    since, sends = jobs.runs.get("job"), len(jobs.calls("StartJobRun"))

    until(lambda: len(jobs.calls("StartJobRun")) >= sends + 4, 30, "it is tried four times more")

    shown = [readable(version) for version in jobs.runs.history(since)]
    assert all(status == shown[0] for status in shown)
    told = Counter(event["reason"] for event in world.kube.events(namespace, "job"))
    assert told == {reason: 1} | ({"WaitingForPermission": 1} if kind == "denied" else {})
    assert jobs.at_endpoint() == []


def test_a_refused_object_is_left_alone(world: World, jobs: Jobs, namespace: str) -> None:
    """A second object is refused and runs again and again meanwhile, which shows that time has passed."""
    validation_error(jobs, PERMANENT, name="^job$")
    jobs.submit()
    rejected(jobs, "RequestRefused")
    mark = world.cluster.audit.mark()

    for number in range(3):
        jobs.submit(f"other-{number}")
        jobs.reaches("COMPLETED", f"other-{number}")

    written = world.cluster.audit.writes(user=USER, resource="emrjobruns", since=mark)
    assert [event.verb for event in written if (event.namespace, event.name) == (namespace, "job")] == []
    assert len([call for call in jobs.calls("StartJobRun") if call["code"] != "OK"]) == 1


def test_passing_troubles_are_no_refusal(jobs: Jobs, sim: Admin) -> None:
    """Throttled, failing inside, unavailable, credentials expired: the same token again, never REJECTED."""
    for kind in ("throttle", "internal", "unavailable", "expired"):
        sim.fault(kind, "StartJobRun", virtual_cluster_id=jobs.cluster, times=1)
    job = jobs.submit()

    jobs.reaches("COMPLETED")

    codes = [call["code"] for call in jobs.calls("StartJobRun")]
    assert len(codes) >= 2
    assert codes[-1] == "OK"
    shown = {version.get("status", {}).get("state") for version in jobs.runs.history(job)}
    assert not shown & {"REJECTED", "FAILED"}
    jobs.one_run_each([job])

"""From `kubectl apply` to the end: one run, followed truly, and little written on the way."""

import json

import pytest

from tests.sandbox.paths import EXAMPLES
from tests.sandbox.rights import USER
from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs, ready, situation
from tests.support.kube import Json
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")

MOST_WRITES = 8
"""Of one run without retries: finalizer, intent, acceptance, three states, the end, finalizer; one to spare."""


def states(versions: list[Json]) -> list[str]:
    """The states in the order in which the object had them."""
    seen: list[str] = []
    for version in versions:
        state = version.get("status", {}).get("state", "")
        if state and seen[-1:] != [state]:
            seen.append(state)
    return seen


def test_the_documented_sparkpi_job_runs_to_its_end(world: World, jobs: Jobs, namespace: str) -> None:
    applied = world.cluster.kubectl("apply", "-n", namespace, "-f", str(EXAMPLES / "spark-pi.yaml"), "-o", "json")
    job = json.loads(applied.stdout)

    world.cluster.kubectl("wait", "-n", namespace, "--for=condition=Complete", "ejr/spark-pi", "--timeout=60s")

    run = jobs.run_of(job)
    status = jobs.status("spark-pi")
    assert (status["id"], status["state"], run["state"]) == (run["id"], "COMPLETED", "COMPLETED")
    assert run["client_token"] == job["metadata"]["uid"] == status["clientToken"]
    assert run["request"]["jobDriver"] == job["spec"]["jobDriver"]
    assert run["name"] == "spark-pi"


def test_every_state_of_the_run_is_seen_once_and_in_order(jobs: Jobs) -> None:
    job = jobs.submit(script="pending=1.5;submitted=1.5;run=1.5")

    status = jobs.reaches("COMPLETED")

    expected = ["SUBMITTING", "PENDING", "SUBMITTED", "RUNNING", "COMPLETED"]
    assert states(jobs.runs.history(job)) == expected
    assert status["createdAt"] <= status["startedAt"] <= status["finishedAt"]


def test_one_start_and_few_writes(world: World, jobs: Jobs, namespace: str) -> None:
    job = jobs.submit()
    jobs.reaches("COMPLETED")
    until(lambda: "finalizers" not in jobs.runs.get("job")["metadata"], 10, "the finalizer is gone")

    def written() -> list[str]:
        events = world.cluster.audit.writes(user=USER, resource="emrjobruns")
        return [event.subresource or "object" for event in events if event.namespace == namespace]

    # The log is written a little after the answers.
    until(lambda: written().count("object") == 2, 10, lambda: f"finalizer put on and taken off: {written()}")
    assert len(written()) <= MOST_WRITES
    starts = jobs.calls("StartJobRun")
    assert [call["client_token"] for call in starts] == [job["metadata"]["uid"]]
    jobs.one_run_each([job])


def test_an_event_tells_of_each_transition_once(world: World, jobs: Jobs, namespace: str) -> None:
    jobs.submit(script="pending=1;submitted=1;run=1")
    run = jobs.reaches("COMPLETED")["id"]

    def told() -> list[tuple[str, str, str]]:
        found = world.kube.events(namespace, "job")
        return [(event["type"], event["reason"], event["message"]) for event in found]

    expected = [
        ("Normal", "Accepted", f"AWS accepted job run {run}"),
        ("Normal", "Submitted", f"Job run {run} is SUBMITTED"),
        ("Normal", "Running", f"Job run {run} is RUNNING"),
        ("Normal", "Completed", f"Job run {run} is COMPLETED"),
    ]
    until(lambda: len(told()) >= len(expected), 10, lambda: f"{len(expected)} events: {told()}")
    assert sorted(told()) == sorted(expected)


def test_a_failure_is_told_in_the_words_of_aws(jobs: Jobs) -> None:
    job = jobs.submit(script="reason=USER_ERROR")

    status = jobs.reaches("FAILED")

    run = jobs.run_of(job)
    assert (status["failureReason"], status["stateDetails"]) == ("USER_ERROR", run["details"])
    assert situation(status) == {"Ready": "False", "Stalled": "True", "Failed": "True", "Finished": "True"}


def test_a_cancellation_by_somebody_else_is_told_as_such(world: World, jobs: Jobs) -> None:
    job = jobs.submit(script=FOR_EVER)
    status = jobs.reaches("RUNNING")

    world.sim.cancel(status["id"])

    status = jobs.reaches("CANCELLED")
    assert ready(status)["reason"] == "CancelledExternally"
    assert "cancellation" not in status
    assert jobs.calls("CancelJobRun") == []
    jobs.one_run_each([job])


def test_a_state_that_nobody_knows_is_shown_and_outlived(jobs: Jobs) -> None:
    jobs.submit(script="show=RESIZING;show_at=RUNNING;run=3")

    status = jobs.reaches("RESIZING")
    assert situation(status) == {"Ready": "False", "Reconciling": "True"}

    jobs.reaches("COMPLETED")


def test_drivers_that_emr_restarts_are_counted(jobs: Jobs) -> None:
    job = jobs.submit(script="fails=1;run=1", retryPolicyConfiguration={"maxAttempts": 3})

    status = jobs.reaches("COMPLETED")

    assert status["retryPolicyExecution"] == {"currentAttemptCount": 2}
    assert status["attempt"] == 1
    jobs.one_run_each([job])


def test_a_name_too_long_for_aws_is_shortened(jobs: Jobs) -> None:
    long_name = "a" * 80 + "-b.c"
    jobs.submit(long_name)

    status = jobs.reaches("COMPLETED", long_name)

    [run] = jobs.at_endpoint()
    assert run["name"] == status["name"] != long_name
    assert len(status["name"]) <= 64


def test_aws_gets_what_the_spec_says_and_nothing_more(jobs: Jobs) -> None:
    job = jobs.submit(tags={"team": "x"}, deletionPolicy="Retain")

    jobs.reaches("COMPLETED")

    request = jobs.run_of(job)["received"]
    ours = {"name": "job", "clientToken": job["metadata"]["uid"]}
    sent = {key: value for key, value in job["spec"].items() if key != "deletionPolicy"}
    assert request == {**sent, **ours}

"""Finished is for good. To run the same request again is to create a new object: a new uid is a new run."""

import json

import pytest
import yaml

from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs, situation, spark_pi
from tests.support.kube import Json
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")

MEMBERS: list[Json] = [
    {"suspend": True},
    {"suspend": False},
    {"cancel": True},
    {"activeDeadlineSeconds": 1},
    {"startDeadlineSeconds": 1},
    {"ttlSecondsAfterFinished": 86400},
    {"resubmitPolicy": {"limit": 9, "failureReasons": ["USER_ERROR"], "backoffSeconds": 1}},
]


def manifest(jobs: Jobs, **metadata: str) -> str:
    body = {
        "apiVersion": "emrjobs.dev/v1alpha1",
        "kind": "EmrJobRun",
        "metadata": metadata,
        "spec": spark_pi(jobs.cluster, "run=0"),
    }
    return yaml.safe_dump(body)


def acknowledged(jobs: Jobs, generation: int) -> Json:
    return jobs.shows(lambda seen: seen["observedGeneration"] == generation, "is acknowledged")


@pytest.mark.parametrize("script", ["run=0", "reason=USER_ERROR;run=0"])
def test_no_member_brings_a_finished_object_back(jobs: Jobs, script: str) -> None:
    job = jobs.submit(script=script)
    before = jobs.shows(lambda seen: "Finished" in situation(seen), "is over")
    until(lambda: "finalizers" not in jobs.runs.get("job")["metadata"], 10, "nothing holds it")
    calls = len(jobs.calls())
    for generation, members in enumerate(MEMBERS, start=2):
        jobs.runs.patch_spec("job", **members)
        after = acknowledged(jobs, generation)
        assert {**after, "conditions": None, "observedGeneration": 1} == {**before, "conditions": None}
        assert situation(after) == situation(before)
    assert len(jobs.calls()) == calls
    jobs.one_run_each([job])


def test_replaced_by_force_it_runs_again(world: World, jobs: Jobs, namespace: str) -> None:
    text = manifest(jobs, name="job")
    world.cluster.kubectl("create", "-n", namespace, "-f", "-", input=text)
    first = jobs.runs.get("job")
    jobs.reaches("COMPLETED")

    world.cluster.kubectl("replace", "-n", namespace, "--force", "-f", "-", input=text)

    second = jobs.runs.get("job")
    assert second["metadata"]["uid"] != first["metadata"]["uid"]
    jobs.reaches("COMPLETED")
    jobs.one_run_each([first, second])


def test_replaced_by_force_while_it_runs_the_first_run_ends_first(world: World, jobs: Jobs, namespace: str) -> None:
    first = jobs.submit(script=f"{FOR_EVER};cancel=1")
    jobs.reaches("RUNNING")

    world.cluster.kubectl("replace", "-n", namespace, "--force", "-f", "-", input=manifest(jobs, name="job"))

    second = jobs.runs.get("job")
    jobs.reaches("COMPLETED")
    jobs.one_run_each([first, second])
    [old] = [run for run in jobs.at_endpoint() if run["client_token"] == first["metadata"]["uid"]]
    [new] = [run for run in jobs.at_endpoint() if run["client_token"] == second["metadata"]["uid"]]
    assert (old["state"], (old["finished_at"] or 0) <= new["created_at"]) == ("CANCELLED", True)


def test_generated_names_are_new_runs(world: World, jobs: Jobs, namespace: str) -> None:
    text = manifest(jobs, generateName="job-")
    made = [
        json.loads(world.cluster.kubectl("create", "-n", namespace, "-f", "-", "-o", "json", input=text).stdout)
        for _ in range(2)
    ]

    jobs.all_reach("COMPLETED", 2)

    jobs.one_run_each(made)


def test_applied_again_nothing_happens(world: World, jobs: Jobs, namespace: str) -> None:
    text = manifest(jobs, name="job")
    world.cluster.kubectl("apply", "-n", namespace, "-f", "-", input=text)
    job = jobs.runs.get("job")
    jobs.reaches("COMPLETED")

    done = world.cluster.kubectl("apply", "-n", namespace, "-f", "-", input=text)

    assert "unchanged" in done.stdout
    jobs.one_run_each([job])

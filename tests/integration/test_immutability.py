"""The request is locked from the moment it may have been sent; the members that act on its life are not."""

import pytest

from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import ApiError, Json
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")

MONITORING: Json = {"s3MonitoringConfiguration": {"logUri": "s3://logs/a"}}
OVERRIDES: Json = {
    "applicationConfiguration": [
        {
            "classification": "spark-env",
            "configurations": [{"classification": "export", "properties": {"A": "1"}}],
        }
    ],
    "monitoringConfiguration": MONITORING,
}
EDITS: list[tuple[str, Json]] = [
    ("name", {"name": "another"}),
    ("virtualClusterId", {"virtualClusterId": "another"}),
    ("executionRoleArn", {"executionRoleArn": "arn:aws:iam::123456789012:role/another"}),
    ("releaseLabel", {"releaseLabel": "emr-7.8.0-latest"}),
    ("jobDriver", {"jobDriver": {"sparkSubmitJobDriver": {"entryPointArguments": ["2000"]}}}),
    (
        "configurationOverrides",
        {"configurationOverrides": {"monitoringConfiguration": {"persistentAppUI": "DISABLED"}}},
    ),
    (
        "configurationOverrides",
        {"configurationOverrides": {"applicationConfiguration": [{"classification": "spark-env"}]}},
    ),
    ("configurationOverrides", {"configurationOverrides": None}),
    ("tags", {"tags": {"added": "later"}}),
    ("retryPolicyConfiguration", {"retryPolicyConfiguration": {"maxAttempts": 2}}),
    ("jobTemplateId", {"jobTemplateId": "another"}),
    ("jobTemplateParameters", {"jobTemplateParameters": {"added": "later"}}),
]


def test_no_member_of_a_request_that_was_sent_can_change(jobs: Jobs) -> None:
    job = jobs.submit(script=FOR_EVER, configurationOverrides=OVERRIDES)
    jobs.reaches("RUNNING")

    for member, edit in EDITS:
        with pytest.raises(ApiError, match="is immutable") as refused:
            jobs.runs.patch("job", {"spec": edit})
        assert (refused.value.code, f"spec.{member}" in refused.value.message) == (422, True), refused.value

    assert jobs.runs.get("job")["spec"] == job["spec"]


def test_it_stays_locked_after_the_end(jobs: Jobs) -> None:
    jobs.submit(script="run=0")
    jobs.reaches("COMPLETED")

    with pytest.raises(ApiError, match="is immutable"):
        jobs.runs.patch_spec("job", releaseLabel="emr-7.8.0-latest")


def test_the_status_cannot_be_cleared_to_get_around_it(jobs: Jobs) -> None:
    jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")

    edit = {"spec": {"releaseLabel": "emr-7.8.0-latest"}, "status": {"clientToken": None}}
    with pytest.raises(ApiError, match="is immutable"):
        jobs.runs.patch("job", edit)


def test_the_finalizer_follows_the_deletion_policy(jobs: Jobs) -> None:
    jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")

    def holds(generation: int, finalizers: list[str]) -> bool:
        job = jobs.runs.get("job")
        seen = (job["status"]["observedGeneration"], job["metadata"].get("finalizers", []))
        return seen == (generation, finalizers)

    until(lambda: holds(1, ["emrjobs.dev/job-run"]), 10, "it is held")
    jobs.runs.patch_spec("job", deletionPolicy="Retain")
    until(lambda: holds(2, []), 10, "it is let go of")
    jobs.runs.patch_spec("job", deletionPolicy="Cancel")
    until(lambda: holds(3, ["emrjobs.dev/job-run"]), 10, "it is held again")


def test_labels_annotations_and_foreign_finalizers_are_left_alone(jobs: Jobs) -> None:
    theirs = {"labels": {"a": "b"}, "annotations": {"c": "d"}, "finalizers": ["example.com/theirs"]}
    jobs.runs.create("job", {**jobs.submit("other")["spec"]}, **theirs)
    jobs.reaches("COMPLETED")

    until(lambda: len(jobs.runs.get("job")["metadata"]["finalizers"]) == 1, 10, "ours is taken off")

    metadata = jobs.runs.get("job")["metadata"]
    assert {key: metadata[key] for key in theirs} == theirs


def test_an_edit_of_a_finished_object_is_acknowledged_and_changes_nothing(jobs: Jobs) -> None:
    jobs.submit(script="run=0")
    before = jobs.reaches("COMPLETED")

    jobs.runs.patch_spec("job", deletionPolicy="Retain")

    after = jobs.shows(lambda status: status["observedGeneration"] == 2, "has noticed the edit")
    assert {**after, "conditions": None} == {**before, "observedGeneration": 2, "conditions": None}
    assert {found["observedGeneration"] for found in after["conditions"]} == {2}

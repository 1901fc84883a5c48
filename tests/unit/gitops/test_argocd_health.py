"""Argo CD's health of an object in every state, from the statuses that the operator is known to write."""

from typing import Any

import pytest
import yaml

from tests.sandbox.argocd import HOOK_FINALIZER, SCRIPTS, Health, ScriptFailed, health, in_process
from tests.support.golden import FOLDER

Json = dict[str, Any]
MOVING, STOPPED, GOOD, BAD = "Progressing", "Suspended", "Healthy", "Degraded"

EXPECTED = {
    "access-denied": BAD,
    "between-attempts": MOVING,
    "cancelled": BAD,
    "cancelled-by-somebody-else": BAD,
    "cluster-unavailable": BAD,
    "completed": GOOD,
    "completed-with-logs": GOOD,
    "deadline": BAD,
    "deleting": MOVING,
    "failed": BAD,
    "failed-twice": BAD,
    "held": STOPPED,
    "held-after-a-run": STOPPED,
    "lost": BAD,
    "never-started": BAD,
    "pending": MOVING,
    "queue-full": MOVING,
    "request-refused": BAD,
    "running": MOVING,
    "unknown-state": MOVING,
    "waiting-for-permission": MOVING,
}


def document(name: str, **metadata: object) -> Json:
    """An object with a golden status that is up to date."""
    status = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return {"metadata": {"generation": status["observedGeneration"], **metadata}, "spec": {}, "status": status}


def test_every_golden_status_has_its_health() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(EXPECTED)
    assert {name: health(in_process, document(name)).status for name in EXPECTED} == EXPECTED


@pytest.mark.parametrize("name", EXPECTED)
def test_the_message_is_the_operators(name: str) -> None:
    item = document(name)
    told = {condition["message"] for condition in item["status"]["conditions"]}

    said = health(in_process, item).message

    assert {said, said.removeprefix(f"{item['status']['state']}: ")} & told


@pytest.mark.parametrize(
    "item",
    [
        {"metadata": {"generation": 1}},
        {"metadata": {"generation": 1}, "status": {}},
        {"metadata": {"generation": 1}, "status": {"observedGeneration": -1}},
        {"metadata": {"generation": 1}, "status": {"observedGeneration": 1}},
        {"metadata": {"generation": 1}, "status": {"observedGeneration": 1, "conditions": []}},
        {"metadata": {}, "status": {"conditions": [{"type": "Ready", "status": "False"}]}},
        {"metadata": {"generation": 2}, "status": {"observedGeneration": 1, "conditions": [{"type": "Reconciling"}]}},
    ],
)
def test_an_object_that_says_nothing_yet_progresses(item: Json) -> None:
    assert health(in_process, item) == Health(MOVING, "Waiting for the operator")


@pytest.mark.parametrize("name", EXPECTED)
def test_a_status_of_an_older_generation_is_no_verdict(name: str) -> None:
    item = document(name)
    item["metadata"]["generation"] += 1
    assert health(in_process, item) == Health(MOVING, "Waiting for the operator")


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_going_progresses(name: str) -> None:
    item = document(name, deletionTimestamp="2026-11-02T08:30:00Z", finalizers=["emrjobs.dev/job-run"])
    assert health(in_process, item).status == MOVING


@pytest.mark.parametrize(
    ("name", "expected"), [("completed", GOOD), ("failed", BAD), ("running", MOVING), ("held", MOVING)]
)
def test_a_hook_that_is_going_still_tells_how_it_ended(name: str, expected: str) -> None:
    """Argo CD keeps a deleted hook until it has read its end; the operator acts on no generation after that."""
    item = document(name, deletionTimestamp="2026-11-02T08:30:00Z", finalizers=[HOOK_FINALIZER])
    item["metadata"]["generation"] += 1
    assert health(in_process, item).status == expected


def test_argocds_own_cases_hold() -> None:
    """The file in the form that Argo CD's repository asks for beside a health script."""
    cases = yaml.safe_load((SCRIPTS / "health_test.yaml").read_text(encoding="utf-8"))["tests"]
    for case in cases:
        item = yaml.safe_load((SCRIPTS / case["inputPath"]).read_text(encoding="utf-8"))
        assert health(in_process, item) == Health(**case["healthStatus"]), case["inputPath"]
    assert {case["inputPath"] for case in cases} == {f"testdata/{p.name}" for p in SCRIPTS.glob("testdata/*")}


def test_a_script_has_only_what_argo_cd_gives_it() -> None:
    for attempt in ("return string.upper('a')", "return ('a'):upper()", "return os.time()", "return python"):
        if attempt == "return python":
            assert in_process(attempt, {}) is None
            continue
        with pytest.raises(ScriptFailed):
            in_process(attempt, {})

"""Argo CD's actions: when each is on offer, and that it changes one member and nothing else."""

from typing import Any

import pytest
import yaml

from tests.sandbox.argocd import ACTIONS, SCRIPTS, in_process, on_offer, patch_of, text

Json = dict[str, Any]
FOLDER = SCRIPTS / "actions"
FINISHED = {"conditions": [{"type": "Finished", "status": "True"}]}
GOING = {"deletionTimestamp": "2026-11-02T08:30:00Z"}


def read(path: str) -> Json:
    found: Json = yaml.safe_load((FOLDER / path).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(
    ("what", "item", "expected"),
    [
        ("a new object", {"metadata": {}, "spec": {}}, {"cancel", "suspend"}),
        ("one that is held", {"metadata": {}, "spec": {"suspend": True}}, {"cancel", "resume"}),
        ("one that was resumed", {"metadata": {}, "spec": {"suspend": False}}, {"cancel", "suspend"}),
        ("one that is being cancelled", {"metadata": {}, "spec": {"cancel": True}}, set()),
        ("cancelled while held", {"metadata": {}, "spec": {"cancel": True, "suspend": True}}, set()),
        ("a finished one", {"metadata": {}, "spec": {}, "status": FINISHED}, set()),
        ("finished, and suspended later", {"metadata": {}, "spec": {"suspend": True}, "status": FINISHED}, set()),
        ("one that is going", {"metadata": GOING, "spec": {}}, set()),
    ],
)
def test_on_offer(what: str, item: Json, expected: set[str]) -> None:
    assert on_offer(in_process, item) == expected, what


@pytest.mark.parametrize(
    ("action", "patch"),
    [("cancel", {"cancel": True}), ("suspend", {"suspend": True}), ("resume", {"suspend": False})],
)
def test_an_action_changes_one_member(action: str, patch: Json) -> None:
    """Lists, numbers and empty objects come through unharmed."""
    item = read("testdata/running.yaml")
    item["spec"]["tags"] = {}
    item["spec"]["configurationOverrides"] = {"applicationConfiguration": [], "monitoringConfiguration": {}}

    assert patch_of(in_process, action, item) == {"spec": patch}


def test_argocds_own_cases_hold() -> None:
    """The file in the form that Argo CD's repository asks for beside the actions."""
    cases = read("action_test.yaml")
    for case in cases["discoveryTests"]:
        enabled = {offer["name"] for offer in case["result"] if not offer["disabled"]}
        assert on_offer(in_process, read(case["inputPath"])) == enabled, case["inputPath"]
    for case in cases["actionTests"]:
        script = text(f"actions/{case['action']}/action.lua")
        assert in_process(script, read(case["inputPath"])) == read(case["expectedOutputPath"])
    assert {case["action"] for case in cases["actionTests"]} == set(ACTIONS)


def test_every_folder_of_an_action_is_known() -> None:
    assert {path.parent.name for path in FOLDER.glob("*/action.lua")} == set(ACTIONS)

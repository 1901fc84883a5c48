"""The rules file becomes the operator's rights, over all namespaces or in named ones only."""

from pathlib import Path

import pytest
import yaml

from tests.sandbox.rights import NAMESPACE, Json, objects

RULES = {"rules": [{"verbs": ["watch"]}], "clusterRules": [{"verbs": ["list"]}], "leaseRules": [{"verbs": ["create"]}]}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(RULES), encoding="utf-8")
    return path


def roles(found: list[Json]) -> set[tuple[str, str, str]]:
    """Kind, namespace and first verb of each role."""
    return {
        (item["kind"], item["metadata"].get("namespace", ""), item["rules"][0]["verbs"][0])
        for item in found
        if "rules" in item
    }


def test_everywhere_means_one_cluster_role(rules: Path) -> None:
    assert roles(objects(rules=rules)) == {("ClusterRole", "", "watch"), ("Role", NAMESPACE, "create")}


def test_named_namespaces_mean_roles_there_and_nowhere_else(rules: Path) -> None:
    found = objects(["a", "b"], rules)

    assert roles(found) == {("Role", "a", "watch"), ("Role", "b", "watch"), ("Role", NAMESPACE, "create")}
    assert not [item for item in found if item["kind"].startswith("Cluster")]


def test_each_role_is_bound_to_the_operators_account(rules: Path) -> None:
    found = objects(["a"], rules)
    bound = {(i["metadata"]["namespace"], i["roleRef"]["name"]) for i in found if "roleRef" in i}
    made = {(i["metadata"]["namespace"], i["metadata"]["name"]) for i in found if "rules" in i}

    assert bound == made

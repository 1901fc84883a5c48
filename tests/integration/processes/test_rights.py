"""The operator's rights: each is used, none is missing; over all namespaces, and in named ones only."""

from pathlib import Path

import pytest
import yaml

from tests.integration.rights_table import VARIANTS, exercise, told
from tests.sandbox.paths import ROOT, RULES
from tests.sandbox.rights_audit import HEADS, Right
from tests.sandbox.table import table
from tests.sandbox.world import World
from tests.sandbox.written_fields import HEADS as FIELD_HEADS
from tests.sandbox.written_fields import written_fields

pytestmark = [pytest.mark.controlplane, pytest.mark.timeout(300)]


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_granted_is_what_is_used(variant: str) -> None:
    with World(namespaces=VARIANTS[variant]) as world:
        found = exercise(world, cluster_wide=not VARIANTS[variant])
        written = written_fields(world.cluster.audit_events())

    assert (found.unused, found.missing) == (set(), set()), told(found)
    page = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    shown = {tuple(line.split()) for line in page.splitlines()}
    assert {*found.rows(), *written} <= shown
    if not VARIANTS[variant]:
        assert table(HEADS, found.rows()) in page
        assert table(FIELD_HEADS, written) in page


def test_the_audit_sees_a_right_too_many_and_one_too_few(tmp_path: Path) -> None:
    """Events are not granted and Secrets are: the operator works all the same, and the audit tells both."""
    given = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    given["rules"] = [rule for rule in given["rules"] if rule["resources"] != ["events"]]
    given["rules"].append({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]})
    rules = tmp_path / "rules.yaml"
    rules.write_text(yaml.safe_dump(given), encoding="utf-8")

    with World(rules=rules) as world:
        found = exercise(world, rules, patience=1)

    assert found.unused == {Right("watched", "secrets", "get")}
    assert found.missing == {Right("watched", "events", "create")}

"""The comparison of rights granted with rights used."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.sandbox.controlplane.audit import AuditEvent
from tests.sandbox.rights import NAMESPACE, USER
from tests.sandbox.rights_audit import Right, audit

RULES = {
    "rules": [
        {"apiGroups": ["emrjobs.dev"], "resources": ["emrjobruns", "emrjobruns/status"], "verbs": ["patch"]},
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]},
    ],
    "clusterRules": [],
    "leaseRules": [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["update"]}],
}
PATCH = AuditEvent(
    id="1",
    stage="ResponseComplete",
    user=USER,
    user_agent="",
    verb="patch",
    group="emrjobs.dev",
    resource="emrjobruns",
    subresource="",
    namespace="team-a",
    name="job",
    code=200,
    at="",
    forbidden=False,
    body={},
)
STATUS = replace(PATCH, subresource="status")
EVENT = replace(PATCH, verb="create", group="", resource="events")
LEASE = replace(PATCH, verb="update", group="coordination.k8s.io", resource="leases", namespace=NAMESPACE)
ALL = [PATCH, STATUS, EVENT, LEASE]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(RULES), encoding="utf-8")
    return path


def test_all_used_and_none_missing(rules: Path) -> None:
    found = audit(ALL, rules)
    assert (found.unused, found.missing) == (set(), set())
    assert found.rows()[0] == ("own", "leases.coordination.k8s.io", "update", "yes", "yes")


@pytest.mark.parametrize("left_out", range(len(ALL)))
def test_a_right_that_nobody_used(rules: Path, left_out: int) -> None:
    used = [event for number, event in enumerate(ALL) if number != left_out]
    assert len(audit(used, rules).unused) == 1


def test_what_others_do_is_no_use_of_ours(rules: Path) -> None:
    assert audit([replace(LEASE, user="admin")], rules).unused == audit([], rules).unused


def test_a_refusal_is_a_right_that_is_missing(rules: Path) -> None:
    refused = replace(PATCH, verb="update", code=403, forbidden=True)
    assert audit([*ALL, refused], rules).missing == {Right("watched", "emrjobruns.emrjobs.dev", "update")}


def test_a_403_of_a_namespace_that_is_going_is_none(rules: Path) -> None:
    assert audit([*ALL, replace(EVENT, code=403)], rules).missing == set()


def test_a_lease_elsewhere_is_another_right(rules: Path) -> None:
    assert audit([PATCH, STATUS, EVENT, replace(LEASE, namespace="team-a")], rules).unused == {
        Right("own", "leases.coordination.k8s.io", "update")
    }

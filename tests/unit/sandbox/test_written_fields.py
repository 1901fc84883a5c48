"""The table of what the operator writes."""

from dataclasses import replace

from tests.sandbox.written_fields import written_fields
from tests.unit.sandbox.test_rights_audit import PATCH, STATUS

GUARD = {"uid": "u", "resourceVersion": "1"}


def test_each_member_of_the_metadata_and_each_other_member_is_a_row() -> None:
    events = [
        replace(PATCH, body={"metadata": {**GUARD, "finalizers": []}}),
        replace(STATUS, body={"metadata": GUARD, "status": {"state": "RUNNING"}}),
    ]
    assert written_fields(events) == [
        ("patch", "emrjobruns", "metadata.finalizers"),
        ("patch", "emrjobruns", "metadata.resourceVersion"),
        ("patch", "emrjobruns", "metadata.uid"),
        ("patch", "emrjobruns/status", "metadata.resourceVersion"),
        ("patch", "emrjobruns/status", "metadata.uid"),
        ("patch", "emrjobruns/status", "status"),
    ]


def test_what_others_write_and_what_only_names_the_kind_is_none() -> None:
    spec = {"spec": {"cancel": True}}
    assert (
        written_fields([replace(PATCH, user="somebody", body=spec), replace(PATCH, body={"kind": "EmrJobRun"})]) == []
    )

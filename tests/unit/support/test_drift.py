"""The three-way comparison that stands for Argo CD's and kubectl's."""

from typing import Any

import pytest

from tests.support.drift import drift, merge_patch

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("what", "last_applied", "wanted", "live", "expected"),
    [
        ("the same", {"a": 1}, {"a": 1}, {"a": 1}, {}),
        ("a member that is nobody's", {"a": 1}, {"a": 1}, {"a": 1, "b": 2}, {}),
        ("a member that is nobody's, inside", {"s": {"a": 1}}, {"s": {"a": 1}}, {"s": {"a": 1, "b": 2}}, {}),
        ("a changed member", {"a": 1}, {"a": 1}, {"a": 2}, {"a": 1}),
        ("a missing member", {"a": 1}, {"a": 1}, {}, {"a": 1}),
        ("a missing null", {"a": None}, {"a": None}, {}, {"a": None}),
        ("no longer wanted", {"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": 2}, {"b": None}),
        ("no longer wanted, inside", {"s": {"a": 1}}, {"s": {}}, {"s": {"a": 1}}, {"s": {"a": None}}),
        ("a default inside a list", {}, {"l": [{"a": 1}]}, {"l": [{"a": 1, "b": 2}]}, {"l": [{"a": 1}]}),
    ],
)
def test_drift(what: str, last_applied: Json, wanted: Json, live: Json, expected: Json) -> None:
    assert drift(last_applied, wanted, live) == expected, what


def test_a_merge_patch_says_what_changed() -> None:
    before = {"a": 1, "s": {"x": 1, "y": 2}, "gone": 1, "l": [1]}
    after = {"a": 1, "s": {"x": 1, "y": 3}, "l": [2]}
    assert merge_patch(before, after) == {"s": {"y": 3}, "l": [2], "gone": None}

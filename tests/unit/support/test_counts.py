"""The table by folder counts each outcome where it belongs."""

from tests.support.counts import by_folder, lines


def test_outcomes_are_counted_in_the_folder_below_tests() -> None:
    counted = by_folder(
        [
            ("passed", "tests/unit/core/test_rules.py::test_a[x/y]"),
            ("passed", "tests/unit/test_b.py::test_b"),
            ("failed", "tests/contract/test_c.py::TestC::test_c"),
            ("skipped", "tests/contract/test_c.py::test_d"),
            ("error", "tests/test_e.py"),
        ]
    )
    assert lines(counted) == [
        "unit         2 passed",
        "contract     1 failed, 1 skipped",
        "tests        1 error",
    ]

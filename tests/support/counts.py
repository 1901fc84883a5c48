"""A table at the end of a test run: outcomes by folder of tests/."""

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest

OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
"""The categories of pytest's own last line that count tests."""


def by_folder(outcomes: Iterable[tuple[str, str]]) -> dict[str, Counter[str]]:
    """From (outcome, node id) pairs; the folder is the one directly below ``tests``."""
    counted: dict[str, Counter[str]] = {}
    for outcome, nodeid in outcomes:
        path = PurePosixPath(nodeid.partition("::")[0])
        counted.setdefault(path.parts[1] if len(path.parts) > 2 else "tests", Counter())[outcome] += 1
    return counted


def lines(counted: dict[str, Counter[str]]) -> list[str]:
    """One line a folder, and only the outcomes that happened."""
    return [
        f"{folder:<12} " + ", ".join(f"{counts[word]} {word}" for word in OUTCOMES if counts[word])
        for folder, counts in counted.items()
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Called by pytest after its own report."""
    outcomes = [
        (outcome, report.nodeid)
        for outcome in OUTCOMES
        for report in terminalreporter.stats.get(outcome, [])
        if isinstance(report, pytest.TestReport | pytest.CollectReport)
    ]
    terminalreporter.section("by folder")
    for line in lines(by_folder(sorted(outcomes, key=lambda pair: pair[1]))):
        terminalreporter.line(line)

"""Integration tests run the operator as a process against a real API server and the EMR simulator."""

from collections.abc import Generator

import pytest

from tests.support.charts import chart, helm_program
from tests.support.fixtures import (
    jobs,
    namespace,
    operator,
    runs,
    shared_operator,
    sim,
    start_operator,
    world,
)

__all__ = [
    "chart",
    "helm_program",
    "jobs",
    "namespace",
    "operator",
    "runs",
    "shared_operator",
    "sim",
    "start_operator",
    "world",
]

LOG_LINES = 40


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the control plane, so that `-m 'not controlplane'` leaves it out."""
    for item in items:
        if "world" in getattr(item, "fixturenames", ()):
            item.add_marker("controlplane")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of the newest operator's log beside a failure."""
    report = yield
    there = getattr(item, "funcargs", {}).get("world")
    # The session's last report comes when the world and its files are gone.
    if report.failed and there is not None and there.operators and there.operators[-1].log.exists():
        last = there.operators[-1].logs().splitlines()[-LOG_LINES:]
        report.sections.append(("operator's log, its end", "\n".join(last)))
    return report

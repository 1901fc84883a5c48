"""Contract tests judge by the real thing where there is one: a real API server, and the EMR endpoint."""

import pytest

from tests.support.charts import chart, helm_program
from tests.support.fixtures import namespace, runs, sim, world

__all__ = ["chart", "helm_program", "namespace", "runs", "sim", "world"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the control plane, so that `-m 'not controlplane'` leaves it out."""
    for item in items:
        if "world" in getattr(item, "fixturenames", ()):
            item.add_marker("controlplane")

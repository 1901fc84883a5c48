"""One simulator for all of these tests, with a new world for each, whose time moves only when told."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.emr.process import Simulator


@pytest.fixture(scope="package")
def simulator() -> Iterator[Simulator]:
    with Simulator() as up:
        yield up


@pytest.fixture(autouse=True)
def clean(simulator: Simulator) -> None:
    """Runs are pending for 0.3 s, submitted for 0.3 s, and run for 1 s."""
    simulator.admin.reset()
    simulator.admin.hold_clock()


@pytest.fixture(scope="package")
def emr(simulator: Simulator) -> Any:
    return simulator.client()

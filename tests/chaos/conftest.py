"""Chaos runs the operator as forked processes that are killed, behind proxies, in the session's world."""

from collections.abc import Callable, Iterator

import pytest

from tests.chaos.testbed import ChaosTestbed
from tests.sandbox.world import World
from tests.support.fixtures import world

__all__ = ["world"]

Tell = Callable[[str], None]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the control plane, so that `-m 'not controlplane'` leaves it out."""
    for item in items:
        if "world" in getattr(item, "fixturenames", ()):
            item.add_marker("controlplane")


@pytest.fixture(scope="module")
def testbed(world: World) -> Iterator[ChaosTestbed]:
    """Proxies and a pool of operator processes; the endpoint begins and ends as new."""
    world.sim.reset()
    with ChaosTestbed(world) as ready:
        yield ready
    world.sim.reset()


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Print although pytest captures: tables are what people run this for."""

    def print_it(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}")  # noqa: T201

    return print_it

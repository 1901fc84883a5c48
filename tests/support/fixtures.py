"""Fixtures of tests that need the world: one a session, fresh namespaces, operators to share or to own."""

import secrets
from collections.abc import Callable, Iterator

import pytest

from emrjobs.cli.iam_policy import ACTIONS
from tests.sandbox.controlplane.binaries import provide, why_not
from tests.sandbox.emr.admin import Admin
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.rights_audit import audit
from tests.sandbox.world import World
from tests.support.jobs import Jobs
from tests.support.kube import Runs
from tests.support.shared_operator import SharedOperator

StartOperator = Callable[..., OperatorProcess]


class _OneWorld:
    """The session's world. Folders that each import the fixture below share it; the last one ends it."""

    def __init__(self) -> None:
        self._world: World | None = None
        self._users = 0

    def enter(self) -> World:
        if self._world is None:
            self._world = World(binaries=provide()).__enter__()
        self._users += 1
        return self._world

    def leave(self) -> None:
        self._users -= 1
        if self._users == 0 and self._world is not None:
            self._world.__exit__(None, None, None)
            self._world = None


_ONE = _OneWorld()


@pytest.fixture(scope="session")
def world(pytestconfig: pytest.Config) -> Iterator[World]:
    """The control plane and the EMR endpoint, up for the whole session."""
    if why := why_not():
        pytest.skip(why)
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    # A build says how far it is while it runs.
    with capture.global_and_fixture_disabled():
        entered = _ONE.enter()
    try:
        yield entered
        # Some tests act as the operator's account, by a client of their own; the operator's is aiohttp.
        asked = (event for event in entered.cluster.audit_events() if "aiohttp" in event.user_agent)
        assert audit(asked).missing == set(), "the operator asked for more than rules.yaml grants"
    finally:
        _ONE.leave()


@pytest.fixture(scope="session")
def shared_operator(world: World) -> Iterator[SharedOperator]:
    shared = SharedOperator(world)
    yield shared
    shared.stop()


@pytest.fixture
def namespace(world: World) -> Iterator[str]:
    """A namespace of this test alone, removed after it with all that is in it."""
    name = f"test-{secrets.token_hex(4)}"
    world.kube.create_namespace(name)
    yield name
    world.remove_namespace(name)


@pytest.fixture
def runs(world: World, namespace: str) -> Runs:
    """The EmrJobRuns of this test's namespace, as the admin sees them."""
    return world.kube.runs(namespace)


@pytest.fixture
def sim(world: World) -> Iterator[Admin]:
    """The EMR endpoint, reset: no runs, no scripts, no faults. Only calls that the IAM policy grants reach it."""
    world.sim.reset()
    yield world.sim
    assert set(world.sim.counts()) <= set(ACTIONS)


@pytest.fixture
def jobs(runs: Runs, sim: Admin) -> Jobs:
    """The jobs of this test; whether an operator runs is the test's own affair."""
    return Jobs(runs, sim)


@pytest.fixture
def operator(shared_operator: SharedOperator) -> OperatorProcess:
    """A running operator without rate limits, shared by tests. Do not stop it: see `start_operator`."""
    return shared_operator.running()


@pytest.fixture
def start_operator(world: World, shared_operator: SharedOperator) -> Iterator[StartOperator]:
    """Start operators of this test alone, as `World.operator` does. They may be killed."""
    shared_operator.stop()
    before = len(world.operators)
    yield world.operator
    for own in world.operators[before:]:
        own.kill()
    world.forget_leases()

"""Fixtures of tests that need pods to run: the pod runner beside the session's world."""

import os
from collections.abc import Iterator

import pytest

from tests.sandbox.pods.runner import PodRunner, why_not
from tests.sandbox.world import World
from tests.support.workloads import Workloads

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may run a container as another user")


@pytest.fixture(scope="module")
def pods(world: World) -> Iterator[PodRunner]:
    """Nodes that run what is scheduled. Tokens are renewed every two seconds, to see it happen."""
    if why := why_not():
        pytest.skip(why)
    with PodRunner(world, arguments=("--tokens-last=2", "--first-back-off=0.5")) as runner:
        yield runner


@pytest.fixture
def workloads(world: World, pods: PodRunner, namespace: str) -> Workloads:
    """Deployments, jobs and pods of this test's own namespace."""
    return Workloads(world.kube, pods, namespace)

"""A second kind is served by the shared parts as they are: CRD, informer, store, controller, writes, events, resync."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from emrjobs.adapters.kube import Kube
from emrjobs.core.backoff import Backoff
from emrjobs.core.effects import ObjectEffect
from emrjobs.runtime.controller import Controller
from emrjobs.runtime.event_recorder import EventRecorder
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.health import FailureStreak
from emrjobs.runtime.informer import Informer
from emrjobs.runtime.object_writer import ObjectWriter
from emrjobs.runtime.resync import Resync
from emrjobs.runtime.store import Store
from emrjobs.runtime.watch_progress import WatchProgress
from tests.sandbox.world import World
from tests.support.counter_kind import COUNTER, Counter, CounterReconciler, custom_resource, parse
from tests.support.in_process import configuration_of, reach, serve
from tests.support.kube import Json

SECOND = timedelta(seconds=1)
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
NOT_SERVED = f"the API server does not serve {COUNTER.resource}: are the CRDs installed?"


@pytest.fixture
def crd(world: World) -> Iterator[Callable[[], Json]]:
    """Creates the kind; it is removed in the end."""
    yield lambda: world.kube.request("POST", CRDS, custom_resource().build())
    world.kube.request("DELETE", f"{CRDS}/{COUNTER.resource}")


class Parts:
    """Everything that serves the kind, acting as the admin."""

    def __init__(self, world: World, namespace: str) -> None:
        self.configuration = configuration_of(world.cluster.admin_kubeconfig)
        self.kube = Kube(self.configuration, 4)
        self.recorder = EventRecorder(self.kube)
        self.store = Store[Counter, int](0)
        health = FailureStreak("the API server", SECOND)
        reconciler = CounterReconciler(ObjectWriter(self.store, self.kube, parse, self.recorder, health))
        gate = Gate(SECOND)
        gate.open()
        self.controller: Controller[Counter, int, ObjectEffect] = Controller(
            self.store, reconciler, gate, Backoff(SECOND, SECOND), 2, lambda: 0.0
        )
        self.informer = Informer(COUNTER, self.store, parse, self.controller.enqueue)
        self.resync = Resync(self.informer, self.kube, (namespace,), SECOND, lambda: 0.0)
        self.progress = WatchProgress((COUNTER.path(namespace),), asyncio.Event(), self.resync.soon)


def test_a_second_kind_is_counted_up_told_of_and_let_go(world: World, namespace: str, crd: Callable[[], Json]) -> None:
    path = COUNTER.path(namespace, "one")

    def seen() -> Json:
        return world.kube.request("GET", path)

    def story(made: Parts) -> None:
        reach(made.progress.problem, NOT_SERVED)
        crd()
        reach(made.progress.problem, None)
        metadata = {"name": "one", "finalizers": ["example.com/theirs"]}
        body = {"apiVersion": COUNTER.api_version, "kind": COUNTER.kind, "metadata": metadata, "spec": {"target": 3}}
        world.kube.request("POST", COUNTER.path(namespace), body)
        reach(lambda: seen().get("status", {}).get("count"), 3)
        assert seen()["metadata"]["finalizers"] == ["example.com/theirs", COUNTER.finalizer]
        reach(lambda: [event["reason"] for event in world.kube.events(namespace, "one")], ["Counted"])
        world.kube.request("DELETE", path)
        reach(lambda: seen()["metadata"]["finalizers"], ["example.com/theirs"])
        patch = {"metadata": {"finalizers": None}}
        world.kube.request("PATCH", path, patch, content_type="application/merge-patch+json")
        reach(lambda: len(made.store), 0)

    async def play() -> None:
        made = Parts(world, namespace)
        parts = (made.controller.run(), made.recorder.run(), made.resync.run())
        await serve(
            made.kube, made.configuration, [made.informer], made.progress, parts, namespace, lambda: story(made)
        )

    asyncio.run(play())

"""What a watch lost is found by comparing; what cannot be seen is left as it was."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from emrjobs.adapters.job_run.objects import resource_of
from emrjobs.adapters.kube import ForbiddenError, Kube, KubeError, NotFoundError, Page
from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.kind import Kind
from emrjobs.core.job_run.resource import Resource
from emrjobs.runtime.informer import Informer
from emrjobs.runtime.resync import Resync
from tests.support.builders import a_run
from tests.support.parts import a_store


def item(uid: str, namespace: str, version: str = "1") -> dict[str, Any]:
    metadata = {"uid": uid, "namespace": namespace, "name": uid, "resourceVersion": version, "generation": 1}
    return {"metadata": metadata, "spec": {}, "status": {}}


class FakeKube:
    """Namespaces with objects, some of which refuse us."""

    def __init__(self, items: list[dict[str, Any]], refusing: Mapping[str | None, KubeError] | None = None) -> None:
        self.items = items
        self.refusing = refusing or {}

    async def list_page(self, _kind: Kind, namespace: str | None, *_: Any, metadata_only: bool) -> Page:
        assert metadata_only
        if namespace in self.refusing:
            raise self.refusing[namespace]
        found = [item for item in self.items if namespace in (None, item["metadata"]["namespace"])]
        return Page(tuple(found), "9", None)

    async def get(self, resource: Resource) -> Mapping[str, Any]:
        for found in self.items:
            if found["metadata"]["uid"] == resource.uid:
                return found
        raise NotFoundError(404, "NotFound")


class Stage:
    """A store that knows `one` in `a` and `two` in `b`, version 1 each."""

    def __init__(self, kube: FakeKube, namespaces: tuple[str, ...] = ("a", "b")) -> None:
        self.store = a_store()
        for uid, namespace in (("one", "a"), ("two", "b")):
            self.store.apply(replace(a_run().resource, uid=uid, namespace=namespace, name=uid))
        self.marked: list[str] = []
        minute = timedelta(minutes=1)
        informer = Informer(EMR_JOB_RUN, self.store, resource_of, self.marked.append)
        self.resync = Resync(informer, cast(Kube, kube), namespaces, minute, lambda: 0.0)

    def repaired(self) -> int:
        return asyncio.run(self.resync.once())

    def exists(self, uid: str) -> bool:
        entry = self.store.get(uid)
        return entry is not None and entry.resource.exists


SAME = [item("one", "a"), item("two", "b")]
FORBIDDEN = ForbiddenError(403, "Forbidden")


@pytest.mark.parametrize("namespaces", [(), ("a", "b")])
def test_where_nothing_was_lost_nothing_is_done(namespaces: tuple[str, ...]) -> None:
    stage = Stage(FakeKube(SAME), namespaces)
    assert (stage.repaired(), stage.marked) == (0, [])


def test_changes_additions_and_deletions_that_the_watch_lost_are_found() -> None:
    stage = Stage(FakeKube([item("one", "a", "2"), item("new", "b")]))
    assert stage.repaired() == 3
    assert sorted(stage.marked) == ["new", "one", "two"]
    assert not stage.exists("two")


def test_a_namespace_that_refuses_us_leaves_its_objects_as_they_were_and_stops_no_other() -> None:
    stage = Stage(FakeKube([item("one", "a", "2")], {"b": FORBIDDEN}))
    assert stage.repaired() == 1
    assert stage.marked == ["one"]
    assert stage.exists("two")


def test_where_all_refuse_us_it_has_failed() -> None:
    stage = Stage(FakeKube([], {"a": FORBIDDEN, "b": FORBIDDEN}))
    with pytest.raises(ForbiddenError):
        stage.repaired()
    assert stage.exists("one")


def test_a_list_that_fails_changes_nothing() -> None:
    stage = Stage(FakeKube([item("one", "a", "2")], {"b": KubeError(500, "InternalError")}))
    with pytest.raises(KubeError):
        stage.repaired()
    assert stage.marked == []

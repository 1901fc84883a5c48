"""Active runs are found by target and virtual cluster, and by their id, as long as they are active."""

import pytest

from emrjobs.core.job_run.target import NOWHERE, NoTarget, Target, TargetKey
from emrjobs.runtime.job_run.entries import JobRunStore
from emrjobs.runtime.job_run.run_index import RunIndex
from tests.support.builders import CLUSTER, RUN_ID, UID, World, a_run
from tests.support.parts import TARGET, a_run_index, a_store

NEW, RUNNING, ENDED = a_run(), a_run().running(), a_run().ended()


def version(world: World, number: str) -> World:
    return world.having(resource_version=number)


def filled(*worlds: World) -> tuple[JobRunStore, RunIndex]:
    index = a_run_index()
    store = a_store(index)
    for world in worlds:
        store.apply(world.resource)
    return store, index


def test_active_runs_are_found_by_virtual_cluster() -> None:
    store, index = filled(version(RUNNING, "1"))
    assert (index.clusters(TARGET), dict(index.active(TARGET, CLUSTER))) == ((CLUSTER,), {RUN_ID: (UID,)})
    store.apply(version(ENDED, "2").resource)
    assert (index.clusters(TARGET), dict(index.active(TARGET, CLUSTER))) == ((), {})


@pytest.mark.parametrize("world", [NEW, a_run().intended(), ENDED, a_run().failed_once()], ids=str)
def test_objects_without_an_active_run_have_none(world: World) -> None:
    assert filled(world)[1].clusters(TARGET) == ()


def test_each_object_has_its_own_run_in_the_index() -> None:
    other = RUNNING.having(uid="other").saying(id="another")
    store, index = filled(RUNNING, other)
    assert dict(index.active(TARGET, CLUSTER)) == {RUN_ID: (UID,), "another": ("other",)}
    store.forget(UID)
    assert dict(index.active(TARGET, CLUSTER)) == {"another": ("other",)}


def test_the_second_attempt_takes_the_place_of_the_first_in_the_index() -> None:
    store, index = filled(version(RUNNING, "1"))
    store.apply(version(a_run().failed_once(), "2").resource)
    assert index.clusters(TARGET) == ()
    store.apply(version(RUNNING.saying(id="second", attempt=2), "3").resource)
    assert dict(index.active(TARGET, CLUSTER)) == {"second": (UID,)}


def test_an_object_whose_status_names_anothers_run_takes_nothing_from_it() -> None:
    store, index = filled(RUNNING, RUNNING.having(uid="forger"))
    assert index.uids_of(RUN_ID) == (UID, "forger")
    store.forget("forger")
    assert index.uids_of(RUN_ID) == (UID,)


def test_a_run_that_another_account_is_named_for_is_found_there_and_nowhere_else() -> None:
    places: list[Target | NoTarget] = [Target(TARGET)]
    index = RunIndex(lambda _: places[-1])
    store = a_store(index)
    store.apply(RUNNING.resource)
    other = TargetKey("arn:aws:iam::222222222222:role/emr-submit", "eu-west-1")
    for place, key in ((Target(other), other), (NOWHERE, None), (Target(TARGET), TARGET)):
        assert not index.relocate(RUNNING.resource)
        places.append(place)
        assert index.relocate(RUNNING.resource)
        assert [known for known in (TARGET, other) if index.clusters(known)] == [known for known in (key,) if known]
        assert index.uids_of(RUN_ID) == (UID,)
    places.append(Target(other))
    store.forget(UID)
    assert index.uids_of(RUN_ID) == ()
    assert not index.relocate(RUNNING.resource)

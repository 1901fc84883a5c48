"""What an object costs in memory: with ten thousand of them, little may be kept of each."""

import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from emrjobs.adapters.job_run.objects import resource_of
from emrjobs.adapters.job_run.shapes import progress
from emrjobs.core.job_run.memory_updates import Moment, listed
from tests.support.builders import CLUSTER, TIMING
from tests.support.jobs import spark_pi
from tests.support.parts import a_store

Json = dict[str, Any]
OBJECTS = 300
STORED, FOLLOWED = 3600, 700
"""Bytes of an object in the store, and of what a list shows of its run. The raw object takes 11,000."""
THEN = "2026-01-01T12:00:00.000001Z"
ENDED = {"state": "COMPLETED", "finishedAt": THEN, "stateDetails": "JobRun completed successfully."}
ROLE = "arn:aws:sts::123456789012:assumed-role/emrjobs/session"


def condition(kind: str, status: str) -> Json:
    words = {"reason": "Running", "message": "The job run is running"}
    return {"type": kind, "status": status, "observedGeneration": 1, "lastTransitionTime": THEN, **words}


def submitted(number: int, *kinds: str, **members: str) -> Json:
    """An object with a run, freshly read from JSON, so that nothing in it is shared."""
    uid, run = f"{number:08d}-0000-4000-8000-000000000000", f"{number:019x}"
    status = {
        "observedGeneration": 1,
        "state": "RUNNING",
        "id": run,
        "arn": f"arn:aws:emr-containers:eu-west-1:123456789012:/virtualclusters/{CLUSTER}/jobruns/{run}",
        "name": f"job-{number}",
        "virtualClusterId": CLUSTER,
        "clientToken": uid,
        "attempt": 1,
        "submittedGeneration": 1,
        "createdBy": ROLE,
        **dict.fromkeys(("submissionStartedAt", "createdAt", "startedAt", "wantedSince", "activeSince"), THEN),
        **members,
        "conditions": [condition(kind, "True") for kind in kinds],
    }
    metadata = {
        "uid": uid,
        "namespace": "team-a",
        "name": f"job-{number}",
        "resourceVersion": str(number),
        "generation": 1,
        "creationTimestamp": THEN,
        "finalizers": ["emrjobs.dev/job-run"],
        "managedFields": [{"manager": "kubectl", "fieldsV1": {f"f:{name}": {} for name in status}}],
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "x" * 1000},
    }
    found: Json = json.loads(json.dumps({"metadata": metadata, "spec": spark_pi(CLUSTER), "status": status}))
    return found


def bytes_each(work: Callable[[int], object]) -> float:
    """What remains of a piece of work, once it has been done a few times."""
    for number in range(10):
        work(number)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(10, OBJECTS + 10):
            work(number)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / OBJECTS


@pytest.mark.parametrize(
    ("kinds", "members"),
    [(("Ready", "Reconciling"), {}), (("Ready", "Complete", "Finished"), ENDED)],
    ids=["running", "finished"],
)
def test_a_stored_object_is_small(kinds: tuple[str, ...], members: dict[str, str]) -> None:
    store = a_store()
    assert bytes_each(lambda number: store.apply(resource_of(submitted(number, *kinds, **members)))) < STORED
    assert len(store) == OBJECTS + 10


def test_what_lists_show_of_a_run_is_small() -> None:
    store = a_store()
    for number in range(OBJECTS + 10):
        store.apply(resource_of(submitted(number, "Ready", "Reconciling")))

    def show(number: int) -> None:
        raw = submitted(number)["status"]
        entry = store.get(raw["clientToken"])
        assert entry is not None
        run = progress({**raw, "createdAt": datetime.now(UTC)})
        now = datetime.now(UTC)
        entry.memory = listed(entry.memory, run, Moment(now, now, 0.5, TIMING, 1))

    assert bytes_each(show) < FOLLOWED


def test_a_waiting_object_with_a_large_spec_is_as_small_as_another() -> None:
    store = a_store()

    def keep(number: int) -> None:
        raw = json.loads(json.dumps(submitted(number)))
        raw["status"] = {"state": "SUSPENDED"}
        raw["spec"]["jobDriver"]["sparkSubmitJobDriver"]["entryPointArguments"] = ["x" * 10_000 for _ in range(12)]
        store.apply(resource_of(raw))

    assert bytes_each(keep) < STORED

"""Others work on the same objects at the same time: nothing is lost, and nothing is done twice."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.sandbox.operator_process import OperatorProcess
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import ApiError
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")

CONFLICTS = "emrjobs_kube_conflicts_total"


@contextmanager
def busy_labels(jobs: Jobs, names: list[str]) -> Iterator[None]:
    """Meanwhile somebody changes a label of every object again and again."""
    enough = threading.Event()

    def work(name: str) -> None:
        number = 0
        while not enough.wait(0.01):
            number += 1
            try:
                jobs.runs.patch(name, {"metadata": {"labels": {"turn": str(number)}}})
            except ApiError as error:
                if error.code not in (404, 409):
                    raise

    threads = [threading.Thread(target=work, args=(name,), daemon=True) for name in names]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        enough.set()
        for thread in threads:
            thread.join(10)


def test_conflicts_at_every_write_cost_no_second_run(jobs: Jobs, operator: OperatorProcess) -> None:
    before = operator.metrics().get(CONFLICTS, 0.0)
    names = [f"job-{number}" for number in range(3)]
    submitted = jobs.submit_all(names, "run=2")

    with busy_labels(jobs, names):
        jobs.all_reach("COMPLETED", 3)

    jobs.one_run_each(submitted)
    jobs.statuses_are_true()
    until(lambda: operator.metrics().get(CONFLICTS, 0.0) > before, 10, "somebody was in the way")
    assert {call["code"] for call in jobs.calls("StartJobRun")} == {"OK"}


def test_an_object_torn_away_leaves_no_run_behind(jobs: Jobs) -> None:
    job = jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")

    # In one step, so that the operator never sees the deletion coming.
    jobs.runs.patch("job", {"metadata": {"finalizers": None}})
    jobs.runs.delete("job")
    jobs.runs.release("job")

    until(lambda: jobs.run_of(job)["state"] == "CANCELLED", 30, "the run is cancelled")


def test_the_same_name_again_is_another_run(jobs: Jobs) -> None:
    first = jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")
    jobs.runs.delete("job")
    jobs.gone()

    second = jobs.submit(script="run=0")

    status = jobs.reaches("COMPLETED")
    assert status["id"] == jobs.run_of(second)["id"] != jobs.run_of(first)["id"]
    assert jobs.run_of(first)["state"] == "CANCELLED"
    jobs.one_run_each([first, second])


def test_the_same_name_while_a_retained_run_goes_on(jobs: Jobs) -> None:
    first = jobs.submit(script=FOR_EVER, deletionPolicy="Retain")
    jobs.reaches("RUNNING")
    jobs.runs.delete("job")
    jobs.gone()

    second = jobs.submit(script="run=0")

    jobs.reaches("COMPLETED")
    assert jobs.run_of(first)["state"] == "RUNNING"
    jobs.one_run_each([first, second])


def test_a_foreign_finalizer_keeps_the_object_but_not_the_run(jobs: Jobs) -> None:
    job = jobs.runs.create("job", jobs.spec(FOR_EVER), finalizers=["example.com/theirs"])
    jobs.reaches("RUNNING")

    jobs.runs.delete("job")

    jobs.reaches("CANCELLED")
    until(lambda: jobs.runs.get("job")["metadata"]["finalizers"] == ["example.com/theirs"], 10, "ours is gone")
    assert jobs.run_of(job)["state"] == "CANCELLED"
    jobs.runs.release("job")
    jobs.gone()

"""The moments in the life of a run at which a member of the spec may be flipped, each brought about on purpose."""

from collections.abc import Callable
from typing import Final

from tests.support.jobs import FOR_EVER, Jobs, situation
from tests.support.kube import Json
from tests.support.poll import until

HELD: Final = 1.5
"""Seconds for which the endpoint sits on a request."""

MOMENTS: Final = (
    "before intent",
    "between intent and answer",
    "PENDING",
    "RUNNING",
    "CANCEL_PENDING",
    "ended",
    "Finished",
)


def before_intent(jobs: Jobs, **members: object) -> Json:
    """The virtual cluster takes no run: it waits, and nothing is recorded."""
    jobs.sim.put_cluster(jobs.cluster, schedulerConfiguration={"maxInQueueJobRuns": 0})
    job = jobs.submit(script=FOR_EVER, **members)
    jobs.shows(lambda seen: seen.get("state") == "QUEUED" and "clientToken" not in seen, "waits without an intent")
    return job


def between_intent_and_answer(jobs: Jobs, **members: object) -> Json:
    """The request has arrived, and the endpoint sits on it."""
    jobs.sim.fault("slow", "StartJobRun", virtual_cluster_id=jobs.cluster, seconds=HELD, times=1)
    job = jobs.submit(script=FOR_EVER, **members)
    until(lambda: jobs.calls("StartJobRun"), 20, "the request is on its way")
    assert "id" not in jobs.status()
    return job


def pending(jobs: Jobs, **members: object) -> Json:
    return _active(jobs, "PENDING", "stuck=PENDING", members)


def running(jobs: Jobs, **members: object) -> Json:
    return _active(jobs, "RUNNING", FOR_EVER, members)


def cancel_pending(jobs: Jobs, **members: object) -> Json:
    """Somebody else cancels the run, and that takes its time."""
    job = _active(jobs, "RUNNING", f"{FOR_EVER};cancel=2.5", members)
    jobs.sim.cancel(jobs.status()["id"])
    jobs.reaches("CANCEL_PENDING")
    return job


def ended(jobs: Jobs, **members: object) -> Json:
    """AWS has ended the run, and the operator has not heard of it: for a second its looks meet errors."""
    job = _active(jobs, "RUNNING", FOR_EVER, members)
    for operation in ("ListJobRuns", "DescribeJobRun"):
        jobs.sim.fault("unavailable", operation, virtual_cluster_id=jobs.cluster, times=4)
    jobs.sim.put_state(jobs.status()["id"], "COMPLETED")
    return job


def finished(jobs: Jobs, **members: object) -> Json:
    job = jobs.submit(script="run=0", **members)
    jobs.shows(lambda seen: "Finished" in situation(seen), "is finished")
    return job


ARRANGE: Final[dict[str, Callable[..., Json]]] = dict(
    zip(
        MOMENTS,
        (before_intent, between_intent_and_answer, pending, running, cancel_pending, ended, finished),
        strict=True,
    )
)


def _active(jobs: Jobs, state: str, script: str, members: dict[str, object]) -> Json:
    job = jobs.submit(script=script, **members)
    jobs.reaches(state)
    return job

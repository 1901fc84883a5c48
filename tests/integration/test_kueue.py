"""Kueue's contract on `suspend`, acted out by a client that patches nothing but `suspend`."""

import pytest

from tests.support.attempts import never_seemed_over, never_two_at_once, one_run_per_attempt
from tests.support.jobs import FOR_EVER, Jobs, situation
from tests.support.kube import Json
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")


class Queue:
    """What a queue does to a job, and what it reads to know where the job stands."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def admit(self) -> None:
        self._jobs.runs.patch_spec("job", suspend=False)

    def evict(self) -> None:
        self._jobs.runs.patch_spec("job", suspend=True)

    def is_active(self) -> bool:
        """Whether it may still use what it was admitted to: quota is only given away when this is false."""
        return "Suspended" not in situation(self._jobs.status())

    def finished(self) -> bool:
        return situation(self._jobs.status()).get("Finished") == "True"

    def stopped(self) -> None:
        until(lambda: not self.is_active(), 30, "it has stopped")


@pytest.fixture
def queued(jobs: Jobs) -> Json:
    """A job as a queue's webhook leaves it: created suspended."""
    job = jobs.submit(script=f"{FOR_EVER};cancel=1", suspend=True)
    jobs.reaches("SUSPENDED")
    return job


def alive(jobs: Jobs) -> list[str]:
    return [run["id"] for run in jobs.at_endpoint() if run["state"] not in ("CANCELLED", "COMPLETED", "FAILED")]


def test_admitted_evicted_and_admitted_again(jobs: Jobs, queued: Json) -> None:
    queue = Queue(jobs)
    assert (queue.is_active(), jobs.calls()) == (False, [])
    for number in (1, 2, 3):
        queue.admit()
        status = jobs.reaches("RUNNING")
        assert (status["attempt"], alive(jobs)) == (number, [status["id"]])
        queue.evict()
        queue.stopped()
        # Quota is given to another job now: nothing of ours may be left.
        assert alive(jobs) == []
    queue.admit()
    jobs.sim.put_state(jobs.reaches("RUNNING")["id"], "COMPLETED")

    until(queue.finished, 30, "it is finished")

    status = jobs.status()
    assert [(a["attempt"], a["state"]) for a in status["attempts"]] == [(n, "CANCELLED") for n in (1, 2, 3)]
    one_run_per_attempt(jobs, queued, 4)
    never_two_at_once(jobs)
    never_seemed_over(jobs.runs.history(queued))


def test_evicted_before_anything_was_started(jobs: Jobs, queued: Json) -> None:
    jobs.sim.put_cluster(jobs.cluster, schedulerConfiguration={"maxInQueueJobRuns": 0})
    queue = Queue(jobs)
    queue.admit()
    jobs.explains("ClusterBusy")

    queue.evict()

    queue.stopped()
    assert jobs.at_endpoint() == []


def test_the_spec_is_as_it_was_after_a_whole_life(jobs: Jobs, queued: Json) -> None:
    """Nothing is ever written to spec, labels or annotations: a queue's own marks stay."""
    marks = {"labels": {"kueue.x-k8s.io/queue-name": "team-a"}}
    jobs.runs.patch("job", {"metadata": marks})
    Queue(jobs).admit()
    jobs.sim.put_state(jobs.reaches("RUNNING")["id"], "COMPLETED")
    jobs.reaches("COMPLETED")

    found = jobs.runs.get("job")

    assert found["spec"] == {**queued["spec"], "suspend": False}
    assert (found["metadata"]["labels"], found["metadata"].get("annotations")) == (marks["labels"], None)


def test_finished_says_how_it_ended(jobs: Jobs) -> None:
    jobs.submit(script="reason=USER_ERROR;run=0", suspend=True)
    jobs.reaches("SUSPENDED")
    queue = Queue(jobs)
    queue.admit()

    until(queue.finished, 30, "it is finished")

    assert situation(jobs.status())["Failed"] == "True"

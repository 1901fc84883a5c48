"""Runs followed with the help of an event queue: whatever becomes of its messages, every status comes true."""

from collections.abc import Iterator

import pytest

from tests.sandbox.emr.admin import Admin
from tests.sandbox.operator_process import OperatorProcess
from tests.support.event_queue import Queue, Sqs, message, sqs_server
from tests.support.fixtures import StartOperator
from tests.support.jobs import Jobs
from tests.support.poll import until
from tests.support.ports import free_port
from tests.support.shared_operator import ENVIRONMENT

NAMES = [f"job-{number}" for number in range(12)]
MIXED = ["run=1", "run=2;outcome=FAILED;reason=USER_ERROR", "run=3"]
NEVER = "100000"
"""Seconds between two lists: what shows before was hinted at."""


@pytest.fixture(scope="module")
def sqs() -> Iterator[Sqs]:
    with sqs_server() as up:
        yield up


@pytest.fixture
def queue(sqs: Sqs, sim: Admin, namespace: str) -> Iterator[Queue]:
    """A queue of this test alone, to which the endpoint's events go."""
    made = sqs.queue(namespace)
    sim.settings(events={"queue_url": made.url, "endpoint_url": made.endpoint})
    yield made
    sim.settings(events={"queue_url": None, "endpoint_url": None, "loss": 0.0, "double": 0.0, "delay": 0.0})


def hinted(start_operator: StartOperator, queue: Queue, **environment: str) -> OperatorProcess:
    """An operator that reads the queue and seldom lists."""
    return start_operator(**{**ENVIRONMENT, **queue.environment, "EMRJOBS_UNLISTED": NEVER, **environment})


def used(operator: OperatorProcess, result: str) -> float:
    return operator.metrics().get(f'emrjobs_hints_total{{result="{result}"}}', 0.0)


def all_end_true(jobs: Jobs) -> None:
    """Submit a few that end in different ways, and wait until every status says how."""
    made = [jobs.submit(name, MIXED[number % 3]) for number, name in enumerate(NAMES)]
    for number, name in enumerate(NAMES):
        jobs.reaches("FAILED" if number % 3 == 1 else "COMPLETED", name, 60)
    jobs.one_run_each(made)
    jobs.statuses_are_true()


@pytest.mark.parametrize("kind", ["EMR Job Run State Change", "EmrContainers Job Run State Change"])
def test_what_happens_shows_without_any_list(
    jobs: Jobs, queue: Queue, start_operator: StartOperator, sim: Admin, kind: str
) -> None:
    sim.settings(events={"detail_type": kind})
    operator = hinted(start_operator, queue, EMRJOBS_POLL_INTERVAL_HINTED=NEVER)
    until(lambda: sim.events()["held"] == 0, 10, "no event waits")
    jobs.submit("job", "run=3")
    jobs.reaches("COMPLETED")
    until(lambda: used(operator, "taken") >= 1, 10, "a hint is counted")
    until(lambda: queue.left() == 0, 20, "the queue is empty")


@pytest.mark.parametrize(
    "fault",
    [{"loss": 1.0}, {"loss": 0.5}, {"double": 1.0}, {"delay": [0.0, 4.0]}, {"loss": 0.3, "double": 0.5, "delay": 2.0}],
    ids=["all are lost", "half are lost", "all come twice", "late and out of order", "all of it"],
)
def test_whatever_becomes_of_the_messages_nothing_is_lost(
    jobs: Jobs, queue: Queue, start_operator: StartOperator, sim: Admin, fault: dict[str, object]
) -> None:
    sim.settings(events=fault)
    hinted(start_operator, queue, EMRJOBS_POLL_INTERVAL_HINTED="2")
    all_end_true(jobs)
    assert jobs.states() == {"COMPLETED": 8, "FAILED": 4}


def test_foreign_and_malformed_messages_do_no_harm(jobs: Jobs, queue: Queue, start_operator: StartOperator) -> None:
    operator = hinted(start_operator, queue, EMRJOBS_POLL_INTERVAL_HINTED="2")
    queue.send(*["{"] * 12, *(message(f"ofsomebodyelse{number}") for number in range(12)))
    all_end_true(jobs)
    until(lambda: queue.left() == 0, 20, "the queue is empty")
    until(lambda: used(operator, "malformed") >= 12, 10, "the malformed are counted")
    until(lambda: used(operator, "foreign") >= 12, 10, "the foreign are counted")


def test_without_the_queue_the_lists_go_on(jobs: Jobs, queue: Queue, start_operator: StartOperator) -> None:
    away = {"AWS_ENDPOINT_URL_SQS": f"http://127.0.0.1:{free_port()}"}
    operator = hinted(start_operator, queue, **away, EMRJOBS_POLL_INTERVAL_HINTED=NEVER)
    all_end_true(jobs)
    until(lambda: used(operator, "failed") >= 1, 10, "the failure is counted")


def test_a_queue_that_comes_late_is_used(
    jobs: Jobs, sqs: Sqs, sim: Admin, start_operator: StartOperator, namespace: str
) -> None:
    url = sqs.queue("there").url.replace("there", namespace)
    operator = hinted(start_operator, Queue(sqs.client, url, sqs.endpoint), EMRJOBS_POLL_INTERVAL_HINTED=NEVER)
    until(lambda: used(operator, "failed"), 20, "the missing queue is noticed")
    assert sqs.queue(namespace).url == url
    sim.settings(events={"queue_url": url, "endpoint_url": sqs.endpoint})
    jobs.submit("job", "run=15")
    until(lambda: used(operator, "taken"), 40, "a hint is taken")
    jobs.reaches("COMPLETED", timeout=60)
    sim.settings(events={"queue_url": None, "endpoint_url": None})

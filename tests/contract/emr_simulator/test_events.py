"""EventBridge-shaped messages in a real SQS API (moto's server): what comes, and what is lost or doubled."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.sandbox.emr.ids import DEFAULT_VIRTUAL_CLUSTER
from tests.sandbox.emr.process import REGION, Simulator
from tests.sandbox.emr.samples import request
from tests.support.poll import until

ENDED = {"COMPLETED": "INFO", "FAILED": "ERROR", "CANCELLED": "WARN"}


@pytest.fixture(scope="module")
def sqs() -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield boto3.client(
            "sqs",
            endpoint_url=f"http://{host}:{port}",
            region_name=REGION,
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )
    finally:
        server.stop()


@pytest.fixture
def received(simulator: Simulator, sqs: Any, request: pytest.FixtureRequest) -> Callable[[], list[dict[str, Any]]]:
    """All messages since the test began, once the simulator holds none back."""
    queue = sqs.create_queue(QueueName=f"q{abs(hash(request.node.name))}")["QueueUrl"]
    simulator.admin.reset(events={"queue_url": queue, "endpoint_url": sqs.meta.endpoint_url})
    simulator.admin.hold_clock()
    found: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        until(lambda: simulator.admin.events()["held"] == 0, 20, "no message held back")
        while batch := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for item in batch:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=item["ReceiptHandle"])
                found.append(json.loads(item["Body"]))
        return found

    return read


def start(simulator: Simulator, token: str, script: str | None = None, **members: Any) -> str:
    return str(simulator.client().start_job_run(**request(token, script, **members))["id"])


def states(messages: list[dict[str, Any]]) -> list[str]:
    return [message["detail"]["state"] for message in messages]


def test_every_change_but_the_first_is_told(simulator: Simulator, received: Any) -> None:
    run_id = start(simulator, "t")
    simulator.admin.advance(10)
    messages = received()
    assert sorted(states(messages)) == ["COMPLETED", "RUNNING", "SUBMITTED"]
    message = messages[0]
    assert message["source"] == "aws.emr-containers"
    assert message["detail-type"] == "EMR Job Run State Change"
    assert (message["account"], message["region"]) == ("123456789012", REGION)
    assert (message["detail"]["id"], message["detail"]["virtualClusterId"]) == (run_id, DEFAULT_VIRTUAL_CLUSTER)


@pytest.mark.parametrize("outcome", ENDED)
def test_ends_have_their_severity(simulator: Simulator, received: Any, outcome: str) -> None:
    start(simulator, "t", f"outcome={outcome}")
    simulator.admin.advance(10)
    (last,) = [message["detail"] for message in received() if message["detail"]["state"] == outcome]
    assert last["severity"] == ENDED[outcome]


def test_cancel_pending_is_not_told(simulator: Simulator, received: Any) -> None:
    run_id = start(simulator, "t")
    simulator.client().cancel_job_run(virtualClusterId=DEFAULT_VIRTUAL_CLUSTER, id=run_id)
    simulator.admin.advance(10)
    assert states(received()) == ["CANCELLED"]


def test_new_driver_attempts_are_told(simulator: Simulator, received: Any) -> None:
    start(simulator, "t", "fails=1", retryPolicyConfiguration={"maxAttempts": 2})
    simulator.admin.advance(10)
    (told,) = [m for m in received() if m["detail-type"] == "EMR Job Run New Driver Attempt"]
    assert told["detail"]["currentAttemptCount"] == 2


def test_messages_may_be_lost_or_doubled(simulator: Simulator, received: Any) -> None:
    simulator.admin.settings(events={"double": 1.0})
    start(simulator, "t1")
    simulator.admin.advance(10)
    assert sorted(states(received())) == sorted(["COMPLETED", "RUNNING", "SUBMITTED"] * 2)
    simulator.admin.settings(events={"loss": 1.0})
    start(simulator, "t2")
    simulator.admin.advance(10)
    assert len(received()) == 6
    assert simulator.admin.events()["lost"] == 3


def test_messages_may_be_late_and_out_of_order(simulator: Simulator, received: Any) -> None:
    simulator.admin.settings(events={"delay": [0.0, 0.6]})
    for i in range(15):
        start(simulator, f"t{i}")
    simulator.admin.advance(10)
    messages = received()
    by_run: dict[str, list[str]] = {}
    for message in messages:
        by_run.setdefault(message["detail"]["id"], []).append(message["detail"]["state"])
    assert len(messages) == 45
    assert any(order != ["SUBMITTED", "RUNNING", "COMPLETED"] for order in by_run.values())


def test_a_queue_that_is_away_is_counted(simulator: Simulator, received: Any) -> None:
    simulator.admin.settings(events={"endpoint_url": "http://127.0.0.1:9"})
    start(simulator, "t")
    simulator.admin.advance(10)
    until(lambda: simulator.admin.events()["failed"] == 3, 20, "three failures")

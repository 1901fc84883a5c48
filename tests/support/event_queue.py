"""A real SQS queue (moto's server in a thread), the messages that EventBridge sends to it, and what is left there."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from tests.sandbox.world import REGION

DETAIL = {"severity": "INFO", "virtualClusterId": "vc", "state": "COMPLETED", "message": "It is over."}
ENDED = {
    "version": "0",
    "id": "11111111-2222-3333-4444-555555555555",
    "detail-type": "EMR Job Run State Change",
    "source": "aws.emr-containers",
    "account": "123456789012",
    "time": "2026-01-01T12:00:00Z",
    "region": REGION,
    "resources": [],
    "detail": DETAIL,
}


def message(run_id: str, **members: object) -> dict[str, Any]:
    """EventBridge's message that a run has completed; `members` take the place of its own."""
    return {**ENDED, "detail": {**DETAIL, "id": run_id}, **members}


@dataclass(frozen=True, slots=True)
class Sqs:
    """Moto's server, with a client of the test's own."""

    client: Any
    endpoint: str

    def queue(self, name: str, again_after: int = 30) -> "Queue":
        """A queue. A message that was received and not deleted comes again after so many seconds."""
        made = self.client.create_queue(QueueName=name, Attributes={"VisibilityTimeout": str(again_after)})
        return Queue(self.client, str(made["QueueUrl"]), self.endpoint)


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue."""

    client: Any
    url: str
    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """What makes an operator, or an `EventQueue` of this process, use it."""
        return {"EMRJOBS_EVENT_QUEUE_URL": self.url, "AWS_ENDPOINT_URL_SQS": self.endpoint}

    def send(self, *bodies: str | Mapping[str, object]) -> None:
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self.client.send_message(QueueUrl=self.url, MessageBody=text)

    def left(self) -> int:
        """Messages that are not deleted: to be received, or received a moment ago."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        found = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=list(names))["Attributes"]
        return sum(int(found[name]) for name in names)


@contextmanager
def sqs_server(port: int = 0) -> Iterator[Sqs]:
    """Up from `with` to its end."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port)
    server.start()
    try:
        host, given = server.get_host_and_port()
        endpoint = f"http://{host}:{given}"
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        yield Sqs(boto3.client("sqs", endpoint_url=endpoint, region_name=REGION, **keys), endpoint)
    finally:
        server.stop()

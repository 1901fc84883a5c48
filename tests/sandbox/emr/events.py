"""Messages of EventBridge's shape into an SQS queue, with loss, doubling and delay (which reorders)."""

import asyncio
import heapq
import itertools
import json
import random
import uuid
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.sandbox.emr.life import Moment, Run
from tests.sandbox.emr.region import Region
from tests.sandbox.emr.runs import length
from tests.sandbox.emr.service import Service
from tests.sandbox.emr.settings import Events
from tests.sandbox.emr.wire import instant

SEVERITY = {
    "SUBMITTED": "INFO",
    "RUNNING": "INFO",
    "COMPLETED": "INFO",
    "CANCELLED": "WARN",
    "FAILED": "ERROR",
}


def envelope(region: Region, run: Run, detail_type: str, at: float, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": "aws.emr-containers",
        "account": region.account,
        "time": instant(at, 0),
        "region": region.name,
        "resources": [],
        "detail": {
            "name": run.request.get("name"),
            "id": run.id,
            "arn": run.arn,
            "virtualClusterId": run.cluster,
            **detail,
        },
    }


def message(region: Region, run: Run, moment: Moment, events: Events) -> dict[str, Any] | None:
    """What EventBridge would send of this moment; None where it is silent."""
    if moment.state == "RUNNING" and moment.attempt > 1:
        detail = {
            "currentAttemptCount": moment.attempt,
            "newDriverPodName": f"spark-{run.id}-driver-{moment.attempt}",
            "newDriverCreatedAt": instant(moment.at, 0),
            "previousDriverFailureMessage": "Driver pod failed",
            "severity": "INFO",
        }
        return envelope(region, run, "EMR Job Run New Driver Attempt", moment.at, detail)
    if moment.state not in SEVERITY:
        return None
    text = f"Job run {run.id} in virtual cluster {run.cluster} is in state {moment.state}."
    detail = {"severity": SEVERITY[moment.state], "state": moment.state, "message": text}
    return envelope(region, run, events.detail_type, moment.at, detail)


class Publisher:
    """Holds messages until they are due (in real time), then sends them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._order = itertools.count()
        self._held: list[tuple[float, int, dict[str, Any]]] = []
        self._dice = random.Random(service.settings.seed)
        self._clients: dict[tuple[str | None, str], Any] = {}
        self._one_at_a_time = asyncio.Lock()
        self._going_out = 0
        self.sent = self.lost = self.failed = 0
        service.observers.append(self.observe)

    def observe(self, region: Region, run: Run, moment: Moment) -> None:
        events = self._service.settings.events
        if events.queue_url is None:
            return
        body = message(region, run, moment, events)
        if body is None:
            return
        if self._dice.random() < events.loss:
            self.lost += 1
            return
        copies = 2 if self._dice.random() < events.double else 1
        for _ in range(copies):
            due = self._service.wall() + length(events.delay, self._dice)
            heapq.heappush(self._held, (due, next(self._order), body))

    def clear(self) -> None:
        self._held.clear()
        self.sent = self.lost = self.failed = 0

    def stats(self) -> dict[str, int]:
        held = len(self._held) + self._going_out
        return {"sent": self.sent, "lost": self.lost, "failed": self.failed, "held": held}

    async def flush(self) -> None:
        """Send what is due."""
        async with self._one_at_a_time:
            while self._held and self._held[0][0] <= self._service.wall():
                self._going_out = 1
                body = heapq.heappop(self._held)[2]
                await asyncio.to_thread(self._send, body)
                self._going_out = 0

    def _send(self, body: dict[str, Any]) -> None:
        events = self._service.settings.events
        if events.queue_url is None:
            return
        try:
            client = self._sqs(events.endpoint_url, body["region"])
            client.send_message(QueueUrl=events.queue_url, MessageBody=json.dumps(body))
            self.sent += 1
        except (BotoCoreError, ClientError, ValueError):
            self.failed += 1  # best effort, as EventBridge is; counted so that tests can see it

    def _sqs(self, endpoint: str | None, region: str) -> Any:
        """The queue is in the region of the runs, as EventBridge's targets are."""
        if (endpoint, region) not in self._clients:
            self._clients[endpoint, region] = boto3.client(
                "sqs",
                endpoint_url=endpoint,
                region_name=region,
                aws_access_key_id="sandbox",
                aws_secret_access_key="sandbox",
                config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}),
            )
        return self._clients[endpoint, region]

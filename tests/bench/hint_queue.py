"""An SQS queue in a process of its own: moto's server, and what makes simulator and operator use it."""

import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import boto3

from tests.sandbox.processes import Process, clean_environment
from tests.sandbox.world import REGION
from tests.support.poll import until
from tests.support.ports import free_port


class HintQueue:
    """From `with` to its end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        server = "from moto.server import main; main()"
        argv = [sys.executable, "-c", server, "-H", "127.0.0.1", "-p", str(port)]
        log = self._folder / "logs" / "sqs.log"
        self._process = Process("sqs", argv, env=clean_environment(self._folder), log=log)
        try:
            self.url = until(self._created, 60, "a queue at moto's server", ignore=(Exception,))
        except BaseException:
            self._process.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()

    @property
    def events(self) -> dict[str, str]:
        """The simulator's settings."""
        return {"queue_url": self.url, "endpoint_url": self.endpoint}

    @property
    def environment(self) -> dict[str, str]:
        """The operator's."""
        return {"EMRJOBS_EVENT_QUEUE_URL": self.url, "AWS_ENDPOINT_URL_SQS": self.endpoint}

    def _created(self) -> str:
        self._process.must_run()
        client = boto3.client(
            "sqs",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",
        )
        return str(client.create_queue(QueueName="emrjobs")["QueueUrl"])

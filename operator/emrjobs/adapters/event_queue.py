"""An SQS queue that EventBridge feeds. Long polling, and deletion in batches."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emrjobs.adapters.aws_session import new_session

T = TypeVar("T")

_BATCH: Final = 10
"""The most that one SQS call takes (SQS API reference)."""
_WAIT_SECONDS: Final = 5
"""A long poll. SQS offers 20 s, but a process that stops has to outwait the poll under way."""


class QueueError(Exception):
    """The queue could not be read; holds the error's code or class, not its text."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message and what deletes it."""

    body: str
    receipt: str


class EventQueue:
    """One queue per installation. Calls run in threads of their own, since a poll takes seconds."""

    def __init__(self, url: str, region: str | None, readers: int) -> None:
        self._url = url
        self._threads = ThreadPoolExecutor(max_workers=readers + 1, thread_name_prefix="sqs")
        config = Config(connect_timeout=3, read_timeout=_WAIT_SECONDS + 10, retries={"total_max_attempts": 2})
        self._client: Any = new_session(region).client("sqs", config=config)

    async def receive(self) -> Sequence[Message]:
        """Up to ten messages; none after a few seconds without any. Raises ``QueueError``."""
        answer = await self._run(
            lambda: self._client.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=_BATCH, WaitTimeSeconds=_WAIT_SECONDS
            )
        )
        return [Message(item.get("Body", ""), item["ReceiptHandle"]) for item in answer.get("Messages", ())]

    async def delete(self, messages: Sequence[Message]) -> None:
        """Delete what was received. A message that is not deleted comes again. Raises ``QueueError``."""
        entries = [{"Id": str(n), "ReceiptHandle": message.receipt} for n, message in enumerate(messages)]
        await self._run(lambda: self._client.delete_message_batch(QueueUrl=self._url, Entries=entries))

    def close(self) -> None:
        """Take no more calls."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except ClientError as error:
            raise QueueError(error.response.get("Error", {}).get("Code", "Unknown")) from error
        except BotoCoreError as error:
            raise QueueError(type(error).__name__) from error

"""Client-side rate limiting of calls to AWS: by operation, and fair between namespaces."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from emrjobs.core.failures import Operation
from emrjobs.core.quota import TOTAL, Bucket, Rate
from emrjobs.runtime.metrics import METRICS

PRIORITY: Final = (
    Operation.CANCEL,
    Operation.START,
    Operation.INSPECT,
    Operation.READ_TEMPLATE,
    Operation.DESCRIBE,
    Operation.LIST,
)
_FOR_LISTS: Final = 2.0
"""Calls per second of the total that only lists may take."""
_AT_START: Final = 2.0
"""Tokens held at first: whoever acted before may have spent AWS's."""
_SPARE: Final = 1.0
"""Tokens of AWS's burst that we never take: calls may reach AWS closer together than they left."""

Granted = Callable[[], bool]
"""Told that the place is there; answers whether it is still wanted."""


@dataclass(slots=True)
class _Line:
    """Those who wait for one operation, first submissions before retries, namespaces in turn."""

    first: OrderedDict[str, deque[Granted]] = field(default_factory=OrderedDict)
    retries: OrderedDict[str, deque[Granted]] = field(default_factory=OrderedDict)

    def join(self, namespace: str, granted: Granted, *, again: bool) -> None:
        line = self.retries if again else self.first
        line.setdefault(namespace, deque()).append(granted)

    def next(self) -> Granted | None:
        line = self.first or self.retries
        if not line:
            return None
        namespace, waiting = line.popitem(last=False)
        granted = waiting.popleft()
        if waiting:
            line[namespace] = waiting
        return granted

    def __len__(self) -> int:
        return sum(len(waiting) for line in (self.first, self.retries) for waiting in line.values())


class RateLimiter:
    """Grants calls as the token buckets allow. Without rates, every call is granted at once."""

    def __init__(self, rates: Mapping[str, Rate] | None, share: float) -> None:
        now = time.monotonic()
        self._buckets = {
            name: Bucket(max(burst - _SPARE, 1.0), refill * share, min(_AT_START, burst), now)
            for name, (burst, refill) in (rates or {}).items()
        }
        self._lines = {operation: _Line() for operation in PRIORITY}
        self._wake = asyncio.Event()

    def ask(self, operation: Operation, namespace: str, granted: Granted, *, again: bool = False) -> None:
        """Get in line; ``granted`` is called when the place is there, perhaps before this returns."""
        if not self._buckets:
            granted()
            return
        since = time.monotonic()

        def come() -> bool:
            wanted = granted()
            if wanted:
                METRICS.line_seconds.labels(operation=operation).observe(time.monotonic() - since)
            return wanted

        self._lines[operation].join(namespace, come, again=again)
        self._wake.set()

    async def turn(self, operation: Operation, namespace: str) -> None:
        """Get in line and wait for the place."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def come() -> bool:
            if place.done():
                return False
            place.set_result(None)
            return True

        self.ask(operation, namespace, come)
        await place

    def throttled(self, operation: Operation) -> None:
        """AWS says that we are too fast."""
        for name in (operation, TOTAL):
            if name in self._buckets:
                self._buckets[name].slow_down(time.monotonic())

    def handed_over(self, idle: float) -> None:
        """Another process may have spent AWS's tokens until ``idle`` seconds ago; infinite where there was none."""
        now = time.monotonic()
        for bucket in self._buckets.values():
            bucket.refilled_for(now, _AT_START, idle)
        self._wake.set()

    def levels(self) -> dict[str, float]:
        """Tokens held, by bucket."""
        now = time.monotonic()
        for bucket in self._buckets.values():
            bucket.fill(now)
        return {name: bucket.level for name, bucket in self._buckets.items()}

    def waiting(self) -> dict[str, int]:
        """How many wait, by operation."""
        return {str(operation): len(line) for operation, line in self._lines.items()}

    async def run(self) -> None:
        """Grant calls for ever."""
        while True:
            self._wake.clear()
            pause = self._give_out()
            try:
                await asyncio.wait_for(self._wake.wait(), pause)
            except TimeoutError:
                continue

    def _give_out(self) -> float | None:
        """Grant all calls that the buckets allow now; the seconds until the next, or None if nobody waits."""
        pauses = [pause for operation in PRIORITY if (pause := self._serve(operation)) is not None]
        return min(pauses) if pauses else None

    def _serve(self, operation: Operation) -> float | None:
        line = self._lines[operation]
        while len(line):
            now = time.monotonic()
            pause = self._pause(operation, now)
            if pause > 0:
                return pause
            granted = line.next()
            if granted is not None and granted():
                self._take(operation, now)
        return None

    def _pause(self, operation: Operation, now: float) -> float:
        keep = 0.0 if operation is Operation.LIST else _FOR_LISTS
        own, total = self._buckets.get(operation), self._buckets.get(TOTAL)
        waits = [own.wait(now) if own else 0.0, total.wait(now, min(keep, total.burst - 1.0)) if total else 0.0]
        return max(waits)

    def _take(self, operation: Operation, now: float) -> None:
        for name in (operation, TOTAL):
            if name in self._buckets:
                self._buckets[name].take(now)

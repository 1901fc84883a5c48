"""The work queue of a controller: each key is processed by one worker at a time, and none is lost. No I/O.

As client-go's: a key that is added while it is being processed is processed once more afterwards.
"""

import asyncio
import math
import time
from collections.abc import Callable
from typing import Final

_LONGEST_SECONDS: Final = 86_400.0


class WorkQueue:
    """Used by one event loop only. Keys are uids; times are monotonic seconds."""

    def __init__(self, tolerated_delay: Callable[[str], float]) -> None:
        """``tolerated_delay``: seconds for which keys that are added later than this one may come before it."""
        self._tolerated_delay = tolerated_delay
        self._queue: asyncio.PriorityQueue[tuple[float, str]] = asyncio.PriorityQueue()
        self._dirty: dict[str, float] = {}
        """By when each is to be processed; the queue may hold later times of it, which are void."""
        self._processing: dict[str, float] = {}
        self._delayed: dict[str, asyncio.TimerHandle] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    def __len__(self) -> int:
        return len(self._dirty)

    def __contains__(self, key: str) -> bool:
        """Whether it waits to be processed (again)."""
        return key in self._dirty

    def delayed(self, key: str) -> bool:
        """Whether it is added later, see ``add_after``."""
        return key in self._delayed

    def add(self, key: str) -> None:
        """Process it soon: the most urgent key first, and whichever has waited long."""
        before = time.monotonic() + self._tolerated_delay(key)
        if self._dirty.get(key, math.inf) <= before:
            return
        self._dirty[key] = before
        self._idle.clear()
        if key not in self._processing:
            self._queue.put_nowait((before, key))

    def add_after(self, key: str, seconds: float) -> None:
        """Add it then, instead of at any later or earlier time given before."""
        self.cancel_delay(key)
        delay = min(max(0.0, seconds), _LONGEST_SECONDS)
        self._delayed[key] = asyncio.get_running_loop().call_later(delay, self._due, key)

    def cancel_delay(self, key: str) -> None:
        """Do not add it later after all."""
        timer = self._delayed.pop(key, None)
        if timer is not None:
            timer.cancel()

    async def get(self) -> str:
        """The most urgent key; ``done`` must follow."""
        while True:
            before, key = await self._queue.get()
            if key not in self._processing and self._dirty.get(key) == before:
                del self._dirty[key]
                self._processing[key] = time.monotonic()
                return key

    def take_again(self, key: str) -> bool:
        """Whether a key in processing was added again; whoever asks processes it at once."""
        return self._dirty.pop(key, None) is not None

    def done(self, key: str) -> None:
        """It was processed."""
        del self._processing[key]
        if key in self._dirty:
            self._queue.put_nowait((self._dirty[key], key))
        elif not self._dirty and not self._processing:
            self._idle.set()

    @property
    def longest_processing(self) -> float:
        """Seconds that the oldest key in processing has taken."""
        return time.monotonic() - min(self._processing.values()) if self._processing else 0.0

    async def drained(self) -> None:
        """Return when nothing is in processing, and nothing waits."""
        await self._idle.wait()

    def _due(self, key: str) -> None:
        self._delayed.pop(key, None)
        self.add(key)

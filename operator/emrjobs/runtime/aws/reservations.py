"""Reservations in the rate limits that objects hold or wait for, by object and operation."""

import time
from collections.abc import Callable
from datetime import timedelta

from emrjobs.core.failures import Operation
from emrjobs.core.job_run.resource import Resource
from emrjobs.runtime.aws.rate_limiter import RateLimiter

_Key = tuple[str, Operation]


class Reservations:
    """A place is used once, and lapses if it is not used for a while. No worker waits for one."""

    def __init__(self, rate_limiter: RateLimiter, kept: timedelta, wake: Callable[[str], None]) -> None:
        self._rate_limiter = rate_limiter
        self._kept_seconds = kept.total_seconds()
        self._wake = wake
        self._waiting: set[_Key] = set()
        self._held: dict[_Key, float] = {}

    def take(self, resource: Resource, operation: Operation, wanted: Callable[[], bool] = lambda: True) -> bool:
        """Use the object's place if it has one; else get in line, and the object is woken when it comes.

        ``wanted`` is asked then: whether it still is.
        """
        key = (resource.uid, operation)
        until = self._held.pop(key, 0.0)
        if until > time.monotonic():
            return True
        self.ask(resource, operation, lambda: self._hold(key), wanted=wanted)
        return self._held.pop(key, 0.0) > 0

    def ask(
        self,
        resource: Resource,
        operation: Operation,
        granted: Callable[[], None],
        *,
        again: bool = False,
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Get in line, once."""
        key = (resource.uid, operation)
        if key in self._waiting:
            return
        self._waiting.add(key)

        def come() -> bool:
            self._waiting.discard(key)
            if not wanted():
                return False
            granted()
            self._wake(resource.uid)
            return True

        self._rate_limiter.ask(operation, resource.namespace, come, again=again)

    def forget(self, uid: str) -> None:
        """The object is gone; a place that it waits for is dropped when it comes."""
        for operation in Operation:
            self._held.pop((uid, operation), None)

    def _hold(self, key: _Key) -> None:
        self._held[key] = time.monotonic() + self._kept_seconds

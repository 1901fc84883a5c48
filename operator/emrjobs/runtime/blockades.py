"""Keeps the obstacles that requests met, and wakes who waits when one is gone. No I/O."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from emrjobs.core.memory import Trouble
from emrjobs.core.obstacles import Key, Obstacle, keys
from emrjobs.core.resource import Resource

_HEAD_START: Final = timedelta(seconds=3)
"""The probe tries first; the others see what came of it."""


class Blockades:
    """Obstacles by what they concern."""

    def __init__(self, wake: Callable[[str], None]) -> None:
        self._wake = wake
        self._obstacles: dict[Key, Obstacle] = {}
        self._waiting: dict[Key, set[str]] = {}

    def ahead(self, resource: Resource, now: datetime) -> Obstacle | None:
        """What stands in this object's way and is another's to probe. The object is woken when it is gone."""
        for key in keys(resource):
            obstacle = self._obstacles.get(key)
            if obstacle is not None and obstacle.probe != resource.uid and now < obstacle.until:
                self._waiting.setdefault(key, set()).add(resource.uid)
                return obstacle
        return None

    def met(self, resource: Resource, trouble: Trouble) -> None:
        """The object's request was refused."""
        for key in keys(resource):
            if key[0] is not trouble.verdict:
                continue
            before = self._obstacles.get(key)
            since = before.since if before is not None and before.until >= trouble.since else trouble.since
            self._obstacles[key] = Obstacle(
                trouble.verdict, resource.uid, trouble.message, since, trouble.retry_at + _HEAD_START
            )

    def passed(self, resource: Resource) -> None:
        """The object's request was accepted: nothing stands in the way."""
        for key in keys(resource):
            if self._obstacles.pop(key, None) is not None:
                for uid in self._waiting.pop(key, set()):
                    self._wake(uid)

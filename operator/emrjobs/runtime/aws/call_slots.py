"""How many calls to one target are made at once, so that calls which hang there hold up no other target. No I/O."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CallSlots:
    """Whoever finds none free is woken when calls have ended. No worker waits for one."""

    def __init__(self, most: int, wake: Callable[[str], None]) -> None:
        self._most = most
        self._wake = wake
        self._taken = 0
        self._waiting: dict[str, None] = {}
        """Uids, in the order in which they came."""

    def free(self, uid: str) -> bool:
        """Whether a call can be made now; else the object is woken when one can."""
        if self._taken < self._most:
            return True
        self._waiting[uid] = None
        return False

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold one during a call."""
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
            # Some may have no use for it any more: the last one who gives back wakes all.
            number = self._most - self._taken if self._taken else len(self._waiting)
            for uid in list(self._waiting)[:number]:
                del self._waiting[uid]
                self._wake(uid)

"""A thread outside the event loop that ends the process when the loop, or an effect, hangs."""

import os
import threading
import time
from typing import Final

_LOOK_SECONDS: Final = 1.0


class Watchdog:
    """Ends the process when no ``beat`` came for so many seconds of its own watching.

    Its own looks are counted, not the clock: a process that was stopped and goes on is not a hung one.
    """

    def __init__(self, seconds: float) -> None:
        self._looks = max(2, round(seconds / _LOOK_SECONDS))
        self._missed = 0

    def beat(self) -> None:
        """The event loop is alive, and no effect is overdue."""
        self._missed = 0

    def start(self) -> None:
        """Watch until the process ends."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            self._missed += 1
            if self._missed > self._looks:
                os.write(2, b"the watchdog ends the process: the event loop or a call hangs\n")
                os._exit(1)

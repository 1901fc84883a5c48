"""Submits jobs all the time, beside what a test does."""

import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.support.jobs import Jobs
from tests.support.kube import Json
from tests.support.poll import until

PAUSE = 0.25
SCRIPT = "run=1"


class Submitting:
    """From `with` to its end; `submitted` holds what the API server took."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._submit, name="submitting", daemon=True)
        self.submitted: list[Json] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(30)

    def some_more(self) -> None:
        """Wait until three more are submitted."""
        enough = len(self.submitted) + 3
        until(lambda: len(self.submitted) >= enough, 30, "jobs are submitted")

    def _submit(self) -> None:
        while not self._over.wait(PAUSE):
            with suppress(OSError):
                self.submitted.append(self._jobs.submit(f"more-{len(self.submitted)}", SCRIPT))

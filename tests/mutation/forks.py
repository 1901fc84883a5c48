"""Forks of one process that has loaded all that the tests need but the modules under mutation."""

import ast
import contextlib
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from tests.mutation.planted import Planted
from tests.mutation.tested import QUIET
from tests.sandbox.processes import _ending_with_us

LOOK_SECONDS = 0.002
BROKEN = 70
"""The exit code of a fork whose work raised an exception."""
KEPT = ("emrjobs.api", "tests.conftest")
"""What is ours and may be loaded: nothing that is mutated, or that imports what is mutated."""


def preload(modules: Iterable[str]) -> None:
    """Import what the tests will need, so that a fork has it."""
    for name in modules:
        ours = name.partition(".")[0] in ("emrjobs", "tests") and not name.startswith(KEPT)
        if not ours and name not in sys.modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def forked(work: Callable[[], int], seconds: float) -> int | None:
    """Do something in a fork. Returns its exit code; None if it was killed after that time."""
    end_with_us = _ending_with_us()
    pid = os.fork()
    if not pid:
        code = BROKEN
        try:
            if end_with_us is not None:
                end_with_us()
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(nothing, number)
            code = work()
        finally:
            os._exit(code)
    return _awaited(pid, time.monotonic() + seconds)


def _awaited(pid: int, deadline: float) -> int | None:
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(LOOK_SECONDS)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


class Chosen:
    """A plugin of pytest: only these tests, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._place = {test: place for place, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self._place]
        items.sort(key=lambda item: self._place[item.nodeid])


def passes(module: str, path: Path, tree: ast.Module, tests: Sequence[str]) -> int:
    """The exit code of pytest for these tests, with that tree in place of the module."""
    Planted(module, path, tree).install()
    files = sorted({test.partition("::")[0] for test in tests})
    return int(pytest.main([*QUIET, "-x", *files], plugins=[Chosen(tests)]))

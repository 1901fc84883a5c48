"""A monotonic clock that a test moves."""

from types import ModuleType

import pytest


class Clock:
    """Stands for the module `time` where only its monotonic seconds are read."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


def stopped_clock(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> Clock:
    """Give a module that imports `time` a clock that only the test moves."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock

"""Programs that a test needs and that its first use builds, which is told while it lasts."""

from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")


def built_or_skipped(config: pytest.Config, find: Callable[[], T | None], what: str) -> T:
    """Return what `find` finds or builds; where there is neither it nor Go, the test is skipped."""
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        found = find()
    if found is None:
        pytest.skip(f"there is no {what}, and no Go to build it")
    return found

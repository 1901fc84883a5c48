"""Waiting without fixed sleeps: ask again and again until the answer is yes, or a deadline passes."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.25


class TimedOut(AssertionError):
    """What was waited for did not come. The text says what, how long, and what was seen last."""


def until(
    predicate: Callable[[], T | None],
    timeout: float,
    what: str | Callable[[], str],
    *,
    ignore: tuple[type[Exception], ...] = (),
) -> T:
    """Return the first truthy answer of `predicate`; after `timeout` seconds raise `TimedOut`.

    `what` names what is awaited; a callable is asked only on failure, for text that is costly or changes.
    Exceptions listed in `ignore` count as "not yet", all others pass through at once.
    """
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    while True:
        seen: object
        try:
            answer = predicate()
            if answer:
                return answer
            seen = answer
        except ignore as error:
            seen = error
        if time.monotonic() >= deadline:
            text = what() if callable(what) else what
            raise TimedOut(f"not within {timeout:g} s: {text}\nlast seen: {_shortened(seen)}")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _shortened(seen: object, limit: int = 2000) -> str:
    text = repr(seen)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"

"""What a story is made of: faults, happenings, the mood of AWS, and who takes part."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from tests.support.simulation.aws import Life
from tests.support.simulation.faults import NO_TIME, Fault


class Company(StrEnum):
    """Who takes part."""

    ALONE = "one process"
    HANDOVER = "two, of which one leads at a time"
    TOGETHER = "two that act at the same time, with no Lease between them"


class Happening(StrEnum):
    """What can happen after a pass. New ones belong at the end: scripts name them by their place."""

    NOTHING = "nothing"
    CRASH = "the leader crashes"
    CRASH_SOON = "the leader crashes in its next effect, before it learns what came of it"
    DELETE = "the user deletes the object"
    FLIP_POLICY = "the user changes deletionPolicy"
    EDIT = "the user edits the request"
    TOUCH = "somebody changes a label"
    FORGET = "AWS drops the record of the run, if it has ended"
    MINUTE = "a minute passes"
    MINUTES = "seven minutes pass"
    HOURS = "two hours pass"
    OTHER_CRASH = "the other crashes"
    OTHER_CRASH_SOON = "the other crashes in its next effect"
    BREAK_SPEC = "the user edits the request so that it cannot be read"
    HAND_OVER = "the other leads from now on"
    SUSPEND = "the user suspends it"
    RESUME = "the user resumes it"
    CANCEL = "the user cancels it"
    BUSY = "another object finds the virtual cluster busy"
    DENIED = "another object is denied the same role"
    FORCE = "somebody takes the finalizers off a deleted object"
    TIGHTEN = "the user sets deadlines that are over at once"
    LOOSEN = "the user takes the deadlines away"
    RETRY = "the user allows more attempts after any failure"
    NO_RETRY = "the user takes the further attempts away"
    CLEAN_UP = "the user sets or takes away the time to live"


HAPPENINGS: Final = tuple(Happening)
AT_RANDOM: Final = tuple(number for number, what in enumerate(HAPPENINGS) if what is not Happening.FORCE)
"""After force, a process that crashes leaves the run behind; that is nobody's promise."""
JUMPS: Final[Mapping[Happening, timedelta]] = {
    Happening.MINUTE: timedelta(minutes=1),
    Happening.MINUTES: timedelta(minutes=7),
    Happening.HOURS: timedelta(hours=2),
}


@dataclass(frozen=True, slots=True)
class Script:
    """``faults`` says what becomes of each call in turn, ``happenings`` what happens after each pass, by number."""

    faults: tuple[int, ...] = ()
    happenings: tuple[int, ...] = ()
    mood: Mapping[str, Fault] = field(default_factory=dict)
    """What calls meet when ``faults`` has run out; they work where nothing is said."""
    members: Mapping[str, Any] = field(default_factory=dict)
    """Of the spec, beside the request: what we may do with the run."""
    life: Life = field(default_factory=Life)
    company: Company = Company.ALONE
    lags: tuple[timedelta, timedelta] = (NO_TIME, NO_TIME)
    """How late each process's watch is."""
    queue: timedelta = NO_TIME
    """How long a place in the rate limit takes."""
    lists: bool = True
    """Whether runs are followed by lists, or each by itself."""

"""What can go wrong with one call, by operation, and the tape that says what does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from emrjobs.core.failures import Failure, Operation

WRITE: Final = "write"
"""A write to the API server, beside the operations of EMR on EKS."""

NO_TIME: Final = timedelta(0)
LATE: Final = timedelta(seconds=200)
"""How long a request may be paused on its way and be accepted all the same."""


@dataclass(frozen=True, slots=True)
class Fault:
    """``happens``: the service does what it is asked for, whatever it answers; ``late``: so much later."""

    code: str | None = None
    message: str = ""
    happens: bool = False
    late: timedelta = NO_TIME

    def failure(self, operation: Operation) -> Failure | None:
        return Failure(operation, self.code, self.message) if self.code else None


FINE: Final = Fault(happens=True)
LOST_BUT_DONE: Final = Fault("AnswerLost", happens=True)
LOST: Final = Fault("AnswerLost")
DONE_LATE: Final = Fault("AnswerLost", happens=True, late=LATE)
BROKEN_BUT_DONE: Final = Fault("InternalServerException", happens=True)
BROKEN: Final = Fault("InternalServerException")
THROTTLED: Final = Fault("ThrottlingException")
UNREACHABLE: Final = Fault("ConnectFailed")
EXPIRED: Final = Fault("ExpiredTokenException")
QUEUE_FULL: Final = Fault("ValidationException", "the queue of the virtual cluster is full")
UNCLEAR: Final = Fault("ValidationException", "something about the request is wrong")
WRONG: Final = Fault("ValidationException", "1 validation error detected: value failed to satisfy constraint")
NOT_FOUND: Final = Fault("ResourceNotFoundException", "no such virtual cluster")
DENIED: Final = Fault("AccessDeniedException", "not authorized to perform")
NOT_SENT: Final = Fault("NotSent")
UNKNOWN: Final = Fault("SurprisingException")

_READS: Final = (FINE, BROKEN, THROTTLED, LOST, UNREACHABLE, DENIED, EXPIRED, UNKNOWN)

TABLE: Final[Mapping[str, tuple[Fault, ...]]] = {
    Operation.START: (
        FINE,
        LOST_BUT_DONE,
        LOST,
        DONE_LATE,
        BROKEN_BUT_DONE,
        BROKEN,
        THROTTLED,
        UNREACHABLE,
        EXPIRED,
        QUEUE_FULL,
        UNCLEAR,
        WRONG,
        NOT_FOUND,
        DENIED,
        NOT_SENT,
        UNKNOWN,
    ),
    Operation.CANCEL: (FINE, LOST_BUT_DONE, LOST, BROKEN, THROTTLED, UNREACHABLE, DENIED, NOT_SENT, UNKNOWN),
    Operation.DESCRIBE: _READS,
    Operation.LIST: _READS,
    Operation.INSPECT: (*_READS, NOT_FOUND),
    WRITE: (FINE, LOST_BUT_DONE, LOST),
}


class Tape:
    """One number a call, in order; when it has run out, the mood decides. 0 is always a call that works."""

    def __init__(self, numbers: Iterable[int], mood: Mapping[str, Fault]) -> None:
        self._numbers = list(numbers)
        self._mood = mood

    def next(self, operation: str) -> Fault:
        if not self._numbers:
            return self._mood.get(operation, FINE)
        number, rows = self._numbers.pop(0), TABLE[operation]
        return rows[number] if number < len(rows) else FINE

"""An unexpected error on one input must not end the process: it is counted and logged, and the work goes on."""

import logging
from typing import Final

from emrjobs.runtime.metrics import METRICS

_LOG: Final = logging.getLogger("emrjobs")


def note_unexpected(part: str, error: Exception, **fields: object) -> None:
    """The class of the error and its place. Its text may hold values of an object or of an answer."""
    METRICS.pass_errors.labels(error=type(error).__name__).inc()
    _LOG.error("%s: unexpected error", part, extra={"error": type(error).__name__, **where(error), **fields})


def where(error: Exception | None) -> dict[str, str]:
    """File and line of an error."""
    frame = error.__traceback__ if error is not None else None
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return {}
    return {"at": f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}"}

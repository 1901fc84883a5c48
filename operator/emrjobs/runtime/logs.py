"""Log lines: JSON for machines, one line of text for people. Control characters are always escaped."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

from emrjobs.settings import LogFormat

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "settings"}


def set_up(log_format: LogFormat, level: str) -> None:
    """Send all logs to standard error in that format. Libraries speak from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format is LogFormat.JSON else ConsoleFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("emrjobs").setLevel(level.upper())


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, and what was said besides the message."""
        return json.dumps({**_head(record), "message": record.getMessage(), **_extra(record)}, default=str)


class ConsoleFormatter(logging.Formatter):
    """Time, level, message, then ``name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in one line."""
        head = _head(record)
        said = " ".join(f"{name}={_plain(value)}" for name, value in _extra(record).items())
        return f"{head['time']} {record.levelname:<7} {_plain(record.getMessage())} {said}".rstrip()


def _head(record: logging.LogRecord) -> dict[str, Any]:
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {"time": moment, "level": record.levelname, "logger": record.name}


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    if record.exc_info and record.exc_info[0] is not None:
        # The class only: the text of an exception may hold values of an object.
        extra["error"] = record.exc_info[0].__name__
    return extra


def _plain(value: object) -> str:
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(value))

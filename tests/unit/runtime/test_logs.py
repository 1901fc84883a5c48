"""Log lines: one line each whatever is in them, and no text of an exception."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrjobs.runtime.logs import ConsoleFormatter, JsonFormatter, set_up
from emrjobs.settings import LogFormat

HOSTILE = "line\nbreak\r\x1b[31mred\u2028\u202etfel\x00\ud800"


def record(message: str = "state changed", *args: object, error: bool = False, **extra: Any) -> logging.LogRecord:
    failure = ValueError("a secret value") if error else None
    exc_info = (ValueError, failure, None) if failure else None
    made = logging.LogRecord("emrjobs.x", logging.INFO, "x.py", 1, message, args, exc_info)
    vars(made).update(extra)
    return made


def test_a_json_line_holds_what_was_said() -> None:
    line = json.loads(JsonFormatter().format(record("state %s", "RUNNING", object="job", failures=3)))
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "emrjobs.x",
        "message": "state RUNNING",
        "object": "job",
        "failures": 3,
    }


def test_a_console_line_is_for_people() -> None:
    line = ConsoleFormatter().format(record(object="job", state="RUNNING"))
    assert line.endswith("INFO    state changed object=job state=RUNNING")


@pytest.mark.parametrize("formatter", [JsonFormatter(), ConsoleFormatter()], ids=["json", "console"])
def test_nothing_in_an_object_breaks_or_colours_a_line(formatter: logging.Formatter) -> None:
    line = formatter.format(record(HOSTILE, name_of_it=HOSTILE, nested={"a": HOSTILE}))
    assert all(character.isprintable() for character in line)
    line.encode()


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(), st.text())
def test_every_text_makes_one_printable_line(message: str, value: str) -> None:
    for formatter in (JsonFormatter(), ConsoleFormatter()):
        line = formatter.format(record("%s", message, value=value))
        assert line.isprintable()


@pytest.mark.parametrize("formatter", [JsonFormatter(), ConsoleFormatter()], ids=["json", "console"])
def test_of_an_exception_only_the_class_is_told(formatter: logging.Formatter) -> None:
    line = formatter.format(record("it failed", error=True))
    assert "ValueError" in line
    assert "secret" not in line


def test_what_json_cannot_hold_is_told_as_text() -> None:
    assert "object at" in json.loads(JsonFormatter().format(record(thing=object())))["thing"]


def test_libraries_are_heard_from_warnings_on(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:]
    level = logging.getLogger("emrjobs").level
    try:
        set_up(LogFormat.JSON, "debug")
        logging.getLogger("botocore").info("not told")
        logging.getLogger("botocore").warning("told")
        logging.getLogger("emrjobs.x").debug("told too")
        lines = [json.loads(line)["message"] for line in capsys.readouterr().err.splitlines()]
    finally:
        logging.basicConfig(handlers=before, force=True)
        logging.getLogger("emrjobs").setLevel(level)
    assert lines == ["told", "told too"]

"""Every knob: what it takes, what it refuses in words, and that the rules see it."""

import os
from datetime import timedelta

import pytest
from pydantic import ValidationError

from emrjobs.core.job_run.timing import Timing
from emrjobs.core.quota import AWS_DEFAULTS, TOTAL
from emrjobs.settings import PREFIX, Settings


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(PREFIX) or name == "AWS_REGION":
            monkeypatch.delenv(name)


def from_environment(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"{PREFIX}{name.upper()}", value)
    return Settings()


def test_the_defaults_are_those_of_the_rules() -> None:
    assert Settings().timing() == Timing()


def test_every_duration_of_the_rules_that_has_a_setting_follows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    set_ = from_environment(monkeypatch, grace="7", token_trust="8", cancel_again="9", gone_again="0.5").timing()
    assert (set_.grace, set_.token_trust) == (timedelta(seconds=7), timedelta(seconds=8))
    assert (set_.cancel_again, set_.gone_again) == (timedelta(seconds=9), timedelta(seconds=0.5))


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf", "-inf", "1e300", "5m", "PT5M"])
def test_a_duration_that_is_none_is_refused_in_words(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="grace"):
        from_environment(monkeypatch, grace=value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", ("a",)), ("a,b", ("a", "b")), (" a , b ,", ("a", "b")), ("", ()), (",", ())],
)
def test_namespaces_come_separated_by_commas(
    text: str, expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert from_environment(monkeypatch, namespace=text).namespace == expected


def test_quotas_that_are_not_named_keep_awss_default(monkeypatch: pytest.MonkeyPatch) -> None:
    quotas = from_environment(monkeypatch, quotas='{"StartJobRun": [50, 5]}').quotas
    assert quotas == {**AWS_DEFAULTS, "StartJobRun": (50, 5)}


@pytest.mark.parametrize("off", ["off", "OFF", " off "])
def test_quotas_can_be_off(off: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment(monkeypatch, quotas=off).quotas is None


@pytest.mark.parametrize(
    "text",
    [
        "on",
        "{",
        "[]",
        "5",
        '{"StartJobRuns": [1, 1]}',
        '{"StartJobRun": [1]}',
        '{"StartJobRun": 5}',
        '{"StartJobRun": ["many", 1]}',
        '{"StartJobRun": [25, 0]}',
        '{"StartJobRun": [25, -1]}',
        '{"StartJobRun": [0, 1]}',
        '{"StartJobRun": [0.5, 1]}',
        '{"StartJobRun": [NaN, 1]}',
        '{"StartJobRun": [25, Infinity]}',
        '{"total": [200, 0]}',
    ],
)
def test_quotas_that_would_stop_or_break_the_operator_are_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="quotas"):
        from_environment(monkeypatch, quotas=text)


def test_every_operation_has_a_default_quota() -> None:
    assert set(Settings().quotas or {}) == set(AWS_DEFAULTS)
    assert TOTAL in AWS_DEFAULTS


@pytest.mark.parametrize("level", ["LOUD", "5x", ""])
def test_a_log_level_that_is_none_is_refused_or_the_default(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not level:
        assert from_environment(monkeypatch, log_level=level).log_level == "INFO"
        return
    with pytest.raises(ValidationError, match="log_level"):
        from_environment(monkeypatch, log_level=level)


@pytest.mark.parametrize("level", ["debug", "INFO", "Warning", "ERROR"])
def test_a_log_level_is_taken_in_any_case(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment(monkeypatch, log_level=level).log_level == level.upper()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quota_share", "0"),
        ("quota_share", "1.1"),
        ("http_port", "70000"),
        ("workers", "0"),
        ("aws_connections", "0"),
        ("log_format", "xml"),
        ("lease_duration", "1"),
        ("poll_interval", "0"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match=name):
        from_environment(monkeypatch, **{name: value})


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().http_port = 1  # type: ignore[misc]

"""The types that settings share, and what every group of settings has in common."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX: Final = "EMRJOBS_"


class LogFormat(StrEnum):
    """How log lines look."""

    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """How much is told."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


def upper(value: object) -> object:
    """Names of levels are taken in any case."""
    return value.upper() if isinstance(value, str) else value


def seconds(value: object) -> object:
    """Durations are plain seconds, in the environment and on the command line."""
    try:
        return timedelta(seconds=float(value)) if isinstance(value, str | int | float) else value
    except (ValueError, OverflowError):
        raise ValueError("must be a number of seconds") from None


def names(value: object) -> object:
    """Lists of names are separated by commas."""
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    return value


Seconds = Annotated[timedelta, BeforeValidator(seconds), Field(ge=timedelta(0))]


class Group(BaseSettings):
    """A group of settings. Set by environment (``EMRJOBS_…``) or by flags of ``emrjobs run``; flags win."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", cli_kebab_case=True, env_ignore_empty=True
    )

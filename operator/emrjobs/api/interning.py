"""Words and instants as values that thousands of objects can share."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


@lru_cache(maxsize=2048)
def shared(word: str) -> str:
    """The one copy of a word that many objects hold."""
    return str(word)


def _in_utc(moment: datetime) -> datetime:
    """pydantic makes a time zone of its own for every value; they are all UTC."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


Word = Annotated[str, AfterValidator(shared)]
"""A text that is the same in many objects."""

Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]

"""What is wrong with a request under a policy, in words for whoever wrote the request. Pure.

A problem names the member, the rule and what is allowed there by the policy that judged. It never holds the value that
was refused (it may be a secret, and its author has it), nor anything of another namespace.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

NOT_ALLOWED: Final = "is not allowed in this namespace"
_SHOWN: Final = 5
"""Patterns or names that a message lists."""
_LONGEST_NAME: Final = 128


class Rule(StrEnum):
    """Why a member is refused. Also the values of a metric's label."""

    NOT_ALLOWED = "NotAllowed"
    DENIED = "Denied"
    """A property that nobody may set, by the baseline or the policy's own list."""
    CANNOT_BE_JUDGED = "CannotBeJudged"
    """It has no reading, more than one, or a form that cannot be compared."""
    REQUIRED = "Required"
    ENFORCED = "Enforced"
    LIMIT = "Limit"


@dataclass(frozen=True, slots=True)
class Problem:
    """One member that is refused."""

    field: str
    rule: Rule
    text: str
    """What is wrong, to follow the field."""
    allowed: tuple[str, ...] | None = None
    """Patterns of what would be allowed, where the policy lists them. None where there is no list to tell."""
    default: str | None = None

    def __str__(self) -> str:
        said = f"{self.field} {self.text}"
        if self.allowed:
            said += f". Allowed: {listed(self.allowed)}"
        elif self.allowed is not None:
            said += ". Nothing is allowed there" if self.default is None else ". Nothing else is allowed there"
        return said if self.default is None else f"{said}; or leave it out: {self.default} is the default"


class Finding(NamedTuple):
    """A problem of which the field is not known where it is found."""

    rule: Rule
    text: str
    allowed: tuple[str, ...] | None = None

    def at(self, field: str) -> Problem:
        """The problem of that field."""
        return Problem(field, self.rule, self.text, self.allowed)


def shown_name(name: str) -> str:
    """A property's name as a message shows it: cut, and without what is no part of a name."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in name[:_LONGEST_NAME])


def listed(patterns: tuple[str, ...]) -> str:
    """The first few, and how many more."""
    said = ", ".join(patterns[:_SHOWN])
    return f"{said} and {len(patterns) - _SHOWN} more" if len(patterns) > _SHOWN else said

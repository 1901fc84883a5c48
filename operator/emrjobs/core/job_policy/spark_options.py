"""What a command line of spark-submit or spark-sql may say under a policy. Pure.

spark-submit takes the word after a known option whatever it is, and the first other word as the application in place of
the entry point (``SparkSubmitOptionParser``). So options are an allow-list, and a word of its own is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from emrjobs.core.job_policy.command_line import UnclearError, split
from emrjobs.core.job_policy.problems import NOT_ALLOWED, Problem, Rule, shown_name
from emrjobs.core.job_policy.properties import PropertyRules

_PROPERTY: Final = frozenset({"--conf", "-c"})
_CODE: Final = frozenset({"--jars", "--py-files", "--files", "--archives"})
_PLAIN: Final = frozenset(
    {
        "--class",
        "--name",
        "--driver-cores",
        "--driver-memory",
        "--executor-cores",
        "--executor-memory",
        "--num-executors",
    }
)
_SWITCHES: Final = frozenset({"--verbose", "-v"})
_DEPLOY_MODE: Final = "--deploy-mode"
_SQL_CODE: Final = frozenset({"-f", "-i"})
_SQL_PLAIN: Final = frozenset({"--hivevar", "-d", "--define", "--database"})
_SQL_SWITCHES: Final = frozenset({"-S"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """The options of one command."""

    code: frozenset[str]
    plain: frozenset[str]
    switches: frozenset[str]

    @property
    def with_value(self) -> frozenset[str]:
        """Options that the next word belongs to."""
        return _PROPERTY | self.code | self.plain | {_DEPLOY_MODE}


SUBMIT: Final = Dialect(_CODE, _PLAIN, _SWITCHES)
SQL: Final = Dialect(_CODE | _SQL_CODE, _PLAIN | _SQL_PLAIN, _SWITCHES | _SQL_SWITCHES)


@dataclass(slots=True)
class _Read:
    """What was found; the problems are those of the form."""

    properties: list[tuple[str, str]] = field(default_factory=list)
    code: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def judge_parameters(place: str, text: str, dialect: Dialect, rules: PropertyRules) -> Iterator[Problem]:
    """What is wrong with the parameters of a driver."""
    try:
        words = split(text)
    except UnclearError as error:
        yield Problem(place, Rule.CANNOT_BE_JUDGED, f"cannot be read in one way: {error}")
        return
    read = _read(place, words, dialect)
    yield from read.problems
    for name, value in read.properties:
        yield from rules.judge(f"{place}, --conf", name, value)
    for option, value in read.code:
        for finding in rules.code(value.split(","), aliased=option == "--archives"):
            yield finding.at(f"{place}, {option}")
    for finding in rules.hidden(text, {name for name, _ in read.properties}):
        yield finding.at(place)


def _read(place: str, words: list[str], dialect: Dialect) -> _Read:
    read, rest, with_value = _Read(), iter(words), dialect.with_value
    for word in rest:
        option, joined, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if option in dialect.switches and not joined:
            continue
        if option not in with_value:
            read.problems.append(_refused_word(place, option))
            break
        _take(read, place, option, value if joined else next(rest, ""), dialect)
    return read


def _take(read: _Read, place: str, option: str, value: str, dialect: Dialect) -> None:
    """Note what an option says."""
    where = f"{place}, {option}"
    if not value or value.startswith("-"):
        read.problems.append(Problem(where, Rule.CANNOT_BE_JUDGED, "must be followed by a value"))
    elif option in _PROPERTY:
        name, equals, setting = value.partition("=")
        if equals:
            read.properties.append((name, setting))
        else:
            read.problems.append(Problem(where, Rule.CANNOT_BE_JUDGED, "must be followed by name=value"))
    elif option in dialect.code:
        read.code.append((option, value))
    elif option == _DEPLOY_MODE and value != "cluster":
        read.problems.append(Problem(where, Rule.NOT_ALLOWED, NOT_ALLOWED, ("cluster",)))


def _refused_word(place: str, word: str) -> Problem:
    if word.startswith("-"):
        return Problem(place, Rule.DENIED, f"may not have the option {shown_name(word)}")
    text = "may not have a word that is no option's value: it would take the place of the entry point"
    return Problem(place, Rule.DENIED, text)

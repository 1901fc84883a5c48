"""How long files and functions are, and what modules may be called."""

from collections.abc import Iterable, Iterator
from statistics import median

from tests.budgets.source import Finding, Function, Source

FILE_LINES = 300
FUNCTION_LINES = 40
NOUNS_OF_NOTHING = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}


def file_lines(source: Source) -> int:
    return len(source.text.splitlines())


def function_lines(function: Function) -> int:
    """From the ``def`` to the last line; decorators do not count."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def size_findings(source: Source) -> Iterator[Finding]:
    if (lines := file_lines(source)) > FILE_LINES:
        yield Finding(source.path, 1, f"{lines} lines; at most {FILE_LINES}: something in it wants a name of its own")
    for function in source.functions():
        if (lines := function_lines(function)) > FUNCTION_LINES:
            yield source.at(function, f"{function.name} has {lines} lines; at most {FUNCTION_LINES}")


def name_findings(source: Source) -> Iterator[Finding]:
    for name in (*source.path.parts[:-1], source.path.stem):
        if name in NOUNS_OF_NOTHING:
            yield Finding(source.path, 1, f"a module called {name} says nothing: name it after its domain")


def summary(folder: str, sources: Iterable[Source]) -> str:
    """Counts, medians and the longest of one folder, in one line."""
    chosen = [source for source in sources if source.is_under(folder)]
    files = [file_lines(source) for source in chosen]
    functions = [function_lines(function) for source in chosen for function in source.functions()]
    return f"{folder}/: {_spread('files', files)}; {_spread('functions', functions)}"


def _spread(what: str, lines: list[int]) -> str:
    if not lines:
        return f"no {what}"
    return f"{len(lines)} {what}, median {median(lines):.0f} lines, longest {max(lines)}"

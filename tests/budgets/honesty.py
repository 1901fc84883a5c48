"""Tests can fail and wait for nothing by the clock; core decides without clock, chance or input."""

import ast
import re
from collections.abc import Iterator

from tests.budgets.source import Finding, Function, Source, calls_in

LONGEST_SLEEP = 0.5
CHECKING = ("assert", "check", "expect", "fail", "must", "raises", "reach", "until", "verify", "wait")
IMPURE = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|uuid1|uuid4)$|^(open|print|input|breakpoint)$")


def weak_test_findings(source: Source) -> Iterator[Finding]:
    """Of files under ``tests``: empty tests and long sleeps."""
    if not source.is_under("tests"):
        return
    for function in source.functions():
        if _is_test(source, function) and not _can_fail(function):
            yield source.at(function, f"{function.name} asserts nothing")
    for call, name in source.calls():
        if name.rpartition(".")[2] == "sleep" and _seconds(call) >= LONGEST_SLEEP:
            yield source.at(call, f"{ast.unparse(call)}: poll with a deadline instead")


def purity_findings(source: Source) -> Iterator[Finding]:
    """Of ``core``: what import rules cannot see, because datetime and uuid are fine as values."""
    if not source.is_under("operator/emrjobs/core"):
        return
    for call, name in source.calls():
        if IMPURE.search(name):
            yield source.at(call, f"{name}() in core: take the value as a parameter")


def _is_test(source: Source, function: Function) -> bool:
    return source.path.name.startswith("test_") and function.name.startswith("test_")


def _can_fail(function: Function) -> bool:
    if any(isinstance(node, ast.Assert) for node in ast.walk(function)):
        return True
    return any(word in name for _, name in calls_in(function) for word in CHECKING)


def _seconds(call: ast.Call) -> float:
    """The literal length of a sleep; 0 where it is computed."""
    match call.args:
        case [ast.Constant(value=int() | float() as seconds), *_]:
            return float(seconds)
        case _:
            return 0.0

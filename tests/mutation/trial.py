"""What the tests say to each mutant: a fork for each, ended when it hangs."""

import contextlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation import forks
from tests.mutation.mutants import Mutant, Verdict
from tests.mutation.swapped import swap
from tests.mutation.tested import QUIET, TESTS, Tested

LEAST_SECONDS = 10.0
"""A mutant that takes longer than this, and three times as long as its tests do, hangs."""
SURVIVED, KILLED = 0, 1
Tell = Callable[[Verdict], None]


def of_modules(mutants: Iterable[Mutant], tested: Tested, tell: Tell) -> None:
    """Changes of what a module does when it is loaded: each fork loads it anew, and all that needs it."""
    for mutant in mutants:
        tests = tested.of(mutant.file, mutant.change.function)
        _tried(mutant, tests, tested, tell, lambda m, t: forks.passes(m.module, m.path, m.tree(), t))


def of_functions(mutants: Iterable[Mutant], tested: Tested, tell: Tell) -> None:
    """Changes inside of functions: each fork has everything loaded, and swaps one function's code."""
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*QUIET, "-s", *TESTS], plugins=[_Loop(mutants, tested, tell)])


class _Loop:
    """A plugin of pytest: in place of running the tests once, runs some of them for each mutant."""

    def __init__(self, mutants: Iterable[Mutant], tested: Tested, tell: Tell) -> None:
        self._mutants = mutants
        self._tested = tested
        self._tell = tell
        self._items: Mapping[str, pytest.Item] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._items = {item.nodeid: item for item in session.items}
        for mutant in self._mutants:
            tests = self._tested.of(mutant.file, mutant.change.function)
            _tried(mutant, tests, self._tested, self._tell, self._run)
        return True

    def _run(self, mutant: Mutant, tests: Sequence[str]) -> int:
        swap(mutant.module, mutant.path, mutant.tree(), mutant.change.function)
        items = [self._items[test] for test in tests]
        for item, following in zip(items, [*items[1:], None], strict=True):
            if any(report.failed for report in runtestprotocol(item, nextitem=following, log=False)):
                return KILLED
        return SURVIVED


def _tried(
    mutant: Mutant, tests: Sequence[str], tested: Tested, tell: Tell, run: Callable[[Mutant, Sequence[str]], int]
) -> None:
    if not tests:
        tell(Verdict(mutant, "untested"))
        return
    limit = LEAST_SECONDS + 3 * sum(tested.seconds[test] for test in tests)
    code = forks.forked(lambda: run(mutant, tests), limit)
    if code == forks.BROKEN:
        raise RuntimeError(f"could not be tried: {mutant}")
    tell(Verdict(mutant, "hung" if code is None else "survived" if code == SURVIVED else "killed"))

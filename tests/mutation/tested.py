"""Which quick tests go through which functions, found out by running them all once."""

import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

import pytest

from tests.sandbox.paths import ROOT

QUIET = ("-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--no-header", "--no-summary", "--timeout=0")
"""Arguments of pytest for runs that nobody reads."""
TESTS = ("tests/unit/core",)
SLOW_SECONDS = 0.2
"""Of the processor. A test that takes longer while it is watched is broken off and left out: it finds bugs by trying
a lot. What only such a test finds wants a quick one, too."""
LEFT_OUT = ("that_differ_each_time",)
"""Tests that are another one each time."""


class TooSlowError(BaseException):
    """Raised in the middle of a test, past whatever it catches."""


@dataclass(slots=True)
class Tested:
    """`seconds`: of each quick test; `by_function`: the tests of a function, `by_module`: those of a module;
    `reach`: how many functions a test goes through; `loaded`: the modules that the tests need."""

    seconds: dict[str, float] = field(default_factory=dict)
    by_function: dict[str, list[str]] = field(default_factory=dict)
    by_module: dict[str, list[str]] = field(default_factory=dict)
    reach: dict[str, int] = field(default_factory=dict)
    loaded: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def of(self, path: str, function: str) -> list[str]:
        """The tests that may notice a change there; first the module's own, and those that do little besides."""
        found = self.by_function.get(f"{path}::{function}", []) if function else self.by_module.get(path, [])
        own = f"test_{Path(path).stem}"
        return sorted(found, key=lambda test: (own not in test, self.reach[test], self.seconds[test]))


class Watcher:
    """A plugin of pytest: notes what each test calls, and how long it takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._names: dict[CodeType, str | None] = {}
        self._calls: set[str] = set()
        self._until = 0.0
        self.calls: dict[str, set[str]] = {}
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []
        self.imported: dict[str, list[str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not any(name in item.nodeid for name in LEFT_OUT)]
        self.imported = {file: self._named_in(ROOT / file) for file in {i.nodeid.partition("::")[0] for i in items}}

    def _named_in(self, file: Path) -> list[str]:
        """The watched modules that a test file imports from."""
        text, found = file.read_text(encoding="utf-8"), list[str]()
        for path in Path(self._folder).rglob("*.py"):
            module = ".".join(path.relative_to(Path(self._folder).parents[1]).with_suffix("").parts)
            package, _, name = module.rpartition(".")
            if f"from {module} import" in text or re.search(rf"from {package} import .*\b{name}\b", text):
                found.append(str(path.relative_to(ROOT)))
        return found

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        self._calls = self.calls[item.nodeid] = set()
        began = time.process_time()
        self._until = began + SLOW_SECONDS
        sys.setprofile(self._called)
        try:
            return (yield)
        except TooSlowError:
            return None
        finally:
            sys.setprofile(None)
            self.seconds[item.nodeid] = time.process_time() - began

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.seconds.get(report.nodeid, 0.0) <= SLOW_SECONDS:
            self.failed.append(report.nodeid)

    def _called(self, frame: FrameType, event: str, _: object) -> None:
        if event != "call":
            return
        code = frame.f_code
        if code not in self._names:
            self._names[code] = self._name(code)
        name = self._names[code]
        if name is not None:
            self._calls.add(name)
        if time.process_time() > self._until:
            raise TooSlowError

    def _name(self, code: CodeType) -> str | None:
        if not code.co_filename.startswith(self._folder):
            return None
        path = str(Path(code.co_filename).relative_to(ROOT))
        return f"{path}::{code.co_qualname.partition('.<locals>')[0]}"

    def tested(self) -> Tested:
        """What was seen, of the quick tests."""
        quick = {test: spent for test, spent in self.seconds.items() if spent <= SLOW_SECONDS}
        by_function, by_module = defaultdict[str, list[str]](list), defaultdict[str, set[str]](set)
        for test in quick:
            for name in self.calls.get(test, ()):
                by_function[name].append(test)
                by_module[name.partition("::")[0]].add(test)
            # A table is read without a call.
            for path in self.imported.get(test.partition("::")[0], ()):
                by_module[path].add(test)
        modules = {path: sorted(tests) for path, tests in by_module.items()}
        reach = {test: len(self.calls.get(test, ())) for test in quick}
        return Tested(quick, dict(by_function), modules, reach, sorted(sys.modules), self.failed)


def watch(folder: Path, target: Path) -> int:
    """Run all tests in this process, and write down what was seen. Returns 0 if they came to their end."""
    watcher = Watcher(folder)
    code = pytest.main([*QUIET, *TESTS], plugins=[watcher])
    seen = watcher.tested()
    target.write_text(json.dumps({name: getattr(seen, name) for name in Tested.__dataclass_fields__}))
    # What is broken off fails, too.
    return 0 if code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) else int(code)


def read(target: Path) -> Tested:
    """What `watch` wrote."""
    seen: Mapping[str, object] = json.loads(target.read_text())
    return Tested(**seen)  # type: ignore[arg-type]  # written from one

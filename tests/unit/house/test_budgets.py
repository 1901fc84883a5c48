"""Each budget is broken once, and what stays just within it is left alone."""

from pathlib import Path, PurePosixPath

import pytest

from tests.budgets.__main__ import findings
from tests.budgets.honesty import purity_findings, weak_test_findings
from tests.budgets.sizes import name_findings, size_findings, summary
from tests.budgets.source import Source
from tests.budgets.tree import machine_paths, tracked
from tests.budgets.wording import text_findings

UNDONE = "TO" + "DO"


def source(text: str, path: str = "operator/emrjobs/core/runs.py") -> Source:
    return Source.parse(PurePosixPath(path), text)


def function_of(lines: int, head: str = "def f():") -> str:
    return "\n".join([head, *["    x = 1"] * (lines - 1)])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("x = 1\n" * 300, [], id="a file of 300 lines"),
        pytest.param("x = 1\n" * 301, ["301 lines"], id="a file of 301 lines"),
        pytest.param(function_of(40), [], id="a function of 40 lines"),
        pytest.param(function_of(41), ["f has 41 lines"], id="a function of 41 lines"),
        pytest.param(function_of(41, "async def f():"), ["f has 41 lines"], id="a coroutine of 41 lines"),
        pytest.param("@d\n@d\n" + function_of(40), [], id="decorators do not count"),
    ],
)
def test_sizes(text: str, found: list[str]) -> None:
    texts = [finding.text for finding in size_findings(source(text))]
    assert len(texts) == len(found)
    assert all(text.startswith(start) for text, start in zip(texts, found, strict=True))


@pytest.mark.parametrize(
    "path", ["operator/emrjobs/utils.py", "tests/helpers/clock.py", "operator/emrjobs/core/base.py"]
)
def test_names_that_say_nothing(path: str) -> None:
    assert len(list(name_findings(source("", path)))) == 1


@pytest.mark.parametrize("path", ["operator/emrjobs/core/backoff.py", "operator/emrjobs/core/manager_of_runs.py"])
def test_names_of_the_domain(path: str) -> None:
    assert not list(name_findings(source("", path)))


@pytest.mark.parametrize(
    ("body", "weak"),
    [
        pytest.param("x = 1", True, id="no assertion"),
        pytest.param("f()", True, id="only a call"),
        pytest.param("assert x", False, id="assert"),
        pytest.param("with pytest.raises(ValueError): f()", False, id="raises"),
        pytest.param("until(lambda: x)", False, id="a poll with a deadline"),
        pytest.param("time.sleep(0.5)\n    assert x", True, id="a long sleep"),
        pytest.param("asyncio.sleep(1)\n    assert x", True, id="a long asyncio sleep"),
        pytest.param("sleep(2)\n    assert x", True, id="a long imported sleep"),
        pytest.param("time.sleep(0.05)\n    assert x", False, id="a short sleep between polls"),
        pytest.param("time.sleep(pause)\n    assert x", False, id="a computed sleep"),
    ],
)
def test_weak_tests(body: str, weak: bool) -> None:
    text = f"def test_it():\n    {body}\n"
    assert bool(list(weak_test_findings(source(text, "tests/unit/test_it.py")))) is weak


def test_only_tests_need_assertions() -> None:
    text = "def test_it():\n    f()\n"
    assert not list(weak_test_findings(source(text, "tests/support/poll.py")))
    assert not list(weak_test_findings(source(text, "operator/emrjobs/test_it.py")))


@pytest.mark.parametrize(
    "call",
    ["datetime.now(UTC)", "datetime.datetime.now()", "date.today()", "uuid4()", "uuid.uuid1()", "open(p)"],
)
def test_impure_calls_in_core(call: str) -> None:
    assert list(purity_findings(source(f"x = {call}\n")))
    assert not list(purity_findings(source(f"x = {call}\n", "operator/emrjobs/runtime/clock.py")))


@pytest.mark.parametrize("call", ["world.now()", "reopen(p)", "uuid5(n, s)", "timedelta(seconds=1)"])
def test_pure_calls_in_core(call: str) -> None:
    assert not list(purity_findings(source(f"x = {call}\n")))


@pytest.mark.parametrize(
    ("path", "line", "broken"),
    [
        pytest.param("operator/emrjobs/a.py", f"# {UNDONE}: later", True, id="an unfinished word in the product"),
        pytest.param("README.md", f"{UNDONE}", True, id="an unfinished word in the readme"),
        pytest.param("tests/unit/a.py", f"# {UNDONE}: later", False, id="an unfinished word in a test"),
        pytest.param("docs/a.md", "a toolbox and stubborn jobs", False, id="words that contain one"),
        pytest.param("requirements/dev.txt", "--index" + "-url https://here.example/x", True, id="an index option"),
        pytest.param("requirements/dev.txt", "https://here.example" + "/simple/", True, id="an index address"),
        pytest.param("web/package-lock.json", '"resolved":' + ' "https://here.example/x.tgz"', True, id="a lock file"),
        pytest.param("Makefile", "uv pip compile --no-emit-index-url", False, id="the option that leaves it out"),
        pytest.param("docs/a.md", "see https://here.example/simple-jobs", False, id="another address"),
        pytest.param("docs/a.md", "cd /opt/checkouts/emrjobs/docs", True, id="a path of this machine"),
    ],
)
def test_wording(path: str, line: str, broken: bool) -> None:
    found = list(text_findings(PurePosixPath(path), f"first\n{line}\n", ["/opt/checkouts/emrjobs/"]))
    assert bool(found) is broken
    assert all(finding.line == 2 for finding in found)


def test_a_checkout_reports_the_shadow_of_operator(tmp_path: Path) -> None:
    (tmp_path / "operator").mkdir()
    (tmp_path / "operator" / "__init__.py").write_text("")
    (tmp_path / "operator" / "broken.py").write_text("def :\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    broken, sources = findings(tmp_path)
    assert [str(finding.path) for finding in broken] == ["operator/__init__.py", "operator/broken.py"]
    assert [str(each.path) for each in sources] == ["operator/__init__.py"]


def test_hidden_and_cached_files_are_no_part_of_a_checkout(tmp_path: Path) -> None:
    for name in (".venv/a.py", "operator/__pycache__/a.py", "operator/a.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert tracked(tmp_path) == [PurePosixPath("operator/a.py")]


def test_folders_below_the_root_are_nobodys() -> None:
    assert "/app/" not in machine_paths(Path("/app"))
    assert "/home/somebody/emrjobs/" in machine_paths(Path("/home/somebody/emrjobs"))


def test_the_summary_names_medians_and_longest() -> None:
    sources = [source("x = 1\n" * 3), source(function_of(5)), source("", "tests/a.py")]
    assert summary("operator", sources) == (
        "operator/: 2 files, median 4 lines, longest 5; 1 functions, median 5 lines, longest 5"
    )
    assert summary("tests", sources) == "tests/: 1 files, median 0 lines, longest 0; no functions"

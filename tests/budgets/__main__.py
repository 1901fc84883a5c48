"""``python -m tests.budgets``: prints medians and every broken budget; exits 1 if there is one."""

import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tests.budgets.honesty import purity_findings, weak_test_findings
from tests.budgets.sizes import name_findings, size_findings, summary
from tests.budgets.source import Finding, Source
from tests.budgets.tree import machine_paths, texts
from tests.budgets.wording import text_findings

RULES = (size_findings, name_findings, weak_test_findings, purity_findings)
SHADOW = PurePosixPath("operator/__init__.py")


def findings(root: Path) -> tuple[list[Finding], list[Source]]:
    """All broken budgets of a checkout, and the Python files that were read."""
    broken: list[Finding] = []
    sources: list[Source] = []
    private = machine_paths(root)
    for path, text in texts(root):
        broken.extend(text_findings(path, text, private))
        if path.suffix == ".py":
            broken.extend(_python_findings(path, text, sources))
    return broken, sources


def _python_findings(path: PurePosixPath, text: str, sources: list[Source]) -> Iterator[Finding]:
    if path == SHADOW:
        yield Finding(path, 1, "it shadows the standard library's operator module: delete it")
    try:
        source = Source.parse(path, text)
    except SyntaxError as error:
        yield Finding(path, error.lineno or 1, "no Python")
        return
    sources.append(source)
    for rule in RULES:
        yield from rule(source)


def main() -> int:
    broken, sources = findings(Path.cwd())
    for folder in ("operator", "tests"):
        print(summary(folder, sources))
    for finding in broken:
        print(finding)
    print(f"{len(broken)} over budget" if broken else "all within budget")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

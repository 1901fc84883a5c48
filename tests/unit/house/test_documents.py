"""Documents say what is so: their links lead somewhere, and their tables are those that tests act out."""

import re
from pathlib import Path

import pytest

from emrjobs.core.job_policy.baseline import table
from emrjobs.core.job_policy.classifications import JUDGED
from tests.integration.lifecycle_table import markdown
from tests.sandbox.paths import ROOT

FOLDERS = ("", "integration")
"""Where a test that a document names may be, below `tests`."""
LINK = re.compile(r"\]\(([^)#\s]+)")
DOCUMENTS = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(
        part.startswith(".") or part in ("build", "dist", "node_modules") for part in path.relative_to(ROOT).parts
    )
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_table_of_members_and_moments_is_the_one_that_is_acted_out() -> None:
    assert markdown() in (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")


def test_every_test_that_the_security_page_names_is_there() -> None:
    named = re.findall(r"`([a-z/_]*test_[a-z_]+)`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8"))
    tests = ROOT / "tests"
    assert named
    assert [name for name in named if not any((tests / folder / f"{name}.py").is_file() for folder in FOLDERS)] == []


def test_the_page_on_policies_tells_the_baseline_and_the_classifications() -> None:
    page = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    assert table() in page
    assert ", ".join(JUDGED) in page

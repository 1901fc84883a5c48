"""Documents say what is so: their links lead somewhere, and their tables are those that tests act out."""

import re
from pathlib import Path

import pytest

from tests.integration.lifecycle_table import markdown
from tests.sandbox.paths import ROOT

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

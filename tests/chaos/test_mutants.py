"""Each deliberate bug is caught by the test that is named beside it; every bug has a place in today's code."""

import shutil
from pathlib import Path

import pytest

from tests.chaos.conftest import Tell
from tests.chaos.mutants import MUTANTS, Mutant, apply, outcome
from tests.sandbox.paths import OPERATOR_SOURCE

FAILED = 1
"""pytest's exit code where tests ran and some failed."""


@pytest.mark.parametrize("mutant", [pytest.param(mutant, id=mutant.bug) for mutant in MUTANTS])
def test_the_bug_has_a_place_in_the_code(mutant: Mutant, tmp_path: Path) -> None:
    shutil.copytree(OPERATOR_SOURCE, tmp_path / "operator")

    apply(mutant, tmp_path / "operator")

    before, after = (folder / "emrjobs" / mutant.file for folder in (OPERATOR_SOURCE, tmp_path / "operator"))
    assert before.read_text(encoding="utf-8") != after.read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.controlplane
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", [pytest.param(mutant, id=mutant.bug) for mutant in MUTANTS])
def test_the_bug_is_caught(mutant: Mutant, tmp_path: Path, tell: Tell) -> None:
    code, said = outcome(mutant, tmp_path)

    tell(f"{mutant.bug}: {'caught by' if code == FAILED else 'NOT caught by'} {mutant.caught_by}")
    assert code == FAILED, said[-4000:]
    assert "failed" in said.splitlines()[-1], said[-4000:]

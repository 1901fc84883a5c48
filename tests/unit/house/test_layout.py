"""The source root is called operator and must not hide the standard library's module of that name."""

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROGRAM = "import operator, emrjobs; print(operator.__file__); print(emrjobs.__file__)"


def test_operator_is_still_the_standard_librarys_at_the_repository_root() -> None:
    command = [sys.executable, "-c", PROGRAM]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    assert Path(found[0]) == Path(sysconfig.get_path("stdlib")) / "operator.py"
    assert Path(found[1]).is_relative_to(ROOT / "operator" / "emrjobs")


def test_the_source_root_is_no_package() -> None:
    assert (ROOT / "operator" / "emrjobs" / "__init__.py").is_file()
    assert not (ROOT / "operator" / "__init__.py").exists()

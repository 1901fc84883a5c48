"""The import rules bite: wrong imports put into a copy of the source are refused, right ones are kept."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = Path("operator", "emrjobs")

WRONG = [
    ("core", "boto3"),
    ("core", "kopf"),
    ("core", "os"),
    ("core", "time"),
    ("core", "random"),
    ("core", "asyncio"),
    ("api", "kopf"),
    ("api", "time"),
    ("adapters", "kopf"),
    ("runtime", "kopf"),
    ("runtime", "boto3"),
    ("runtime", "kubernetes"),
    ("core", "emrjobs.adapters"),
    ("core", "emrjobs.runtime"),
    ("api", "emrjobs.core"),
    ("adapters", "emrjobs.runtime"),
]
RIGHT = [
    ("core", "emrjobs.api"),
    ("core", "dataclasses"),
    ("adapters", "boto3"),
    ("adapters", "kubernetes"),
    ("adapters", "aiohttp"),
    ("adapters", "emrjobs.core"),
    ("runtime", "aiohttp"),
    ("runtime", "emrjobs.adapters"),
]


def probe(layer: str, imported: str) -> str:
    """The name of the module that holds one import."""
    return f"emrjobs.{layer}.probe_{imported.replace('.', '_')}"


def add_import(folder: Path, module: str, imported: str) -> None:
    path = (folder / "operator").joinpath(*module.split(".")).with_suffix(".py")
    with path.open("a") as file:
        file.write(f"\nimport {imported}\n")


def copied(folder: Path) -> Path:
    shutil.copytree(ROOT / PACKAGE, folder / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def judged(folder: Path) -> tuple[bool, str]:
    """Whether import-linter keeps every contract in ``folder``, and what it says."""
    linter = str(Path(sys.executable).with_name("lint-imports"))
    environment = os.environ | {"PYTHONPATH": str(folder / "operator")}
    ended = subprocess.run(
        [linter, "--no-cache"], cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    return ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = copied(tmp_path_factory.mktemp("wrong"))
    for layer, imported in WRONG:
        add_import(folder, probe(layer, imported), imported)
    kept, text = judged(folder)
    assert not kept
    return text


@pytest.mark.parametrize(("layer", "imported"), WRONG)
def test_a_wrong_import_is_refused(refusals: str, layer: str, imported: str) -> None:
    assert f"{probe(layer, imported)} -> {imported} (" in refusals


def test_right_imports_are_kept(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    for layer, imported in RIGHT:
        add_import(folder, probe(layer, imported), imported)
    add_import(folder, "emrjobs.runtime.informer", "kopf")
    kept, text = judged(folder)
    assert kept, text


def test_a_new_module_beside_the_layers_needs_a_place(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    add_import(folder, "emrjobs.newcomer", "emrjobs.api")
    kept, text = judged(folder)
    assert not kept
    assert "emrjobs.newcomer" in text

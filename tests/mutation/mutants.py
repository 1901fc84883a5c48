"""The mutants of a folder: which there are, which are known to be no bugs, and what the tests say to each."""

import ast
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.mutation.changes import Change, changes, mutated
from tests.sandbox.paths import ROOT

SOURCE = ROOT / "operator"
CORE = SOURCE / "emrjobs" / "core"
EQUIVALENT = Path(__file__).with_name("equivalent.yaml")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module."""

    path: Path
    change: Change

    @property
    def file(self) -> str:
        """From the root of the repository."""
        return str(self.path.relative_to(ROOT))

    @property
    def module(self) -> str:
        return ".".join(self.path.relative_to(SOURCE).with_suffix("").parts)

    @property
    def key(self) -> str:
        return f"{self.path.relative_to(CORE)}::{self.change.key}"

    def tree(self) -> ast.Module:
        """The module with that change."""
        return mutated(self.path.read_text(encoding="utf-8"), self.change.number)

    def __str__(self) -> str:
        return f"{self.path.relative_to(CORE)}:{self.change.line} {self.change.key}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`word`: killed, hung, survived, or untested, where no quick test goes there."""

    mutant: Mutant
    word: str

    @property
    def caught(self) -> bool:
        return self.word in ("killed", "hung")


def all_mutants(folder: Path = CORE) -> list[Mutant]:
    """Of every module there, in a fixed order."""
    paths = sorted(path for path in folder.rglob("*.py") if path.name != "__init__.py")
    return [Mutant(path, change) for path in paths for change in changes(path.read_text(encoding="utf-8"))]


def known_equivalent() -> dict[str, str]:
    """Mutants that change nothing that anybody could notice, each with the reason."""
    rows = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or []
    return {key: row["because"] for row in rows for key in row["mutants"]}


def sample(mutants: Sequence[Mutant], count: int | None, seed: int) -> list[Mutant]:
    """So many of them, spread evenly by chance; all without a count."""
    if count is None or count >= len(mutants):
        return list(mutants)
    chosen = set(random.Random(seed).sample(range(len(mutants)), count))
    return [mutant for place, mutant in enumerate(mutants) if place in chosen]

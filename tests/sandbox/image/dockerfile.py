"""Reads the Dockerfile: its stages and their instructions. Pure, apart from reading the file."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from tests.sandbox.paths import ROOT

DOCKERFILE = ROOT / "Dockerfile"

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word, and all that follows it on its line and the continued ones."""

    word: str
    text: str

    @property
    def words(self) -> list[str]:
        """The parts of the exec form, or of the line."""
        found: list[str] = json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)
        return found


@dataclass(slots=True)
class Stage:
    """What begins with a FROM."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def last(self, word: str) -> Instruction:
        """Return the last instruction of a kind: it is the one that counts. Raises `LookupError`."""
        for instruction in reversed(self.instructions):
            if instruction.word == word:
                return instruction
        raise LookupError(f"the stage {self.name or self.base} has no {word}")

    def environment(self, before: dict[str, str]) -> dict[str, str]:
        """Return the variables that ENV sets, laid over those of the base."""
        found = dict(before)
        for instruction in self.instructions:
            if instruction.word == "ENV":
                given = dict(word.split("=", 1) for word in instruction.words)
                found |= {name: replaced(value, found) for name, value in given.items()}
        return found


def stages(path: Path = DOCKERFILE) -> list[Stage]:
    """Return the stages in their order; the last one is the image."""
    found: list[Stage] = []
    for instruction in _instructions(path.read_text(encoding="utf-8")):
        if instruction.word == "FROM":
            base, *rest = instruction.text.split()
            found.append(Stage(base, rest[1] if rest else ""))
        elif found:
            found[-1].instructions.append(instruction)
    return found


def replaced(text: str, variables: dict[str, str]) -> str:
    """Put variables in place of $NAME and ${NAME}; unknown ones are empty."""
    return _VARIABLE.sub(lambda found: variables.get(found[1] or found[2], ""), text)


def _instructions(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [Instruction(word.upper(), rest) for word, rest in found]

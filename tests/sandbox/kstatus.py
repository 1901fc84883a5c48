"""What kstatus, the library that Flux and others wait with, concludes from an object. Built once, with Go."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sandbox.controlplane.binaries import cache_folder, tell
from tests.sandbox.controlplane.build import build
from tests.sandbox.controlplane.modules import Program

PROGRAM = Program("kstatus", "kstatus", ".", 50)
SOURCES = ("go.mod", "go.sum", "main.go")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`status` is one of Current, InProgress, Failed, Terminating, NotFound, Unknown."""

    status: str
    message: str


def program() -> Path | None:
    """Return the program, built if need be; None where it is not there and cannot be built."""
    folder = cache_folder().parent / f"kstatus-{_digest()}"
    if (folder / PROGRAM.name).is_file():
        return folder / PROGRAM.name
    if shutil.which("go") is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return build(PROGRAM, folder, tell)


def verdicts(program: Path, objects: Sequence[dict[str, Any]]) -> list[Verdict]:
    """Judge objects, in their order. Raises `CalledProcessError` where one cannot be judged."""
    asked = "\n".join(json.dumps(item) for item in objects)
    said = subprocess.run([str(program)], input=asked, capture_output=True, text=True, check=True, timeout=30)
    return [Verdict(**json.loads(line)) for line in said.stdout.splitlines()]


def _digest() -> str:
    """A change of the program or of a version leads to another folder."""
    content = b"".join((PROGRAM.folder / name).read_bytes() for name in SOURCES)
    return hashlib.sha256(content).hexdigest()[:12]

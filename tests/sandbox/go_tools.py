"""Small programs of the tests, built with Go once for each version of their source, and kept in the cache."""

import hashlib
import shutil
from pathlib import Path

from tests.sandbox.controlplane.binaries import cache_folder, tell
from tests.sandbox.controlplane.build import build
from tests.sandbox.controlplane.modules import Program

SOURCES = ("go.mod", "go.sum", "main.go")


def built(program: Program) -> Path | None:
    """Return the program, built if need be; None where it is not there and cannot be built."""
    folder = cache_folder().parent / f"{program.name}-{_digest(program)}"
    if (folder / program.name).is_file():
        return folder / program.name
    if shutil.which("go") is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return build(program, folder, tell)


def _digest(program: Program) -> str:
    """A change of the program or of a version leads to another folder."""
    paths = [program.folder / name for name in SOURCES]
    content = b"".join(path.read_bytes() for path in paths if path.is_file())
    return hashlib.sha256(content).hexdigest()[:12]

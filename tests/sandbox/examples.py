"""The manifests of `examples/` and what each one says about its own end."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import yaml

from tests.sandbox.paths import EXAMPLES

Expected = Literal["COMPLETED", "FAILED", "CANCELLED", "REJECTED", "SUSPENDED", "refused"]
"""The state that it comes to rest in, or `refused`: the API server takes no such object."""

DECLARATION = re.compile(r"^#\s*demo:\s*(\S+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """One file with one EmrJobRun."""

    path: Path
    name: str
    expected: Expected


def load(folder: Path = EXAMPLES) -> list[Example]:
    """Read all manifests, in the order of their file names. Raises `ValueError` where one declares no end."""
    found = [read(path) for path in sorted(folder.glob("*.yaml"))]
    if not found:
        raise ValueError(f"no manifests in {folder}")
    return found


def read(path: Path) -> Example:
    text = path.read_text(encoding="utf-8")
    declared = DECLARATION.search(text)
    words = get_args(Expected)
    for word in words:
        if declared is not None and declared[1] == word:
            return Example(path, str(yaml.safe_load(text)["metadata"]["name"]), word)
    raise ValueError(f"{path} needs a line '# demo: …' with one of {', '.join(words)}")

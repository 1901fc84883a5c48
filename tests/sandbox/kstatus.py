"""What kstatus, the library that Flux and others wait with, concludes from an object. Built once, with Go."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sandbox.controlplane.modules import Program
from tests.sandbox.go_tools import built

PROGRAM = Program("kstatus", "kstatus", ".", 50)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`status` is one of Current, InProgress, Failed, Terminating, NotFound, Unknown."""

    status: str
    message: str


def program() -> Path | None:
    """Return the program, built if need be; None where it is not there and cannot be built."""
    return built(PROGRAM)


def verdicts(program: Path, objects: Sequence[dict[str, Any]]) -> list[Verdict]:
    """Judge objects, in their order. Raises `CalledProcessError` where one cannot be judged."""
    asked = "\n".join(json.dumps(item) for item in objects)
    said = subprocess.run([str(program)], input=asked, capture_output=True, text=True, check=True, timeout=30)
    return [Verdict(**json.loads(line)) for line in said.stdout.splitlines()]

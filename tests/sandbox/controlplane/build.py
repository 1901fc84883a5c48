"""Builds a program of the control plane with Go, and says how far it is."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.sandbox.controlplane.modules import Program, go_version, link_flags
from tests.sandbox.processes import Process

Say = Callable[[str], None]

SECONDS_BETWEEN_LINES = 15.0


class GoMissing(RuntimeError):
    """The control plane is neither here nor can it be built."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"no control plane: {', '.join(names)} not found, and no Go to build them.\n"
            f"Either install Go {go_version()} or newer (https://go.dev/dl) and have `go` in PATH,\n"
            "or set KUBEBUILDER_ASSETS to a folder with these programs."
        )


class BuildFailed(RuntimeError):
    """Go could not build a program; the text ends with what Go said."""


def build(program: Program, into: Path, say: Say) -> Path:
    """Build `program` and move it into the folder `into` in one step, so that nobody sees half of it."""
    go = shutil.which("go")
    if go is None:
        raise GoMissing([program.name])
    with tempfile.TemporaryDirectory(prefix=".building-", dir=into) as work:
        output = Path(work) / program.name
        argv = [go, "build", "-ldflags", link_flags(program), "-o", str(output), program.package]
        # Go keeps the user's environment: its caches, its module proxy and private settings.
        process = Process(
            program.name,
            argv,
            env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"},
            log=Path(work) / "log",
            cwd=program.folder,
        )
        try:
            _follow(process, program, say)
        finally:
            process.kill()
        output.replace(into / program.name)
    return into / program.name


def _follow(process: Process, program: Program, say: Say) -> None:
    started = time.monotonic()
    say(f"{program.name}: building, about {_clock(expected_seconds(program))} where Go's caches are empty")
    while True:
        try:
            code = process.wait(SECONDS_BETWEEN_LINES)
        except subprocess.TimeoutExpired:
            elapsed = _clock(time.monotonic() - started)
            say(f"{program.name}: building, {elapsed} of about {_clock(expected_seconds(program))}")
            continue
        if code != 0:
            raise BuildFailed(f"go build of {program.name} ended with {code}:\n{process.tail()}")
        say(f"{program.name}: built in {_clock(time.monotonic() - started)}")
        return


def expected_seconds(program: Program) -> float:
    """Scale the time measured on two cores; compiling gains little from more than eight."""
    return program.seconds * 2 / min(max(os.cpu_count() or 2, 1), 8)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"

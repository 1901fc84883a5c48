"""Starts a container from its written description."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.sandbox.paths import ROOT
from tests.sandbox.pods.container import ASKING
from tests.sandbox.pods.syscalls import die_with_parent


def command_line(spec: Path) -> list[str]:
    """The program that becomes the container; run it in the checkout's folder."""
    return [sys.executable, "-S", "-E", "-m", "tests.sandbox.pods.container", str(spec)]


def launch(spec: Path, log: Path, *inherited: int) -> "subprocess.Popen[bytes]":
    """Start a container, which writes into `log` and ends with this process."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command_line(spec),
            env={"PATH": os.defpath},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=inherited,
            preexec_fn=_prepare,  # noqa: PLW1509 - two calls into the kernel
        )


def _prepare() -> None:
    """Hold back what asks the container to end, until it is the command that hears it."""
    die_with_parent()
    signal.pthread_sigmask(signal.SIG_BLOCK, ASKING)

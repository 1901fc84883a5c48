"""Flame graphs of the operator by py-spy, where it is installed and wanted."""

import os
import shutil
import signal
import sys
from pathlib import Path

from tests.sandbox.processes import Process


class Profiler:
    """Samples one process at a time into `folder`; does nothing without one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._process: Process | None = None
        beside = Path(sys.executable).parent / "py-spy"
        self._program = str(beside) if beside.exists() else shutil.which("py-spy")
        if folder is not None and self._program is None:
            raise FileNotFoundError("--profile needs py-spy: install it beside this Python, or on the PATH")

    def start(self, name: str, pid: int) -> None:
        if self._folder is None or self._program is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder.resolve() / f"{name}-{pid}.txt"
        argv = [self._program, "record", "--nonblocking", "--format", "raw", "--rate", "200", "--duration", "3600"]
        argv += ["--output", str(target), "--pid", str(pid)]
        self._process = Process("py-spy", argv, env=dict(os.environ), log=self._folder / "py-spy.log")

    def stop(self) -> None:
        """py-spy writes its file when it is interrupted."""
        process, self._process = self._process, None
        if process is not None and process.running:
            process.signal(signal.SIGINT)
            process.wait(60)

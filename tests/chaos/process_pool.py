"""Operators as forks of one loaded process: started in a moment, stopped by signals, each with its own log."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Queue
from types import TracebackType
from typing import Self

import emrjobs.__main__ as program
from tests.sandbox.paths import ROOT
from tests.sandbox.processes import clean_environment
from tests.support.poll import until

SOURCE = Path(program.__file__).resolve().parents[1]
"""Of the operator that this process imports; the forks import the same."""


class OperatorProcess:
    """One operator. Signals go to it only while it is known to be alive."""

    def __init__(self, pid: int, log: Path) -> None:
        self.pid = pid
        self.log = log
        self.code: int | None = None
        self.doomed = False
        """It was killed or told to end, and may not have noticed yet."""

    @property
    def running(self) -> bool:
        return self.code is None

    def signal(self, number: signal.Signals) -> None:
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.doomed = True
        self.signal(signal.SIGKILL)

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def terminate(self) -> None:
        self.doomed = True
        self.signal(signal.SIGTERM)

    def ended(self, timeout: float = 30.0) -> int:
        """Wait for its end, and return its exit code."""
        until(lambda: not self.running, timeout, lambda: f"operator {self.pid} ends; its log is {self.log}")
        return self.code if self.code is not None else 1

    def logs(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


class ProcessPool:
    """The forking process, from `with` to its end; all that it started ends with it."""

    def __init__(self, folder: Path) -> None:
        self._logs = folder / "logs"
        self._home = folder
        self._forks: dict[int, OperatorProcess] = {}
        self._ordered: deque[Path] = deque()
        self._started: Queue[OperatorProcess] = Queue()
        self._lock = threading.Lock()
        self._count = 0

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.forkserver"],
            cwd=ROOT,
            env=clean_environment(self._home, PYTHONPATH=str(SOURCE)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for fork in list(self._forks.values()):
            fork.kill()
        self._server.kill()
        self._server.wait()
        self._reader.join(10)

    @property
    def count(self) -> int:
        """How many were started."""
        return self._count

    def start(self, environment: Mapping[str, str], args: Sequence[str] = ()) -> OperatorProcess:
        if not self._ready.wait(60):
            raise RuntimeError("the forking process did not load the operator")
        with self._lock:
            self._count += 1
            log = self._logs / f"operator-{self._count}.log"
            order = {"env": dict(environment), "args": list(args), "log": str(log)}
            self._ordered.append(log)
            assert self._server.stdin is not None
            self._server.stdin.write(json.dumps(order).encode() + b"\n")
            self._server.stdin.flush()
            return self._started.get(timeout=30)

    def _read(self) -> None:
        assert self._server.stdout is not None
        for line in self._server.stdout:
            told = json.loads(line)
            if "ready" in told:
                self._ready.set()
            elif "pid" in told:
                self._note_start(told["pid"])
            else:
                self._note_end(told["ended"], told["code"])

    def _note_start(self, pid: int) -> None:
        fork = self._forks[pid] = OperatorProcess(pid, self._ordered.popleft())
        self._started.put(fork)

    def _note_end(self, pid: int, code: int) -> None:
        fork = self._forks.pop(pid, None)
        if fork is not None:
            fork.code = code

"""Child processes of the sandbox: a session and a log of their own, a clean environment, ended with us."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PR_SET_PDEATHSIG = 1

# The kernel sends the parent-death signal when the *thread* that started the child ends, so one thread that
# lives as long as this process starts them all, whichever thread asks.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="process-starter")


def clean_environment(home: Path, **extra: str) -> dict[str, str]:
    """Return an environment without proxies, credentials, certificate bundles or settings of this machine."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LANG": "C.UTF-8", **extra}


def _ending_with_us() -> Callable[[], None] | None:
    """Return what a child runs first, so that it is killed even when we are killed; nothing off Linux."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return bind


class Process:
    """One running child and its log file. It is signalled as a group, and only while it is alive."""

    def __init__(
        self, name: str, argv: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path | None = None
    ) -> None:
        self.name = name
        self.log = log
        self._popen = _STARTER.submit(_spawn, argv, env, log, cwd).result()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; minus the signal's number if a signal ended it."""
        return self._popen.poll()

    @property
    def running(self) -> bool:
        return self.returncode is None

    def signal(self, number: signal.Signals) -> None:
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def wait(self, timeout: float) -> int:
        return self._popen.wait(timeout)

    def kill(self) -> int:
        """End it at once (SIGKILL) and return its exit code."""
        self.signal(signal.SIGKILL)
        return self._popen.wait()

    def stop(self, grace: float = 20.0) -> int:
        """Ask it to end (SIGTERM), kill it after `grace` seconds, and return its exit code."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        try:
            return self._popen.wait(grace)
        except subprocess.TimeoutExpired:
            return self.kill()

    def tail(self, lines: int = 20) -> str:
        """Return the end of its log, for the text of a failure."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def must_run(self) -> None:
        """Raise if it has ended, with the end of its log."""
        if not self.running:
            raise RuntimeError(f"{self.name} ended with {self.returncode}:\n{self.tail()}")


def _spawn(argv: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path | None) -> "subprocess.Popen[bytes]":
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_ending_with_us(),  # noqa: PLW1509 - it only calls prctl, getppid and _exit
        )

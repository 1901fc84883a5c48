"""The operator under test, run as a user runs it, and known only by its port and its log."""

import json
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.sandbox.paths import OPERATOR_SOURCE, ROOT
from tests.sandbox.processes import Process
from tests.support.poll import until

LISTENING = "http server listening"
READY_WITHIN = 60.0

# Loopback needs no proxy, whatever this machine's settings are.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def command() -> tuple[list[str], dict[str, str]]:
    """Return the command line of `emrjobs run` and what its environment must add."""
    script = Path(sys.executable).parent / "emrjobs"
    if script.exists():
        return [str(script), "run"], {}
    return [sys.executable, "-m", "emrjobs", "run"], {"PYTHONPATH": str(OPERATOR_SOURCE)}


class OperatorProcess:
    """One operator. It is asked over HTTP, and stopped by signals."""

    def __init__(self, environment: Mapping[str, str], log: Path, args: Sequence[str] = ()) -> None:
        argv, added = command()
        self._process = Process("operator", [*argv, *args], env={**added, **environment}, log=log, cwd=ROOT)
        self._given_port = int(environment.get("EMRJOBS_HTTP_PORT", "0"))
        self.log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.running

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    @property
    def port(self) -> int:
        """Its HTTP port: the given one, else the one that it logs. Waits for that."""
        if not self._given_port:
            self._given_port = until(self._logged_port, READY_WITHIN, self._text("logs its HTTP port"))
        return self._given_port

    def wait_ready(self, timeout: float = READY_WITHIN) -> None:
        """Wait until `/readyz` says so; raise at once if the process ends."""
        _ = self.port
        until(self._is_ready, timeout, self._text("is ready"), ignore=(OSError,))

    def kill(self) -> int:
        """SIGKILL, as a node that fails or a container out of memory."""
        return self._process.kill()

    def terminate(self, grace: float = 25.0) -> int:
        """SIGTERM, as a rolling update does, then SIGKILL after `grace` seconds. Returns the exit code."""
        return self._process.stop(grace)

    def begin_to_terminate(self) -> None:
        """SIGTERM, without waiting for the end."""
        self._process.signal(signal.SIGTERM)

    def pause(self) -> None:
        """SIGSTOP: it is there, and does nothing."""
        self._process.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.signal(signal.SIGCONT)

    def logs(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def get(self, path: str) -> str:
        """Return what its HTTP server answers at `path`; errors and refusals raise `OSError`."""
        with _OPENER.open(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            text: str = answer.read().decode()
            return text

    def readiness(self) -> str:
        """What `/readyz` says, ready or not; nothing while nobody answers."""
        try:
            return self.get("/readyz")
        except urllib.error.HTTPError as refused:
            text: str = refused.read().decode()
            return text
        except OSError:
            return ""

    def metrics(self) -> dict[str, float]:
        """Return all samples of `/metrics` by name and labels as printed: `name{label="value"}`."""
        lines = (line for line in self.get("/metrics").splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    def _is_ready(self) -> bool:
        self._process.must_run()
        self.get("/readyz")
        return True

    def _logged_port(self) -> int | None:
        self._process.must_run()
        for line in self.logs().splitlines():
            if LISTENING in line and line.startswith("{"):
                return int(json.loads(line)["port"])
        return None

    def _text(self, what: str) -> str:
        return f"the operator {what}; its log is {self.log}"

"""Helm, the real one: built once with Go, run with a clean environment and folders of its own."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.controlplane.modules import Program
from tests.sandbox.go_tools import built
from tests.sandbox.processes import clean_environment

PROGRAM = Program("helm", "helm", "helm.sh/helm/v4/cmd/helm", 120)


class HelmFailed(RuntimeError):
    """Helm ended with an error; the text holds what it said."""


def program() -> Path | None:
    """Return the program, built if need be; None where it is not there and cannot be built."""
    return built(PROGRAM)


@dataclass(frozen=True, slots=True)
class Helm:
    """`home` holds its caches and settings. Without a kubeconfig it can only render."""

    program: Path
    home: Path
    kubeconfig: Path | None = None

    def run(self, *args: str, check: bool = True, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run it. With `check`, an exit code other than 0 raises `HelmFailed`."""
        # A kubeconfig that is not there: never the one of whoever runs the tests.
        environment = clean_environment(self.home, KUBECONFIG=str(self.kubeconfig or self.home / "no-kubeconfig"))
        done = subprocess.run(
            [str(self.program), *args],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode != 0:
            raise HelmFailed(f"helm {' '.join(args)} ended with {done.returncode}:\n{done.stderr}")
        return done

"""The real AWS CLI, in an environment of its own: it pins a botocore that is not ours."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.sandbox.controlplane.binaries import cache_folder
from tests.sandbox.paths import ROOT

LOCK = ROOT / "requirements" / "awscli.txt"
INSTALLED_WITHIN = 300.0
ANSWERED_WITHIN = 60.0


class CannotInstall(RuntimeError):
    """The package registry did not give the CLI; the text is what the installer said."""


class AwsCli:
    """`aws` against one endpoint."""

    def __init__(self, program: Path, endpoint: str, region: str) -> None:
        self._program = program
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
            "AWS_ENDPOINT_URL_EMR_CONTAINERS": endpoint,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "*",
        }

    def start_job_run(self, flags: Sequence[str]) -> str:
        """Run `aws emr-containers start-job-run`; return the id of the run."""
        done = subprocess.run(
            [str(self._program), "emr-containers", "start-job-run", "--output", "json", *flags],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=ANSWERED_WITHIN,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"aws ended with {done.returncode}: {done.stderr}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return str(answer["id"])


def installed() -> Path:
    """Return the program `aws`, installed from the lock file into our cache if it is not there yet."""
    digest = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = cache_folder().parent / f"awscli-{digest}"
    if not (home / "bin" / "aws").exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        _install(home)
    return home / "bin" / "aws"


def _install(home: Path) -> None:
    """Into a folder beside it first: what is half done is never taken for the whole."""
    with tempfile.TemporaryDirectory(dir=home.parent) as near:
        fresh = Path(near) / "venv"
        _run(sys.executable, "-m", "venv", "--without-pip", str(fresh))
        python = str(fresh / "bin" / "python")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "--python", python]
        _run(*pip, "install", "--no-deps", "--require-hashes", "--requirement", str(LOCK))
        _relocate(fresh / "bin" / "aws", home)
        shutil.rmtree(home, ignore_errors=True)
        fresh.rename(home)


def _relocate(script: Path, home: Path) -> None:
    """The first line of a script names the Python beside it, by its full path."""
    _, _, rest = script.read_text(encoding="utf-8").partition("\n")
    script.write_text(f"#!{home / 'bin' / 'python'}\n{rest}", encoding="utf-8")


def _run(*argv: str) -> None:
    done = subprocess.run(
        argv, env=dict(os.environ), capture_output=True, text=True, timeout=INSTALLED_WITHIN, check=False
    )
    if done.returncode != 0:
        raise CannotInstall(done.stderr[-2000:])

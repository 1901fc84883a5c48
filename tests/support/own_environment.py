"""Programs of other projects in environments of their own, from hash-locked lists, kept in our cache."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.sandbox.controlplane.binaries import cache_folder
from tests.sandbox.paths import ROOT

INSTALLED_WITHIN = 300.0


class CannotInstall(RuntimeError):
    """The package registry did not give the program; the text is what the installer said."""


def installed(name: str, program: str) -> Path:
    """Return a program of `requirements/NAME.txt`, installed into our cache if it is not there yet."""
    lock = ROOT / "requirements" / f"{name}.txt"
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = cache_folder().parent / f"{name}-{digest}"
    if not (home / "bin" / program).exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        _install(lock, program, home)
    return home / "bin" / program


def _install(lock: Path, program: str, home: Path) -> None:
    """Into a folder beside it first: what is half done is never taken for the whole."""
    with tempfile.TemporaryDirectory(dir=home.parent) as near:
        fresh = Path(near) / "venv"
        _run(sys.executable, "-m", "venv", "--without-pip", str(fresh))
        python = str(fresh / "bin" / "python")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "--python", python]
        _run(*pip, "install", "--no-deps", "--require-hashes", "--requirement", str(lock))
        _relocate(fresh / "bin" / program, home)
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

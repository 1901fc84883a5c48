"""Finds the control plane's programs: given by the environment, else in our cache, else built into it."""

import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.controlplane.build import GoMissing, Say, build
from tests.sandbox.controlplane.modules import PROGRAMS, Program, etcd_version, kubernetes_version

ASSETS = "KUBEBUILDER_ASSETS"


@dataclass(frozen=True, slots=True)
class Binaries:
    """Where each program is. They may come from different folders."""

    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path
    kubectl: Path


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return our folder for these versions; a change of either pin leads to another one."""
    base = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME") or Path.home()) / ".cache")
    return Path(base) / "emrjobs" / f"kubernetes-{kubernetes_version()}-etcd-{etcd_version()}"


def found(environ: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Return the programs that need no building, by name. envtest's assets lack the controller manager."""
    folders = [Path(environ[ASSETS])] if environ.get(ASSETS) else []
    folders.append(cache_folder(environ))
    return {
        program.name: path for program in PROGRAMS for path in [_first_executable(folders, program)] if path is not None
    }


def missing(environ: Mapping[str, str] = os.environ) -> list[Program]:
    already = found(environ)
    return [program for program in PROGRAMS if program.name not in already]


def why_not(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return why there can be no control plane on this machine, or None."""
    lacking = missing(environ)
    if lacking and shutil.which("go", path=environ.get("PATH")) is None:
        return str(GoMissing([program.name for program in lacking]))
    return None


def provide(environ: Mapping[str, str] = os.environ, say: Say | None = None) -> Binaries:
    """Find all programs, building what is missing. Raises `GoMissing` or `BuildFailed`."""
    if missing(environ):
        _build_missing(environ, say or tell)
    paths = found(environ)
    return Binaries(**{name.replace("-", "_"): path for name, path in paths.items()})


def one_folder(binaries: Binaries) -> Path:
    """Return a folder with all programs in it: their own, or one of links where they are in several."""
    paths = [binaries.etcd, binaries.kube_apiserver, binaries.kube_controller_manager, binaries.kubectl]
    if len({path.parent for path in paths}) == 1:
        return paths[0].parent
    name = hashlib.sha256("\n".join(map(str, paths)).encode()).hexdigest()[:12]
    folder = cache_folder().parent / f"links-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        if not (folder / path.name).exists():
            (folder / path.name).unlink(missing_ok=True)
            (folder / path.name).symlink_to(path.resolve())
    return folder


def tell(line: str) -> None:
    """Say on standard error: the last line of standard output is the folder."""
    print(f"control plane: {line}", file=sys.stderr, flush=True)


def _build_missing(environ: Mapping[str, str], say: Say) -> None:
    folder = cache_folder(environ)
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder / ".lock", say):
        lacking = missing(environ)
        if why_not(environ):
            raise GoMissing([program.name for program in lacking])
        if lacking and environ.get(ASSETS):
            say(f"{ASSETS} has no {', '.join(p.name for p in lacking)}")
        if lacking:
            say(f"building {', '.join(p.name for p in lacking)} into {folder} (once for these versions)")
        for program in lacking:
            build(program, folder, say)


@contextmanager
def _lock(path: Path, say: Say) -> Iterator[None]:
    """Let one process build at a time; the lock goes with the process, however it ends."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is building, waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _first_executable(folders: list[Path], program: Program) -> Path | None:
    for folder in folders:
        path = folder / program.name
        if path.is_file() and os.access(path, os.X_OK):
            return path
    return None

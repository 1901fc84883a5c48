"""Does the Dockerfile's steps without a container engine: each RUN in namespaces, in a root folder of its stage.

The base image's place is taken by a virtual environment of this machine's Python and by its system folders, which
a step sees and cannot change. Whether the base brings a compiler cannot be seen here.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path

from tests.sandbox.image.dockerfile import Instruction, Stage, stages
from tests.sandbox.paths import ROOT
from tests.sandbox.pods.container import ContainerSpec, Mount
from tests.sandbox.pods.images import SYSTEM_PATH, interpreter
from tests.sandbox.pods.launch import command_line

BASE = "/base"
"""Where the stand-in for the base image's Python is."""
NETWORK_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf")
LONGEST_STEP = 300.0


class StepFailed(RuntimeError):
    """A step ended with an error; the text holds what it said."""


@dataclass(frozen=True, slots=True)
class Result:
    """A command's exit code and all that it said."""

    code: int
    said: str


class Build:
    """`folder` holds the roots of all stages, which stay as they are after their last step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stages = stages()
        self._commands = 0

    @property
    def root(self) -> Path:
        """The root of the final stage: the image's content."""
        return self._root(self._stages[-1])

    def run(self) -> None:
        """Do all steps. Raises `StepFailed`."""
        base = self._folder / "base-image"
        base.mkdir(parents=True)
        python = interpreter() / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        self._must(base, [str(python), "-m", "venv", BASE], {"PATH": SYSTEM_PATH}, "/")
        for stage in self._stages:
            shutil.copytree(base, self._root(stage), symlinks=True)
            self._do(stage)

    def command(
        self, argv: Sequence[str], *, user: int, read_only: bool = True, mounts: tuple[Mount, ...] = ()
    ) -> Result:
        """Run a command in the finished image, with the environment that it sets."""
        environment = self._stages[-1].environment({"PATH": f"{BASE}/bin:{SYSTEM_PATH}"})
        return self._execute(self.root, argv, environment, "/", user=user, read_only=read_only, mounts=mounts)

    def _root(self, stage: Stage) -> Path:
        return self._folder / (stage.name or "final")

    def _do(self, stage: Stage) -> None:
        root, directory = self._root(stage), "/"
        environment = {**stage.environment({"PATH": f"{BASE}/bin:{SYSTEM_PATH}"}), **_package_settings()}
        for step in stage.instructions:
            match step.word:
                case "WORKDIR":
                    directory = step.text
                    (root / directory.lstrip("/")).mkdir(parents=True, exist_ok=True)
                case "COPY":
                    self._copy(step, root, directory)
                case "RUN":
                    self._must(root, ["/bin/sh", "-euc", step.text], environment, directory)
                case "ENV" | "USER" | "EXPOSE" | "ENTRYPOINT" | "CMD":
                    # They say how the result is run.
                    pass
                case other:
                    raise StepFailed(f"{other} is not played here")

    def _copy(self, step: Instruction, root: Path, directory: str) -> None:
        words = [word for word in step.words if not word.startswith("--from=")]
        if any(word.startswith("--") for word in words):
            raise StepFailed(f"COPY {step.text} is not played here")
        stage = next((word.partition("=")[2] for word in step.words if word.startswith("--from=")), None)
        target = root / directory.lstrip("/") / words[-1] if not words[-1].startswith("/") else root / words[-1][1:]
        for source in words[:-1]:
            found = self._folder / stage / source.lstrip("/") if stage else _in_context(source)
            if found.is_dir():
                ignored = shutil.ignore_patterns("__pycache__") if stage is None else None
                shutil.copytree(found, target, symlinks=True, ignore=ignored, dirs_exist_ok=True)
            else:
                into = target / found.name if words[-1].endswith("/") else target
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, into)

    def _must(self, root: Path, argv: Sequence[str], environment: dict[str, str], directory: str) -> None:
        done = self._execute(root, argv, environment, directory, mounts=tuple(_network_files()))
        if done.code != 0:
            raise StepFailed(f"{' '.join(argv)} ended with {done.code}:\n{done.said[-3000:]}")

    def _execute(
        self,
        root: Path,
        argv: Sequence[str],
        environment: dict[str, str],
        directory: str,
        *,
        user: int = 0,
        read_only: bool = False,
        mounts: tuple[Mount, ...] = (),
    ) -> Result:
        self._commands += 1
        place = self._folder / "commands" / str(self._commands)
        (place / "root").mkdir(parents=True)
        spec = ContainerSpec(
            argv=tuple(argv),
            environment={"HOME": "/tmp", **environment},
            folder=str(place / "root"),
            host="build",
            user=user,
            group=user,
            mounts=(Mount(str(interpreter()), str(interpreter())), *mounts),
            read_only=read_only,
            root=str(root),
            directory=directory,
        )
        (place / "spec.json").write_text(json.dumps(asdict(spec)), encoding="utf-8")
        done = subprocess.run(
            command_line(place / "spec.json"),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_STEP,
            check=False,
        )
        return Result(done.returncode, done.stdout)


def allowed(source: str, patterns: Sequence[str]) -> bool:
    """Return whether .dockerignore leaves a path in the build's context: the last pattern that fits decides."""
    path, found = source.strip("/"), True
    for pattern in patterns:
        plain = pattern.lstrip("!")
        if fnmatch(path, plain) or fnmatch(path, f"{plain}/*"):
            found = pattern.startswith("!")
    return found


def _in_context(source: str) -> Path:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not allowed(source, patterns) or not (ROOT / source).exists():
        raise StepFailed(f"{source} is not in the context of the build")
    return ROOT / source


def _network_files() -> Iterator[Mount]:
    for name in NETWORK_FILES:
        if Path(name).exists():
            yield Mount(str(Path(name).resolve()), name)


def _package_settings() -> dict[str, str]:
    """What this machine says of its package index, its proxy and whom it trusts."""
    kept = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    return {name: value for name, value in os.environ.items() if name.upper().startswith(kept)}

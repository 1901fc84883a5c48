"""Becomes one container: ``python -m tests.sandbox.pods.container SPEC``. Standard library only, to start fast.

It makes namespaces and a root of its own, becomes the container's user, and runs the command as process 1. It
itself stays outside as the parent, and ends as the command ends.
"""

import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.pods import syscalls

CANNOT_RUN = 127
ASKING = (signal.SIGTERM, signal.SIGINT)
# What a base image has beside the program.
SYSTEM = ("bin", "lib", "lib32", "lib64", "sbin", "usr")
# A folder of the container's own, so that volumes can be mounted in it.
ETC = ("alternatives", "group", "ld.so.cache", "localtime", "mime.types", "nsswitch.conf", "passwd", "ssl")
DEVICES = ("null", "zero", "full", "random", "urandom")


@dataclass(frozen=True, slots=True)
class Mount:
    """`source`, a file or folder of this machine, appears as `target` in the container."""

    source: str
    target: str
    read_only: bool = True


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """All that makes a container. `network` is an open file of the pod's network namespace."""

    argv: tuple[str, ...]
    environment: dict[str, str]
    folder: str
    host: str
    user: int
    group: int
    mounts: tuple[Mount, ...] = ()
    groups: tuple[int, ...] = ()
    network: int | None = None
    read_only: bool = False
    drop_capabilities: bool = False
    may_gain_privileges: bool = True
    # An existing folder as root; without one the root is in memory and goes with the container.
    root: str | None = None
    directory: str = "/"

    @classmethod
    def read(cls, path: Path) -> "ContainerSpec":
        raw = json.loads(path.read_text(encoding="utf-8"))
        mounts = tuple(Mount(**mount) for mount in raw.pop("mounts"))
        return cls(**{**raw, "argv": tuple(raw["argv"]), "groups": tuple(raw["groups"]), "mounts": mounts})


def main() -> int:
    # The group is signalled as one: the command decides what SIGTERM means. Until here it was held back.
    for number in ASKING:
        signal.signal(number, signal.SIG_IGN)
    spec = ContainerSpec.read(Path(sys.argv[1]))
    syscalls.die_with_parent()
    if spec.network is not None:
        syscalls.enter(spec.network, syscalls.NEW_NETWORK)
    isolated = syscalls.NEW_MOUNTS | syscalls.NEW_PROCESSES | syscalls.NEW_NAMES | syscalls.NEW_QUEUES
    syscalls.unshare(isolated)
    child = os.fork()
    if child == 0:
        _become(spec)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _become(spec: ContainerSpec) -> None:
    """Never returns: either the command runs here, or the process ends and has said why."""
    try:
        syscalls.die_with_parent()
        syscalls.name_host(spec.host)
        _change_root(spec)
        _change_user(spec)
        for number in ASKING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKING)
        os.execvpe(spec.argv[0], spec.argv, spec.environment)
    except OSError as error:
        print(f"container: {' '.join(spec.argv)}: {error}", flush=True)
    os._exit(CANNOT_RUN)


def _change_root(spec: ContainerSpec) -> None:
    syscalls.mount("none", Path("/"), None, syscalls.RECURSIVE | syscalls.PRIVATE)
    root = Path(spec.folder)
    if spec.root is None:
        syscalls.mount("tmpfs", root, "tmpfs", 0, "mode=755")
    else:
        syscalls.mount(spec.root, root, None, syscalls.BIND | syscalls.RECURSIVE)
    _system(root)
    # What lies in another follows it, or a volume on /tmp would hide a checkout that is there.
    for given in sorted(spec.mounts, key=lambda mount: len(Path(mount.target).parts)):
        _show(Path(given.source), root / given.target.lstrip("/"), read_only=given.read_only)
    if spec.read_only:
        syscalls.mount("none", root, None, syscalls.BIND | syscalls.REMOUNT | syscalls.READ_ONLY)
    os.chdir(root)
    syscalls.mount(".", Path("/"), None, syscalls.MOVE)
    os.chroot(".")
    os.chdir(spec.directory)


def _system(root: Path) -> None:
    """Show what a base image has: programs and libraries, and an /etc of the container's own."""
    for name in SYSTEM:
        here, there = Path("/") / name, root / name
        if here.is_symlink() and not there.is_symlink():
            there.symlink_to(here.readlink())
        elif here.is_dir() and not here.is_symlink():
            _show(here, there, read_only=True)
    for name in ETC:
        if (Path("/etc") / name).exists():
            _show(Path("/etc") / name, root / "etc" / name, read_only=True)
    _kernel(root)


def _kernel(root: Path) -> None:
    for name in DEVICES:
        _show(Path("/dev") / name, root / "dev" / name, read_only=False)
    for name, mode in (("proc", 0o555), ("tmp", 0o1777), ("run", 0o755), ("var", 0o755)):
        (root / name).mkdir(exist_ok=True)
        (root / name).chmod(mode)
    syscalls.mount("proc", root / "proc", "proc", 0)
    if not (root / "var" / "run").is_symlink():
        (root / "var" / "run").symlink_to("../run")


def _show(source: Path, target: Path, *, read_only: bool) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    syscalls.bind(source, target, read_only=read_only)


def _change_user(spec: ContainerSpec) -> None:
    others = syscalls.can_be_others()
    if spec.drop_capabilities and os.geteuid() == 0:
        syscalls.drop_all_capabilities()
    if not spec.may_gain_privileges:
        syscalls.gain_nothing_by_programs()
    os.umask(0o022)
    if others and (spec.user, spec.group) != (0, 0):
        os.setgroups(spec.groups)
        os.setgid(spec.group)
        os.setuid(spec.user)
    syscalls.die_with_parent()


if __name__ == "__main__":
    sys.exit(main())

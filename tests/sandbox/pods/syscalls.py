"""The kernel's calls that make a container, for which Python has no names yet. Standard library only."""

import ctypes
import os
import signal
from pathlib import Path

NEW_MOUNTS = 0x00020000
NEW_NAMES = 0x04000000
NEW_QUEUES = 0x08000000
NEW_USERS = 0x10000000
NEW_PROCESSES = 0x20000000
NEW_NETWORK = 0x40000000

READ_ONLY = 1
REMOUNT = 0x20
BIND = 0x1000
MOVE = 0x2000
RECURSIVE = 0x4000
PRIVATE = 0x40000
RELATIVE_TIMES = 1 << 21
# statvfs and mount use the same bits for these: no set-user-id, no devices, no programs, no access times.
KEPT_BITS = 2 | 4 | 8 | 1024

_SET_DEATH_SIGNAL = 1
_DROP_CAPABILITY = 24
_NO_NEW_PRIVILEGES = 38
_LAST_CAPABILITY = Path("/proc/sys/kernel/cap_last_cap")
_LIBC = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """Give this thread (for processes: its children) namespaces of their own."""
    _checked(_LIBC.unshare(flags), "unshare")


def enter(namespace: int, kind: int) -> None:
    """Bring this thread into the namespace of an open file."""
    _checked(_LIBC.setns(namespace, kind), "setns")


def mount(source: str, target: Path, kind: str | None, flags: int, options: str | None = None) -> None:
    words = (source, str(target), kind, flags, options)
    encoded = [word.encode() if isinstance(word, str) else word for word in words]
    _checked(_LIBC.mount(*encoded[:3], ctypes.c_ulong(flags), encoded[4]), f"mount {source} on {target}")


def bind(source: Path, target: Path, *, read_only: bool) -> None:
    """Show a file or folder at another place as well."""
    mount(str(source), target, None, BIND | RECURSIVE)
    if read_only:
        kept = os.statvfs(target).f_flag & KEPT_BITS
        mount("none", target, None, BIND | REMOUNT | READ_ONLY | kept)


def name_host(name: str) -> None:
    encoded = name.encode()[:63]
    _checked(_LIBC.sethostname(encoded, len(encoded)), "sethostname")


def die_with_parent() -> None:
    """Be killed when the parent ends. A change of user forgets this, so it is said again after one."""
    _checked(_LIBC.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0), "prctl")


def gain_nothing_by_programs() -> None:
    _checked(_LIBC.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "prctl")


def drop_all_capabilities() -> None:
    """Take every capability out of what a program started from here can ever have."""
    for number in range(int(_LAST_CAPABILITY.read_text(encoding="ascii")) + 1):
        _checked(_LIBC.prctl(_DROP_CAPABILITY, number, 0, 0, 0), "prctl")


def can_be_others() -> bool:
    """Return whether this process may become other users: not in a user namespace that knows but one."""
    lines = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    return os.geteuid() == 0 and sum(int(line.split()[2]) for line in lines) > 1


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")

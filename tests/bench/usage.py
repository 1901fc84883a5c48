"""What a process has used so far, as the kernel tells it in /proc. Linux only."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU in seconds, all threads; memory in megabytes (10⁶ bytes), `peak` since the process began."""

    cpu: float
    rss: float
    peak: float


def usage(pid: int) -> Usage:
    # The program's name, in brackets, may hold blanks; utime and stime are fields 14 and 15 (proc_pid_stat(5)).
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return Usage(
        cpu=(int(stat[11]) + int(stat[12])) / _TICKS,
        rss=_megabytes(status, "VmRSS"),
        peak=_megabytes(status, "VmHWM"),
    )


def cores_in_use() -> tuple[float, float]:
    """CPU seconds of all cores since the machine began, and how many of them were not idle."""
    first = Path("/proc/stat").read_text(encoding="utf-8").partition("\n")[0]
    # user nice system idle iowait irq softirq steal; guests are counted in user already (proc_stat(5)).
    ticks = [int(field) for field in first.split()[1:9]]
    return sum(ticks) / _TICKS, (sum(ticks) - ticks[3] - ticks[4]) / _TICKS


def _megabytes(status: str, member: str) -> float:
    found = re.search(rf"^{member}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else 0.0

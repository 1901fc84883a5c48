"""What it was measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

_LIBRARIES = ("kopf", "boto3", "aiohttp", "pydantic")


def machine() -> dict[str, str]:
    """Cores, memory, how busy it was before, and versions."""
    return {
        "cores": str(os.cpu_count()),
        "processor": _member("/proc/cpuinfo", "model name"),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
        "kernel": platform.release().partition("-")[0],
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "Python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
        "emrjobs": version("emrjobs"),
    }


def _member(path: str, name: str) -> str:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    found = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
    return next(found, platform.machine())

"""A pod's status made of its containers'. Pure, apart from the time of a change."""

from collections.abc import Sequence
from typing import Any

from tests.sandbox.pods.containers import Container, now

Json = dict[str, Any]

OURS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def phase(containers: Sequence[Container], initializing: Sequence[Container], policy: str, stopped: bool) -> str:
    if any(container.exit_code not in (None, 0) for container in initializing) and policy == "Never":
        return "Failed"
    codes = [container.exit_code for container in containers]
    if all(code is not None for code in codes) and (policy != "Always" or stopped):
        if not any(codes):
            return "Succeeded"
        return "Failed" if policy == "Never" or stopped else "Running"
    began = any("waiting" not in container.state or container.restarts for container in containers)
    return "Running" if began else "Pending"


def conditions(old: Sequence[Json], true: dict[str, bool], over: bool) -> list[Json]:
    """Lay ours over `old`; those of others stay, and a time changes only with its condition."""
    before = {condition["type"]: condition for condition in old}
    for kind, holds in true.items():
        said = "True" if holds else "False"
        if before.get(kind, {}).get("status") != said:
            before[kind] = {"type": kind, "status": said, "lastTransitionTime": now(), "lastProbeTime": None}
            if not holds:
                before[kind]["reason"] = "PodCompleted" if over else "ContainersNotReady"
    return list(before.values())

"""What the pod runner is told by its command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """`first_back_off` stands for the kubelet's 10 s, and doubles as there. Times are seconds."""

    kubeconfig: Path
    folder: Path
    images: Path
    certificate: Path
    key: Path
    nodes: int
    outside: tuple[int, ...]
    """Ports of this machine that pods reach under the same number on their own loopback."""
    first_back_off: float
    """After a crash, and between two tries of what cannot be made yet."""
    tokens_last: float | None


def parse(arguments: Sequence[str] | None = None) -> Settings:
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox.pods")
    parser.add_argument("--kubeconfig", type=Path, required=True, help="an admin's")
    parser.add_argument("--folder", type=Path, required=True, help="for volumes and logs")
    parser.add_argument("--images", type=Path, required=True, help="JSON: names and contents")
    parser.add_argument("--certificate", type=Path, required=True, help="what the nodes serve logs with")
    parser.add_argument("--key", type=Path, required=True, help="its key")
    parser.add_argument("--nodes", type=int, default=2, help="each in a zone of its own")
    parser.add_argument("--outside", type=int, action="append", default=[], help="a port that pods may reach")
    parser.add_argument("--first-back-off", type=float, default=1.0, help="seconds before a second restart")
    parser.add_argument("--tokens-last", type=float, help="seconds after which tokens are renewed, to see it happen")
    given = vars(parser.parse_args(arguments))
    return Settings(**{**given, "outside": tuple(given["outside"])})

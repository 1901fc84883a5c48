"""The sandbox's commands: `up` keeps the world up until Ctrl-C, `demo` runs the examples to their ends."""

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from tests.sandbox import demo, up
from tests.sandbox.controlplane.build import BuildFailed, GoMissing


def main(argv: Sequence[str] | None = None) -> int:
    signal.signal(signal.SIGTERM, _terminated)
    args = _parser().parse_args(argv)
    try:
        return up.run() if args.command == "up" else demo.run(args.timeout)
    except (GoMissing, BuildFailed) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnded.")
        return 0 if args.command == "up" else 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="keep the world and an operator up until Ctrl-C")
    shown = commands.add_parser("demo", help="apply examples/ and follow every run to its end")
    shown.add_argument(
        "--timeout",
        type=float,
        default=120.0,
        help="seconds for all examples once the world is up (%(default)s)",
    )
    return parser


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    """End as after Ctrl-C: everything that was started is stopped on the way out."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

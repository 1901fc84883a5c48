"""`python -m tests.sandbox.emr`: the simulator as a process; its first line says where it listens."""

import argparse
import asyncio
import json
import signal
from pathlib import Path
from typing import Any

from tests.sandbox.emr.server import serving
from tests.sandbox.emr.service import Service
from tests.sandbox.emr.settings import Settings, changed


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox.emr", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port (default)")
    parser.add_argument("--account", help="the account of every caller (default 123456789012)")
    parser.add_argument("--seed", type=int, help="of ids, probabilities and spreads")
    for stage in ("pending", "submitted", "running", "cancel"):
        parser.add_argument(f"--{stage}", type=float, metavar="SECONDS", help=f"length of stage {stage}")
    parser.add_argument("--script", help="what runs do that no tag and no rule scripts")
    parser.add_argument("--quotas", action="store_true", help="AWS's token buckets")
    parser.add_argument("--strict-clusters", action="store_true", help="only known virtual clusters exist")
    parser.add_argument("--manual-clock", action="store_true", help="time moves only by the admin interface")
    parser.add_argument("--settings", type=Path, help="a JSON file with any of the settings")
    return parser


def settings_from(options: argparse.Namespace) -> Settings:
    change: dict[str, Any] = json.loads(options.settings.read_text()) if options.settings else {}
    given = {name: getattr(options, name) for name in ("account", "seed", "script")}
    change |= {name: value for name, value in given.items() if value is not None}
    stages = {name: getattr(options, name) for name in ("pending", "submitted", "running", "cancel")}
    lengths = {name: value for name, value in stages.items() if value is not None}
    if lengths:
        change["durations"] = {**change.get("durations", {}), **lengths}
    if options.quotas:
        change["quotas"] = {**change.get("quotas", {}), "enabled": True}
    if options.strict_clusters:
        change["any_virtual_cluster"] = False
    return changed(Settings(), change)


async def run(settings: Settings, port: int, manual: bool) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    service = Service(settings)
    if manual:
        service.clock.hold()
    async with serving(service, port) as url:
        print(json.dumps({"url": url}), flush=True)
        await ended.wait()


def main() -> None:
    options = arguments().parse_args()
    asyncio.run(run(settings_from(options), options.port, options.manual_clock))


if __name__ == "__main__":
    main()

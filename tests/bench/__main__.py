"""`python -m tests.bench`: measures the operator in a real world, and tells figures beside limits and targets."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.document import page
from tests.bench.machine import machine
from tests.bench.plans import PLANS, play
from tests.bench.profiler import Profiler
from tests.bench.report import HEADS, missed, table_rows
from tests.bench.scale import Scale
from tests.bench.targets import ROWS
from tests.sandbox.paths import ROOT
from tests.sandbox.table import table

Json = dict[str, Any]
JSON = ROOT / "build" / "bench.json"
PAGE = ROOT / "docs" / "performance.md"


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    if options.write:
        return _write(options.json)
    facts = machine()
    print("  ".join(f"{name} {value}" for name, value in facts.items()), flush=True)
    measured = _measure(options, facts)
    print(table(HEADS, table_rows(measured)))
    print(f"\n{missed(measured)} targets missed; details are in {options.json}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    names = sorted({*ROWS, *(plan.name for plan in PLANS)})
    parser.add_argument("--scenario", action="append", choices=names, metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each small scenario (%(default)s)")
    parser.add_argument("--scale", type=float, default=1.0, help="of all counts and lengths (%(default)s)")
    parser.add_argument("--json", type=Path, default=JSON, help="the file that figures are kept in (build/bench.json)")
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="sample the operator with py-spy")
    parser.add_argument("--write", action="store_true", help="measure nothing: write docs/performance.md from the file")
    return parser


def _measure(options: argparse.Namespace, facts: Json) -> dict[str, Json]:
    """Play all plans with wanted rows; keep what is there after each, so that an interruption loses little."""
    scale, profiler = Scale(options.scale), Profiler(options.profile)
    measured: dict[str, Json] = {}
    for plan in PLANS:
        chosen = options.scenario or [plan.name]
        wanted = plan.rows if plan.name in chosen else tuple(row for row in plan.rows if row in chosen)
        if wanted:
            runs = play(plan, wanted, options.repeat, scale, profiler)
            at = datetime.now(UTC).isoformat(timespec="seconds")
            for row in wanted:
                each = [asdict(rows[row]) for rows in runs]
                measured[row] = {"scale": options.scale, "at": at, "runs": each}
            _keep(options.json, facts, measured)
    return measured


def _keep(path: Path, facts: Json, measured: dict[str, Json]) -> None:
    """Replace what the file holds of the same scenarios."""
    known = json.loads(path.read_text(encoding="utf-8"))["scenarios"] if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    found = {"machine": facts, "scenarios": {**known, **measured}}
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _write(path: Path) -> int:
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    scaled = [name for name, row in (found or {"scenarios": {}})["scenarios"].items() if row["scale"] != 1]
    if scaled:
        print(f"{path} holds scaled runs, which prove nothing: {', '.join(scaled)}", file=sys.stderr)
        return 1
    PAGE.write_text(page(found), encoding="utf-8")
    print(f"{PAGE} is written{'' if found else ', without figures'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

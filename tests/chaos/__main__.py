"""`python -m tests.chaos`: one random run with its figures as a table and, on the last line, as JSON."""

import argparse
import sys
from pathlib import Path

from tests.chaos.storm import Storm, Weather
from tests.chaos.testbed import ChaosTestbed
from tests.sandbox.world import World


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of all chance; threads still race as they like")
    parser.add_argument("--kills", type=int, default=1000, help="kill -9 with a write since the last one")
    parser.add_argument("--objects", type=int, default=1000, help="at least so many")
    parser.add_argument("--cells", type=int, default=4, help="pairs of operators, each with a Lease of its own")
    parser.add_argument("--policy", choices=("old-run", "error"), default="old-run", help="of the endpoint's tokens")
    parser.add_argument("--changing-policies", action="store_true", help="EmrJobPolicies change all the time")
    parser.add_argument("--seconds", type=float, default=3600, help="the storm ends then at the latest")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    return parser


def main() -> int:
    options = arguments().parse_args()
    weather = Weather(
        seed=options.seed,
        kills=options.kills,
        objects=options.objects,
        cells=options.cells,
        policy=options.policy,
        seconds=options.seconds,
        changing_policies=options.changing_policies,
    )
    with World() as world, ChaosTestbed(world) as testbed:
        figures = Storm(testbed, weather, lambda text: print(text, file=sys.stderr)).run()
    print(figures.as_table())
    for text in figures.wrong:
        print(f"WRONG: {text}")
    if options.json is not None:
        options.json.write_text(figures.as_json() + "\n", encoding="utf-8")
    print(figures.as_json())
    enough = figures.counted_kills >= options.kills and figures.objects >= options.objects
    return 0 if enough and not figures.wrong else 1


if __name__ == "__main__":
    sys.exit(main())

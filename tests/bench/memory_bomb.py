"""The largest objects that the API server admits, many of them: what the memory of two restarted replicas peaks at.

``python -m tests.bench.memory_bomb [COUNT]`` prints the figures beside the chart's limit.
"""

import sys
from typing import Any

import yaml

from tests.bench.usage import usage
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.paths import ROOT
from tests.sandbox.world import World
from tests.support.jobs import spark_pi
from tests.support.kube import ApiError, Json, Runs
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

TEXT = 1024
LARGEST = 1_450_000
"""Bytes of an object that the API server still stores with room for a status."""


def arguments() -> Json:
    """As many and as long as the bounds allow."""
    return {
        "jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "s3://b/j", "entryPointArguments": ["x" * 10280] * 12}}
    }


def parameters() -> Json:
    driver = {"entryPoint": "s3://b/j", "sparkSubmitParameters": "--conf a=" + "x" * 102_000}
    return {"jobDriver": {"sparkSubmitJobDriver": driver}}


def properties() -> Json:
    """Where configurations nest, nothing is bounded but the object as a whole."""
    leaf: Json = {"classification": "leaf", "properties": {f"k{n:03d}": "v" * TEXT for n in range(100)}}
    many: list[Any] = [{**leaf, "configurations": [leaf] * 3}] * (LARGEST // (4 * 100 * (TEXT + 12)))
    return {"configurationOverrides": {"applicationConfiguration": many}}


def tags() -> Json:
    return {"tags": {f"{n:02d}" + "k" * 120: "v" * 256 for n in range(50)}}


SHAPES = (arguments, parameters, properties, properties, tags)


def fill(runs: Runs, count: int) -> int:
    """Create suspended objects of all shapes; how many bytes they have together."""
    total = 0
    for number in range(count):
        spec = {**spark_pi("bomb", None, suspend=True), **SHAPES[number % len(SHAPES)]()}
        try:
            made = runs.create(f"bomb-{number:03d}", spec)
        except ApiError as error:
            raise SystemExit(f"not admitted: {error}") from error
        total += len(str(made))
    return total


def chart_limit() -> str:
    values = yaml.safe_load((ROOT / "helm" / "emrjobs" / "values.yaml").read_text(encoding="utf-8"))
    return str(values["resources"]["limits"]["memory"])


def measure(world: World, count: int) -> tuple[int, list[int]]:
    """Bytes of all objects, and the peaks in MB of two processes that start together when they are there."""
    world.kube.create_namespace("bombs")
    total = fill(world.kube.runs("bombs"), count)
    operator = world.operator(**ENVIRONMENT)

    def suspended() -> bool:
        items = world.kube.runs("bombs").list()
        return all(item.get("status", {}).get("state") in ("SUSPENDED", "REJECTED") for item in items)

    until(suspended, 180, "all are told")
    operator.terminate()
    replicas = [world.launch_operator(**ENVIRONMENT) for _ in range(2)]

    def known(replica: OperatorProcess) -> float:
        try:
            found = replica.metrics().items()
        except OSError:
            return 0
        return sum(value for name, value in found if name.startswith("emrjobs_objects"))

    for replica in replicas:
        until(lambda replica=replica: known(replica) == count, 60, "all are known")  # type: ignore[misc]
    return total, [round(usage(replica.pid).peak) for replica in replicas]


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with World() as world:
        total, peaks = measure(world, count)
    told = " and ".join(f"{peak} MB" for peak in peaks)
    print(f"{count} objects of {total / 1e6:.0f} MB: leader and standby peak at {told}; limit {chart_limit()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Which scenarios there are, what each measures, and how often it runs."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from tests.bench import following, large, submitting
from tests.bench.profiler import Profiler
from tests.bench.scale import Scale
from tests.bench.stage import Stage
from tests.bench.submitting import Rows


@dataclass(frozen=True, slots=True)
class Plan:
    """One world, and the rows that it yields."""

    name: str
    rows: tuple[str, ...]
    play: Callable[[Stage, Collection[str]], Rows]
    repeated: bool = True


PLANS = (
    Plan("burst", ("burst", "short"), submitting.burst),
    Plan("quota", ("quota",), submitting.quota),
    Plan("fresh", ("fresh",), submitting.fresh),
    Plan("crowded", ("crowded",), submitting.crowded),
    Plan("lag", ("lag",), following.lag),
    Plan("lag-hints", ("lag-hints",), following.lag_with_hints),
    Plan("clusters", ("clusters",), following.clusters),
    Plan("large", tuple(sorted(large.GROWING | large.RUNNING)), large.large, repeated=False),
)


def play(plan: Plan, wanted: Collection[str], repeat: int, scale: Scale, profiler: Profiler) -> list[Rows]:
    """Play a plan as often as it is to be, each time in a fresh world."""
    times = repeat if plan.repeated else 1
    results = []
    for number in range(1, times + 1):
        print(f"{plan.name} {number}/{times} …", end=" ", flush=True)
        began = time.monotonic()
        with Stage(scale, profiler) as stage:
            results.append(plan.play(stage, wanted))
        print(f"{time.monotonic() - began:.0f} s", flush=True)
    return results

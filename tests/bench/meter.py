"""What a stretch of time cost: counted at the AWS endpoint, in the API server's audit log, and by the kernel."""

import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.usage import usage
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.rights import USER
from tests.sandbox.world import World

_REFUSED_FOR_SPEED = "ThrottlingException"
_WRITES_METRIC = "emrjobs_kube_writes_total"


@dataclass(frozen=True, slots=True)
class Reading:
    """`writes` are those to EmrJobRuns; `events`, Kubernetes Events; `told`, the writes by the operator's metric."""

    seconds: float
    cpu: float
    server_cpu: float
    """Of the API server."""
    rss: float
    peak: float
    calls: dict[str, int]
    throttled: int
    writes: dict[str, int]
    events: int
    conflicts: int
    told: int

    @property
    def all_calls(self) -> int:
        return sum(self.calls.values())

    @property
    def all_writes(self) -> int:
        return sum(self.writes.values())

    def per_job(self, jobs: int) -> dict[str, float]:
        """The figures that are compared job by job."""
        return {
            "cpu_ms_per_job": self.cpu / jobs * 1000,
            "server_cpu_ms_per_job": self.server_cpu / jobs * 1000,
            "calls_per_job": self.all_calls / jobs,
            "writes_per_job": self.all_writes / jobs,
            "events_per_job": self.events / jobs,
        }

    def details(self) -> dict[str, Any]:
        return asdict(self)


class Meter:
    """Counts from its making on. The operator must stay the same process until it is read."""

    def __init__(self, world: World, operator: OperatorProcess) -> None:
        self._world = world
        self._operator = operator
        self._told = _told(operator)
        self._counts = world.sim.counts()
        self._mark = world.cluster.audit.mark()
        self._used = usage(operator.pid)
        self._used_by_server = usage(world.cluster.api_server_pid)
        self._began = time.monotonic()

    @property
    def first_call(self) -> int:
        """The number of calls before: `sim.calls(since=…)` gives those that count."""
        return sum(row["total"] for row in self._counts.values())

    def used(self) -> tuple[float, float]:
        """CPU seconds and seconds until now, without counting anything else."""
        return usage(self._operator.pid).cpu - self._used.cpu, time.monotonic() - self._began

    def read(self) -> Reading:
        cpu, seconds = self.used()
        now = usage(self._operator.pid)
        counts, told = self._world.sim.counts(), _told(self._operator)
        writes: Counter[str] = Counter()
        events = conflicts = 0
        for event in self._world.cluster.audit.writes(user=USER, since=self._mark):
            if event.resource == "emrjobruns":
                writes[f"{event.verb} {event.subresource or 'object'}"] += 1
                conflicts += event.code == 409
            events += event.resource == "events"
        return Reading(
            seconds=seconds,
            cpu=cpu,
            server_cpu=usage(self._world.cluster.api_server_pid).cpu - self._used_by_server.cpu,
            rss=now.rss,
            peak=now.peak,
            calls=self._calls(counts, "total"),
            throttled=sum(self._calls(counts, _REFUSED_FOR_SPEED).values()),
            writes=dict(writes),
            events=events,
            conflicts=conflicts,
            told=round(told - self._told),
        )

    def _calls(self, counts: dict[str, dict[str, int]], code: str) -> dict[str, int]:
        change = {name: row.get(code, 0) - self._counts.get(name, {}).get(code, 0) for name, row in counts.items()}
        return {name: number for name, number in change.items() if number}


def _told(operator: OperatorProcess) -> float:
    return sum(value for name, value in operator.metrics().items() if name.startswith(_WRITES_METRIC))

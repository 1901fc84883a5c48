"""A fresh world to measure in: 100 ms to AWS, a watch on all runs, a load generator, at most one operator."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.core.quota import AWS_DEFAULTS
from tests.bench.meter import Meter
from tests.bench.profiler import Profiler
from tests.bench.scale import Scale
from tests.bench.watching import Watch
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.rights import USER
from tests.sandbox.world import World
from tests.support.jobs import spark_pi
from tests.support.kube import Kube

LATENCY = 0.1
"""Seconds that half of AWS's answers take at least."""
CLUSTER = "bench0virtual0cluster0000"
NAMESPACE = "bench"
FIVE_SECONDS = "pending=0.5;submitted=0.5;run=4"
FOR_EVER = "pending=0.5;submitted=0.5;run=1000000"
_CREATORS = 8

Buckets = dict[str, tuple[float, float]]


def aws_quotas(times: float = 1) -> Buckets:
    """AWS's own quotas, or a raised account's: burst and calls per second."""
    return {name: (burst * times, rate * times) for name, (burst, rate) in AWS_DEFAULTS.items()}


@dataclass(frozen=True, slots=True)
class Batch:
    """Objects created together. Times are seconds since the epoch: before the first, after the last."""

    uids: tuple[str, ...]
    names: tuple[str, ...]
    began: float
    created: float


class Stage:
    """From `with` to its end."""

    def __init__(self, scale: Scale, profiler: Profiler) -> None:
        self.scale = scale
        self._profiler = profiler
        self._ends = ExitStack()
        self._operator: OperatorProcess | None = None
        self._number = 0

    def __enter__(self) -> Self:
        with ExitStack() as ends:
            self.world = ends.enter_context(World())
            self.sim = self.world.sim
            self.sim.settings(latency={"*": {"median": LATENCY, "p99": LATENCY * 1.5}})
            self.kube = self.world.kube
            self.kube.create_namespace(NAMESPACE)
            self.runs = self.kube.runs(NAMESPACE)
            self.watch = Watch(Kube.from_kubeconfig(self.world.cluster.admin_kubeconfig))
            ends.callback(self.watch.stop)
            ends.callback(self._profiler.stop)
            self._ends = ends.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and self._operator is not None:
            print(f"the end of the operator's log:\n{self._operator.logs()[-2000:]}")
        self._ends.close()

    @property
    def operator(self) -> OperatorProcess:
        if self._operator is None:
            raise RuntimeError("no operator was started")
        return self._operator

    def start(self, quotas: Buckets | None, **environment: str) -> None:
        """Put an operator with these quotas in the place of the one before. AWS's are the same from now on."""
        if self._operator is not None and self._operator.running:
            self._operator.terminate()
        self.set_aws_quotas(quotas)
        given = json.dumps(quotas) if quotas else "off"
        self._operator = self.world.operator(EMRJOBS_QUOTAS=given, **environment)

    def launch(self, quotas: Buckets | None) -> None:
        """Start an operator without waiting until it is ready."""
        self._operator = self.world.launch_operator(EMRJOBS_QUOTAS=json.dumps(quotas) if quotas else "off")

    def set_aws_quotas(self, quotas: Buckets | None) -> None:
        buckets = {name: {"burst": burst, "rate": rate} for name, (burst, rate) in (quotas or {}).items()}
        self.sim.settings(quotas={"enabled": quotas is not None, "buckets": buckets})

    def create(self, count: int, script: str, clusters: Sequence[str] = (CLUSTER,)) -> Batch:
        """Create so many objects over kept connections, as fast as the API server takes them."""
        self._number += 1
        names = tuple(f"job-{self._number}-{number}" for number in range(count))
        specs = [spark_pi(cluster, script) for cluster in clusters]

        def one(number: int) -> str:
            made = self.runs.create(names[number], specs[number % len(specs)])
            return str(made["metadata"]["uid"])

        began = time.time()
        with ThreadPoolExecutor(_CREATORS) as pool:
            uids = tuple(pool.map(one, range(count)))
        return Batch(uids, names, began, time.time())

    def meter(self) -> Meter:
        return Meter(self.world, self.operator)

    @contextmanager
    def profiled(self, name: str) -> Iterator[None]:
        """Where profiles are wanted, sample the operator within this block."""
        self._profiler.start(name, self.operator.pid)
        try:
            yield
        finally:
            self._profiler.stop()

    def end_runs(self, ids: Sequence[str], spread: float) -> dict[str, float]:
        """End these runs at AWS one by one, evenly over so many seconds; return when each did."""
        began, ends = time.monotonic(), {}
        for number, run in enumerate(ids):
            pause(began + spread * number / len(ids) - time.monotonic())
            ended = self.sim.put_state(run, "COMPLETED", "JobRun completed successfully.")
            ends[run] = float(ended["finished_at"] or 0)
        return ends

    def truth(self, batch: Batch) -> dict[str, float]:
        """When each run of these objects ended at AWS."""
        wanted = {self.watch.runs[uid] for uid in batch.uids if uid in self.watch.runs}
        return {run["id"]: run["finished_at"] or 0.0 for run in self.sim.runs() if run["id"] in wanted}

    def lags(self, ended: dict[str, float]) -> list[float]:
        """Seconds from each run's end at AWS to the version of its object that shows it."""
        return [self.watch.ends[run] - at for run, at in ended.items()]

    def writes_since(self, mark: int) -> int:
        """The operator's writes to EmrJobRuns since a place in the audit log."""
        return len(self.world.cluster.audit.writes(user=USER, resource=EMR_JOB_RUN.plural, since=mark))

    def calls(self, meter: Meter) -> list[Any]:
        return list(self.sim.calls(since=meter.first_call))


def pause(seconds: float) -> None:
    """Measured time passes: not a wait for anything."""
    if seconds > 0:
        threading.Event().wait(seconds)

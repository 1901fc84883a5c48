"""What every scenario is measured by: titles, units, and the figure that must not be exceeded. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the report; without `most` the figure is told and not judged."""

    figure: str
    text: str
    unit: str
    most: float | None = None
    below: bool = False
    """The figure must stay below `most`, not only at it."""

    def met(self, value: float) -> bool | None:
        if self.most is None:
            return None
        return value < self.most if self.below else value <= self.most


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario."""

    title: str
    targets: tuple[Target, ...]
    note: str = ""
    """What bounds it, where the figures alone do not say so."""


_THROTTLED = Target("throttled", "throttled answers", "", 0)
_IDS = "first create → last id"
_CPU_JOB = Target("cpu_ms_per_job", "operator CPU per job", "ms")
_CALLS_JOB = Target("calls_per_job", "AWS calls per job", "")
_WRITES_JOB = Target("writes_per_job", "object writes per job", "")
_EVENTS_JOB = Target("events_per_job", "Kubernetes Events per job", "")
_CPU = Target("cpu_percent", "operator CPU of a core", "%")
_PEAK_USE = Target("bucket_peak", "fullest use of a bucket", "%")


def _lag(p99: float, p50: float | None = None) -> tuple[Target, ...]:
    return (
        Target("lag_p50", "AWS's end → status, p50", "s", p50),
        Target("lag_p99", "AWS's end → status, p99", "s", p99),
    )


def _restart(seconds: float) -> tuple[Target, ...]:
    return (
        Target("first_pass", "signal → first complete list", "s", seconds),
        Target("stopping", "of that, until the process had ended", "s"),
        Target("starts", "StartJobRun", "", 0),
        Target("writes", "object writes", "", 0),
    )


_GROWTH = tuple(
    Target(f"{cost}_{size}", f"{text}, {size:,} jobs", unit)
    for cost, text, unit in (("cpu_ms", "operator CPU per job", "ms"), ("calls", "AWS calls per job", ""))
    for size in (100, 1000, 10_000)
)

ROWS: dict[str, Row] = {
    "burst": Row(
        "1,000 jobs of 5 s, no quotas",
        (
            Target("all_ids", _IDS, "s", 12),
            Target("jobs_per_second", "jobs per second", ""),
            Target("cpu_ms_per_job", "operator CPU per job", "ms", 12),
            Target("calls_per_job", "AWS calls per job", "", 2.2),
            Target("writes_per_job", "object writes per job", "", 8),
            _EVENTS_JOB,
            Target("server_cpu_ms_per_job", "API server's CPU per job", "ms"),
            Target("cores_in_use", "all cores in use until the last id", "%"),
        ),
        "The machine is the limit here: until the last id all its cores are busy, for the most part with the API\n"
        "server, which has a part in the creation of each object, in each write and in each Event. Ends are told\n"
        "before new runs are started, so the last id waits for the ends of the first runs, which take five seconds.\n",
    ),
    "quota": Row(
        "100 jobs under AWS's quotas",
        (Target("all_ids", _IDS, "s", 82), _THROTTLED, _PEAK_USE, _CPU_JOB, _CALLS_JOB, _WRITES_JOB),
    ),
    "fresh": Row(
        "45 jobs at the first start, AWS's quotas",
        (Target("all_ids", _IDS, "s", 23), _THROTTLED, _PEAK_USE, _CPU_JOB, _CALLS_JOB, _WRITES_JOB),
    ),
    "crowded": Row(
        "50 new jobs, 1,000 finished kept, AWS's quotas",
        (Target("all_ids", _IDS, "s", 28), _THROTTLED, _PEAK_USE, _CPU_JOB, _CALLS_JOB, _WRITES_JOB),
    ),
    "lag": Row("1,000 running, AWS's quotas, ends spread over 2 min", (*_lag(5), _THROTTLED, _PEAK_USE, _CPU)),
    "lag-hints": Row("the same with an event queue", (*_lag(1.5), _THROTTLED, _PEAK_USE, _CPU)),
    "short": Row("1,000 jobs of 5 s, no quotas, no hints", _lag(4, 2)),
    "running-10x": Row(
        "10,000 running, 10 x AWS's quotas, 100 end within 60 s",
        (*_lag(20), Target("cpu_percent", "operator CPU of a core", "%", 25, below=True), _THROTTLED),
    ),
    "running-default": Row(
        "10,000 running, AWS's quotas, 100 end within 60 s",
        (*_lag(60), Target("bucket_peak", "fullest use of a bucket", "%", 95), _THROTTLED, _CPU),
    ),
    "finished": Row(
        "10,000 finished, 60 s of silence; one created, one deleted",
        (
            Target("calls", "AWS calls", "", 0),
            Target("writes", "object writes", "", 0),
            Target("cpu_percent", "operator CPU of a core", "%", 2, below=True),
            Target("created_acted", "creation → StartJobRun at AWS", "s", 2),
            Target("deleted_acted", "deletion → CancelJobRun at AWS", "s", 2),
        ),
    ),
    "clusters": Row("200 virtual clusters with one run each, AWS's quotas", (*_lag(20), _THROTTLED, _PEAK_USE, _CPU)),
    "memory": Row(
        "memory at 10,000 objects",
        (
            Target("rss", "steady, all running", "MB", 200, below=True),
            Target("peak", "peak", "MB", 300, below=True),
            Target("rss_submitted", "just after submitting them all", "MB"),
        ),
    ),
    "restart-term": Row("SIGTERM with 10,000 running, 10 x AWS's quotas", _restart(15)),
    "restart-kill": Row("SIGKILL with 10,000 running, 10 x AWS's quotas", _restart(30)),
    "growth": Row(
        "100 → 1,000 → 10,000 jobs of 5 s, no quotas",
        (
            *_GROWTH,
            Target("cpu_ms_growth", "dearest above cheapest size, CPU", "%", 20),
            Target("calls_growth", "dearest above cheapest size, calls", "%", 20),
            Target("jobs_per_second_10000", "jobs per second, 10,000 jobs", ""),
        ),
    ),
}

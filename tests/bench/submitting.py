"""Scenarios about getting runs started: without limits, under AWS's quotas, among many that have finished."""

from collections.abc import Collection
from dataclasses import dataclass

from tests.bench.figures import Result, peak_use, percentile
from tests.bench.meter import Meter, Reading
from tests.bench.stage import FIVE_SECONDS, FOR_EVER, LATENCY, Batch, Buckets, Stage, aws_quotas, pause
from tests.bench.usage import cores_in_use

_POLL = 2.0
"""The operator's own shortest pause between two lists, in seconds."""
Rows = dict[str, Result]


def burst(stage: Stage, wanted: Collection[str]) -> Rows:
    """1,000 jobs of five seconds, no quotas: how fast they start, what each costs, how late their ends show."""
    stage.start(None)
    with stage.profiled("burst"):
        made = five_second_jobs(stage, stage.scale.count(1000))
    batch, reading = made.batch, made.meter.read()
    jobs = len(batch.uids)
    lags = stage.lags(stage.truth(batch))
    figures = {
        "all_ids": made.seconds,
        "jobs_per_second": jobs / made.seconds,
        "cores_in_use": made.cores_in_use,
        **reading.per_job(jobs),
    }
    limits = {"all_ids": batch.created - batch.began + LATENCY, "calls_per_job": 2.0}
    late = {"lag_p50": percentile(lags, 0.5), "lag_p99": percentile(lags, 0.99)}
    rows = {
        "burst": Result(figures, limits, reading.details()),
        "short": Result(late, {"lag_p50": _POLL / 2 + LATENCY, "lag_p99": _POLL + LATENCY}),
    }
    return {name: row for name, row in rows.items() if name in wanted}


@dataclass(frozen=True, slots=True)
class Made:
    """Jobs that were created at once, and have all ended since."""

    meter: Meter
    batch: Batch
    seconds: float
    """From the first creation to the last id in a status."""
    cores_in_use: float
    """In that time, of all cores together, in per cent."""


def five_second_jobs(stage: Stage, count: int) -> Made:
    """Create them and wait until all have ended and nothing changes any more."""
    patience = stage.scale.patience(count)
    meter, (all_before, used_before) = stage.meter(), cores_in_use()
    batch = stage.create(count, FIVE_SECONDS)
    last = stage.watch.wait_ids(batch.uids, patience)
    all_after, used_after = cores_in_use()
    stage.watch.wait(batch.uids, {"COMPLETED"}, patience)
    stage.watch.wait_quiet(1.0, patience)
    return Made(meter, batch, last - batch.began, (used_after - used_before) / (all_after - all_before) * 100)


def quota(stage: Stage, _: Collection[str]) -> Rows:
    """100 jobs at once under AWS's default quotas."""
    stage.start(aws_quotas())
    pause(stage.scale.seconds(30))
    return {"quota": _under_quotas(stage, stage.scale.count(100), "quota")}


def fresh(stage: Stage, _: Collection[str]) -> Rows:
    """45 jobs as soon as an operator is ready that nobody was before."""
    stage.start(aws_quotas())
    return {"fresh": _under_quotas(stage, stage.scale.count(45), "fresh")}


def crowded(stage: Stage, _: Collection[str]) -> Rows:
    """50 new jobs beside 1,000 that have finished, under AWS's default quotas."""
    finished = stage.scale.count(1000)
    stage.start(None)
    batch = stage.create(finished, "pending=0;submitted=0;run=0")
    stage.watch.wait(batch.uids, {"COMPLETED"}, stage.scale.patience(finished))
    stage.watch.wait_quiet(2.0, stage.scale.patience(finished))
    stage.start(aws_quotas())
    pause(stage.scale.seconds(30))
    return {"crowded": _under_quotas(stage, stage.scale.count(50), "crowded")}


def _under_quotas(stage: Stage, jobs: int, name: str) -> Result:
    quotas = aws_quotas()
    with stage.profiled(name):
        meter = stage.meter()
        batch = stage.create(jobs, FOR_EVER)
        last = stage.watch.wait_ids(batch.uids, 120 + jobs * 2)
    reading = meter.read()
    figures = {"all_ids": last - batch.began, "throttled": float(reading.throttled), **reading.per_job(jobs)}
    size, rate = quotas["StartJobRun"]
    limits = {"all_ids": max(0.0, jobs - size) / rate + LATENCY, "throttled": 0.0}
    return Result({**figures, **bucket_peak(stage, meter, quotas)}, limits, reading.details())


def bucket_peak(stage: Stage, meter: Meter, quotas: Buckets) -> dict[str, float]:
    """The largest share in per cent of what any bucket of AWS allows in any span of time."""
    instants: dict[str, list[float]] = {"total": []}
    for call in stage.calls(meter):
        instants.setdefault(call["operation"], []).append(call["at"])
        instants["total"].append(call["at"])
    peaks = [peak_use(instants[name], *quotas[name]) for name in instants if name in quotas]
    return {"bucket_peak": max(peaks) * 100}


def cost_per_job(reading: Reading, jobs: int, suffix: str) -> dict[str, float]:
    """CPU and calls of a job at one size of the growth."""
    each = reading.per_job(jobs)
    return {f"cpu_ms_{suffix}": each["cpu_ms_per_job"], f"calls_{suffix}": each["calls_per_job"]}

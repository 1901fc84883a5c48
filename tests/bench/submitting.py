"""Scenarios about getting runs started: without limits, under AWS's quotas, among many that have finished."""

from collections.abc import Collection

from tests.bench.figures import Result, peak_use, percentile
from tests.bench.meter import Meter, Reading
from tests.bench.stage import FIVE_SECONDS, FOR_EVER, LATENCY, Batch, Buckets, Stage, aws_quotas, pause

_POLL = 2.0
"""The operator's own shortest pause between two lists, in seconds."""
Rows = dict[str, Result]


def burst(stage: Stage, wanted: Collection[str]) -> Rows:
    """1,000 jobs of five seconds, no quotas: how fast they start, what each costs, how late their ends show."""
    stage.start(None)
    with stage.profiled("burst"):
        meter, batch, last = five_second_jobs(stage, stage.scale.count(1000))
    jobs, reading = len(batch.uids), meter.read()
    lags = stage.lags(stage.truth(batch))
    started = last - batch.began
    figures = {"all_ids": started, "jobs_per_second": jobs / started, **reading.per_job(jobs)}
    limits = {"all_ids": batch.created - batch.began + LATENCY, "calls_per_job": 2.0}
    late = {"lag_p50": percentile(lags, 0.5), "lag_p99": percentile(lags, 0.99)}
    rows = {
        "burst": Result(figures, limits, reading.details()),
        "short": Result(late, {"lag_p50": _POLL / 2 + LATENCY, "lag_p99": _POLL + LATENCY}),
    }
    return {name: row for name, row in rows.items() if name in wanted}


def five_second_jobs(stage: Stage, count: int) -> tuple[Meter, Batch, float]:
    """Create them and wait until all have ended and nothing changes any more; when did the last get its id?"""
    patience = stage.scale.patience(count)
    meter = stage.meter()
    batch = stage.create(count, FIVE_SECONDS)
    last = stage.watch.wait_ids(batch.uids, patience)
    stage.watch.wait(batch.uids, {"COMPLETED"}, patience)
    stage.watch.wait_quiet(1.0, patience)
    return meter, batch, last


def quota(stage: Stage, _: Collection[str]) -> Rows:
    """100 jobs at once under AWS's default quotas."""
    stage.start(aws_quotas())
    pause(stage.scale.seconds(30))
    return {"quota": _under_quotas(stage, stage.scale.count(100), "quota")}


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

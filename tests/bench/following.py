"""Scenarios about following runs: how late AWS's ends show, and what following costs."""

import random
from collections.abc import Collection, Mapping, Sequence

from tests.bench.figures import Result, percentile
from tests.bench.hint_queue import HintQueue
from tests.bench.stage import FOR_EVER, LATENCY, Batch, Buckets, Stage, aws_quotas, pause
from tests.bench.submitting import Rows, bucket_peak
from tests.support.poll import until

_PAGE = 100
"""Runs on a page of ListJobRuns, at most."""
_LATEST = 180.0
"""Seconds after which an end that does not show will never show."""


def lag(stage: Stage, _: Collection[str]) -> Rows:
    """1,000 runs under AWS's default quotas, all ending within two minutes."""
    batch = _running(stage, stage.scale.count(1000))
    stage.start(aws_quotas())
    first_pass(stage)
    return {"lag": ends_show(stage, batch.uids, 120, aws_quotas(), "lag")}


def lag_with_hints(stage: Stage, _: Collection[str]) -> Rows:
    """The same with an SQS queue that AWS's events are sent to."""
    batch = _running(stage, stage.scale.count(1000))
    with HintQueue(stage.world.folder) as queue:
        stage.sim.settings(events=queue.events)
        stage.start(aws_quotas(), **queue.environment)
        first_pass(stage)
        result = ends_show(stage, batch.uids, 120, aws_quotas(), "lag-hints")
        told = {"events": stage.sim.events()}
        stage.operator.terminate()
    limits = {**result.limits, "lag_p50": LATENCY, "lag_p99": LATENCY * 1.5}
    return {"lag-hints": Result(result.figures, limits, {**result.details, **told})}


def clusters(stage: Stage, _: Collection[str]) -> Rows:
    """200 virtual clusters with one run each under AWS's default quotas, all ending within a minute."""
    count = stage.scale.count(200)
    batch = _running(stage, count, [f"bench{number:020d}" for number in range(count)])
    stage.start(aws_quotas())
    pause(stage.scale.seconds(20))
    result = ends_show(stage, batch.uids, 60, aws_quotas(), "clusters")
    describes = count / aws_quotas()["DescribeJobRun"][1]
    limits = {**result.limits, "lag_p50": describes / 2, "lag_p99": describes + LATENCY}
    return {"clusters": Result(result.figures, limits, result.details)}


def _running(stage: Stage, count: int, spread: Sequence[str] = ()) -> Batch:
    """Start so many runs without any quota."""
    stage.start(None)
    batch = stage.create(count, FOR_EVER, spread) if spread else stage.create(count, FOR_EVER)
    stage.watch.wait(batch.uids, {"RUNNING"}, stage.scale.patience(count))
    return batch


def first_pass(stage: Stage, timeout: float = 120) -> None:
    """Wait until the operator has listed all active runs of its one virtual cluster."""
    until(lambda: _passes(stage.operator.metrics()), timeout, "a complete list pass", ignore=(OSError,))


def _passes(metrics: Mapping[str, float]) -> float:
    return metrics.get("emrjobs_list_passes_total", 0.0)


def ends_show(stage: Stage, uids: Sequence[str], seconds: float, quotas: Buckets, name: str) -> Result:
    """End these runs evenly over some time; measure that time, and how late each end shows."""
    window = stage.scale.seconds(seconds)
    ids = [stage.watch.runs[uid] for uid in uids]
    random.Random(1).shuffle(ids)
    active = sum(state == "RUNNING" for state in stage.watch.states.values())
    meter = stage.meter()
    with stage.profiled(name):
        ended = stage.end_runs(ids, window)
        pause(window - meter.used()[1])
        cpu, length = meter.used()
    shown = stage.watch.ends
    until(lambda: all(run in shown for run in ids), _LATEST, lambda: f"{len(ids)} ends show; {len(shown)} do")
    reading, lags = meter.read(), stage.lags(ended)
    figures = {
        "lag_p50": percentile(lags, 0.5),
        "lag_p99": percentile(lags, 0.99),
        "lag_max": max(lags),
        "cpu_percent": cpu / length * 100,
        "throttled": float(reading.throttled),
        "calls_per_second": reading.all_calls / reading.seconds,
        "rss": reading.rss,
        **bucket_peak(stage, meter, quotas),
    }
    length_of_pass = pass_seconds(active, quotas)
    limits = {"lag_p50": length_of_pass / 2, "lag_p99": length_of_pass + LATENCY, "throttled": 0.0}
    return Result(figures, limits, reading.details())


def pass_seconds(active: int, quotas: Buckets) -> float:
    """The least time of a list of so many runs: page after page, each a call of its bucket."""
    pages = -(-active // _PAGE)
    return max(pages / quotas["ListJobRuns"][1], pages * LATENCY)

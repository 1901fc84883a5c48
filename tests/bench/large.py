"""The large scenarios, chained in one world: growth to 10,000 jobs, silence, 10,000 running, restarts, following."""

import random
import time
from collections.abc import Collection

from urllib3.exceptions import HTTPError

from tests.bench.figures import Result, growth
from tests.bench.following import ends_show, first_pass, pass_seconds
from tests.bench.meter import Meter, Reading
from tests.bench.stage import FOR_EVER, LATENCY, Buckets, Stage, aws_quotas, pause
from tests.bench.submitting import Rows, cost_per_job, five_second_jobs
from tests.support.poll import until

SIZES = (100, 1000, 10_000)
_RAISED = 10
_TIMES = 3
"""Batches of each size but the largest, of which the median in CPU counts: small ones are soon disturbed."""
GROWING = frozenset({"growth", "finished", "memory"})
RUNNING = frozenset({"restart-term", "restart-kill", "running-10x", "running-default", "memory"})


def large(stage: Stage, wanted: Collection[str]) -> Rows:
    """Only those parts that the wanted rows need."""
    rows: Rows = {}
    if GROWING & set(wanted):
        rows |= _growing(stage)
        clear(stage)
    if RUNNING & set(wanted):
        rows |= _running(stage)
    return {name: row for name, row in rows.items() if name in wanted}


def _growing(stage: Stage) -> Rows:
    stage.start(None)
    five_second_jobs(stage, stage.scale.count(20))
    figures: dict[str, float] = {}
    details = {}
    for size in SIZES:
        jobs = stage.scale.count(size)
        runs = [_batch(stage, jobs) for _ in range(1 if size == SIZES[-1] else _TIMES)]
        seconds, reading = sorted(runs, key=lambda run: run[1].cpu)[len(runs) // 2]
        figures |= cost_per_job(reading, jobs, str(size))
        figures[f"jobs_per_second_{size}"] = jobs / seconds
        details[str(size)] = [reading.details() for _, reading in runs]
    for cost in ("cpu_ms", "calls"):
        figures[f"{cost}_growth"] = growth([figures[f"{cost}_{size}"] for size in SIZES])
    return {"growth": Result(figures, {}, details), "finished": _silence(stage)}


def _batch(stage: Stage, jobs: int) -> tuple[float, Reading]:
    """Seconds until the last id, and what all of it cost."""
    clear(stage)
    with stage.profiled(f"growth-{jobs}"):
        made = five_second_jobs(stage, jobs)
    return made.seconds, made.meter.read()


def _silence(stage: Stage) -> Result:
    """All have finished: nothing happens; then one is created and deleted."""
    stage.watch.wait_quiet(3.0, 60)
    with stage.profiled("finished"):
        meter = stage.meter()
        pause(stage.scale.seconds(60))
        cpu, length = meter.used()
    reading = meter.read()
    created, deleted = _act(stage, meter)
    figures = {
        "calls": float(reading.all_calls),
        "writes": float(reading.all_writes),
        "cpu_percent": cpu / length * 100,
        "created_acted": created,
        "deleted_acted": deleted,
        "rss": reading.rss,
    }
    limits = {"calls": 0.0, "writes": 0.0, "cpu_percent": 0.0, "created_acted": 0.0, "deleted_acted": 0.0}
    return Result(figures, limits, reading.details())


def _act(stage: Stage, meter: Meter) -> tuple[float, float]:
    """Seconds from a creation to StartJobRun, and from a deletion to CancelJobRun, as they reach AWS."""
    batch = stage.create(1, FOR_EVER)
    stage.watch.wait(batch.uids, {"RUNNING"}, 60)
    asked = time.time()
    stage.runs.delete(batch.names[0])

    def seen(operation: str) -> list[float]:
        return [call["at"] for call in stage.sim.calls(operation, since=meter.first_call)]

    until(lambda: seen("CancelJobRun"), 60, "the run is cancelled")
    return seen("StartJobRun")[-1] - batch.began, seen("CancelJobRun")[-1] - asked


def _running(stage: Stage) -> Rows:
    """As many runs that do not end by themselves: memory, restarts, following under two sets of quotas."""
    raised, count = aws_quotas(_RAISED), stage.scale.count(SIZES[-1])
    stage.start(None)
    batch = stage.create(count, FOR_EVER)
    stage.watch.wait(batch.uids, {"RUNNING"}, stage.scale.patience(count))
    stage.watch.wait_quiet(3.0, 60)
    submitted = stage.meter().read()
    stage.start(raised)
    first_pass(stage)
    rows = {name: restart(stage, hard, raised, count) for name, hard in _RESTARTS.items()}
    sample = random.Random(2).sample(batch.uids, 2 * stage.scale.count(100))
    half = len(sample) // 2
    rows["running-10x"] = ends_show(stage, sample[:half], 60, raised, "running-10x")
    steady = stage.meter().read()
    stage.start(aws_quotas())
    first_pass(stage)
    rows["running-default"] = ends_show(stage, sample[half:], 60, aws_quotas(), "running-default")
    memory = {
        "rss_submitted": submitted.rss,
        "peak_submitted": submitted.peak,
        "rss": steady.rss,
        "peak": max(submitted.peak, steady.peak, stage.meter().read().peak),
    }
    rows["memory"] = Result(memory)
    return rows


_RESTARTS = {"restart-term": False, "restart-kill": True}


def restart(stage: Stage, hard: bool, quotas: Buckets, count: int) -> Result:
    """End the operator, start the next at once, and wait for its first complete list."""
    stage.watch.wait_quiet(2.0, 60)
    before = stage.sim.counts()
    mark = stage.world.cluster.audit.mark()
    began = time.monotonic()
    _ = stage.operator.kill() if hard else stage.operator.terminate()
    ended = time.monotonic()
    stage.launch(quotas)
    first_pass(stage)
    done = time.monotonic()
    starts = stage.sim.count("StartJobRun") - before.get("StartJobRun", {}).get("total", 0)
    figures = {
        "first_pass": done - began,
        "stopping": ended - began,
        "starts": float(starts),
        "writes": float(stage.writes_since(mark)),
    }
    return Result(figures, {"first_pass": pass_seconds(count, quotas) + LATENCY, "starts": 0.0, "writes": 0.0})


def clear(stage: Stage) -> None:
    """Delete all objects of the stage, also those that take longer than a request may."""

    def empty() -> bool:
        stage.runs.delete_all()
        return not stage.watch.states

    until(empty, 300, lambda: f"{len(stage.watch.states)} objects go", ignore=(HTTPError,))
    stage.watch.wait_quiet(1.0, 60)

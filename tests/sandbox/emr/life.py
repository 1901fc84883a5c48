"""One run's life as a sequence of timed steps: no clock, no other runs, no I/O. Pure.

PENDING → SUBMITTED → RUNNING → COMPLETED | FAILED; any of the first three → CANCEL_PENDING → CANCELLED,
unless the run's natural end wins the race.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.emr.scripts import ACTIVE, Script, Stage

CANCELLED_DETAILS = "JobRun CANCELLED successfully."
MAX_DETAILS = 256
NEXT_STAGE: dict[Stage, Stage] = {"PENDING": "SUBMITTED", "SUBMITTED": "RUNNING"}


@dataclass(frozen=True, slots=True)
class Plan:
    """The lengths of this run's stages, all of them known when it is created."""

    pending: float
    submitted: float
    running: float
    cancel: float
    start_timeout: float
    max_attempts: int | None
    retry_backoff: float
    retry_backoff_max: float

    def length(self, stage: Stage) -> float:
        return {"PENDING": self.pending, "SUBMITTED": self.submitted, "RUNNING": self.running}[stage]


@dataclass(frozen=True, slots=True)
class Moment:
    """What became true of a run at one instant."""

    at: float
    state: str
    details: str | None = None
    reason: str | None = None
    attempt: int = 1


@dataclass(slots=True, eq=False)
class Run:
    """A run's facts and its course so far."""

    id: str
    arn: str
    cluster: str
    token: str
    received: dict[str, Any]  # StartJobRun as it came in
    request: dict[str, Any]  # with its template merged in
    created_by: str
    script: Script
    plan: Plan
    position: int  # in its virtual cluster's order of creation
    history: list[Moment] = field(default_factory=list)
    stage: Stage = "PENDING"  # the natural course, which goes on below a CANCEL_PENDING
    due: float = math.inf  # when the natural course goes on
    cancel_due: float = math.inf
    attempt: int = 1
    tags: dict[str, str] = field(default_factory=dict)
    sends: int = 1  # how often StartJobRun was accepted under this token
    cancels: int = 0
    forgotten: bool = False

    @property
    def now(self) -> Moment:
        return self.history[-1]

    @property
    def active(self) -> bool:
        return self.now.state not in {"COMPLETED", "FAILED", "CANCELLED"}

    @property
    def created_at(self) -> float:
        return self.history[0].at

    @property
    def finished_at(self) -> float | None:
        return None if self.active else self.now.at

    @property
    def next_due(self) -> float:
        return min(self.due, self.cancel_due) if self.active else math.inf

    def as_of(self, instant: float) -> Moment | None:
        """What was true at an instant; None before the run existed."""
        after = bisect_right(self.history, instant, key=lambda moment: moment.at)
        return self.history[after - 1] if after else None


def _enter(run: Run, at: float, state: str, details: str | None = None, reason: str | None = None) -> None:
    if run.now.state == "CANCEL_PENDING" and state in ACTIVE:
        return  # the natural course goes on unseen
    short = details[:MAX_DETAILS] if details else None
    run.history.append(Moment(at, state, short, reason, run.attempt))


def born(run: Run, at: float) -> None:
    run.history.append(Moment(at, "PENDING"))
    run.due = at + run.plan.pending


def end(run: Run, at: float, state: str, details: str | None = None, reason: str | None = None) -> None:
    """The end, natural or not. Nothing follows it."""
    _enter(run, at, state, details, reason)
    run.due = run.cancel_due = math.inf


def _finish(run: Run, at: float) -> None:
    """What the script wanted when the last stage is over."""
    if run.script.failing():
        reason, details, _ = run.script.verdict()
        end(run, at, "FAILED", details, reason)
    elif run.script.outcome == "CANCELLED":
        end(run, at, "CANCELLED", run.script.details or CANCELLED_DETAILS)
    else:
        started = next((moment.at for moment in run.history if moment.state == "RUNNING"), at)
        ran = f"JobRun completed successfully. It ran for {math.floor(at - started)} Seconds"
        end(run, at, "COMPLETED", run.script.details or ran)


def _driver_failed(run: Run) -> bool:
    """Whether this attempt of the driver fails (rather than the run for a reason outside of it)."""
    if run.attempt <= run.script.fails:
        return True
    return run.script.failing() and run.script.verdict()[0] == "USER_ERROR"


def _after_driver(run: Run, at: float) -> None:
    if not _driver_failed(run):
        _finish(run, at)
        return
    if run.attempt >= (run.plan.max_attempts or 1):
        reason, details, _ = run.script.verdict() if run.script.failing() else Script(failure="driver").verdict()
        end(run, at, "FAILED", details, reason)
        return
    pause = min(run.plan.retry_backoff * 2 ** (run.attempt - 1), run.plan.retry_backoff_max)
    run.attempt += 1
    _enter(run, at, "RUNNING")
    run.due = at + pause + run.plan.running


def _fails_here(run: Run) -> bool:
    return run.script.failing() and run.script.verdict()[2] == run.stage and run.stage != "RUNNING"


def wants_slot(run: Run) -> bool:
    """Whether the natural course's next step needs room among the concurrent runs."""
    return run.stage == "PENDING" and run.due <= run.cancel_due and not _fails_here(run)


def step(run: Run) -> None:
    """Do what is due next, at the instant at which it is due."""
    if run.cancel_due <= run.due:
        end(run, run.cancel_due, "CANCELLED", CANCELLED_DETAILS)
        return
    at = run.due
    if _fails_here(run):
        _finish(run, at)
    elif run.stage == "RUNNING":
        _after_driver(run, at)
    elif run.stage == "SUBMITTED" and run.plan.submitted > run.plan.start_timeout:
        end(run, at, "FAILED", "cluster timeout", "CLUSTER_UNAVAILABLE")
    else:
        enter_next_stage(run, at)


def enter_next_stage(run: Run, at: float) -> None:
    run.stage = NEXT_STAGE[run.stage]
    _enter(run, at, run.stage)
    length = run.plan.length(run.stage)
    run.due = at + (min(length, run.plan.start_timeout) if run.stage == "SUBMITTED" else length)


def cancel(run: Run, at: float) -> None:
    """A cancellation was accepted."""
    run.cancels += 1
    _enter(run, at, "CANCEL_PENDING")
    if run.script.race != "lose":
        run.cancel_due = at + run.plan.cancel
    if run.script.race == "win":
        run.due = math.inf

"""All runs of one account and region: start with tokens, describe, list, cancel. Pure."""

import math
import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tests.sandbox.emr import listing
from tests.sandbox.emr.demands import start_timeout, unsupported_classification
from tests.sandbox.emr.errors import ServiceError, not_found, validation
from tests.sandbox.emr.ids import RUN_LENGTH
from tests.sandbox.emr.life import Moment, Plan, Run
from tests.sandbox.emr.schedule import Schedule
from tests.sandbox.emr.scripts import ACTIVE, Script, Stage
from tests.sandbox.emr.settings import Seconds, Settings

CANCELLABLE = frozenset({"PENDING", "SUBMITTED", "RUNNING"})


@dataclass(slots=True)
class Shelf:
    """One virtual cluster's runs in their order of creation, and where the active ones stand."""

    runs: list[Run] = field(default_factory=list)
    active: list[int] = field(default_factory=list)

    def put(self, run: Run) -> None:
        self.runs.append(run)
        self.active.append(run.position)

    def ended(self, run: Run) -> None:
        place = bisect_left(self.active, run.position)
        if place < len(self.active) and self.active[place] == run.position:
            del self.active[place]

    def newest_first(self, before: int | None, only_active: bool) -> Iterator[tuple[int, Run]]:
        places: list[int] | range = self.active if only_active else range(len(self.runs))
        end = len(places) if before is None else bisect_left(places, before)
        for index in range(end - 1, -1, -1):
            yield places[index], self.runs[places[index]]


@dataclass(frozen=True, slots=True)
class View:
    """How a list looks at the runs: as of an instant."""

    instant: float
    lagging: bool


def length(value: Seconds, dice: random.Random) -> float:
    return dice.uniform(*value) if isinstance(value, tuple) else value


def plan_for(script: Script, request: dict[str, Any], settings: Settings, dice: random.Random) -> Plan:
    knobs = settings.durations

    def of(stage: str, default: Seconds) -> float:
        wanted = script.length(stage)
        return length(default, dice) if wanted is None else wanted

    policy = request.get("retryPolicyConfiguration")
    return Plan(
        pending=of("PENDING", knobs.pending),
        submitted=of("SUBMITTED", knobs.submitted),
        running=of("RUNNING", knobs.running),
        cancel=of("CANCEL_PENDING", knobs.cancel),
        start_timeout=math.inf if script.stuck == "SUBMITTED" else start_timeout(request, knobs.job_start_timeout),
        max_attempts=policy["maxAttempts"] if policy else None,
        retry_backoff=knobs.retry_backoff,
        retry_backoff_max=knobs.retry_backoff_max,
    )


def scripted(script: Script, request: dict[str, Any], settings: Settings) -> Script:
    """An unsupported classification is accepted first and fails the run afterwards."""
    name = unsupported_classification(request, settings.classifications)
    if name is None or script.failing():
        return script
    details = f"JobRun submission failed. Classification {name} not supported."
    pending: Stage = "PENDING"
    return script.model_copy(
        update={"outcome": "FAILED", "failure": "classification", "details": details, "at": pending}
    )


class Runs:
    def __init__(self, schedule: Callable[[Callable[[Run, Moment], None]], Schedule]) -> None:
        self._shelves: dict[str, Shelf] = defaultdict(Shelf)
        self._by_id: dict[str, Run] = {}
        self._tokens: dict[tuple[str, str], Run] = {}
        self.observers: list[Callable[[Run, Moment], None]] = [self._index]
        self.schedule = schedule(self._happened)

    def _happened(self, run: Run, moment: Moment) -> None:
        for observer in self.observers:
            observer(run, moment)

    def _index(self, run: Run, _: Moment) -> None:
        if not run.active:
            self._shelves[run.cluster].ended(run)

    def all(self) -> list[Run]:
        return list(self._by_id.values())

    def get(self, run_id: str) -> Run | None:
        return self._by_id.get(run_id)

    def in_queue(self, cluster: str) -> int:
        return self._count(cluster, {"PENDING", "SUBMITTED"})

    def running(self, cluster: str) -> int:
        return self._count(cluster, {"RUNNING"})

    def _count(self, cluster: str, states: set[str]) -> int:
        shelf = self._shelves[cluster]
        return sum(1 for place in shelf.active if shelf.runs[place].now.state in states)

    def known(self, cluster: str, token: str, now: float, lifetime: float | None) -> Run | None:
        """The run that this token stands for, as long as the token is remembered."""
        run = self._tokens.get((cluster, token))
        if run is None or (lifetime is not None and now - run.created_at >= lifetime):
            return None
        return run

    def next_position(self, cluster: str) -> int:
        return len(self._shelves[cluster].runs)

    def start(self, run: Run, now: float) -> Run:
        self._by_id[run.id] = run
        self._tokens[run.cluster, run.token] = run
        self._shelves[run.cluster].put(run)
        self.schedule.add(run, now)
        return run

    def find(self, cluster: str, run_id: str) -> Run:
        if len(run_id) != RUN_LENGTH:
            raise validation("Invalid job run short id")
        run = self._by_id.get(run_id)
        if run is None or run.cluster != cluster or run.forgotten:
            raise not_found(f"Job run {run_id} doesn't exist.")
        return run

    def cancel(self, cluster: str, run_id: str, now: float, unknown: str) -> Run:
        try:
            run = self.find(cluster, run_id)
        except ServiceError as error:
            raise (error if error.code == "ValidationException" else ServiceError(unknown, error.message)) from None
        if run.now.state not in CANCELLABLE:
            raise validation(f"Job run {run_id} is not in a cancellable state")
        self.schedule.cancel(run, now)
        return run

    def forget(self, run: Run) -> None:
        """The record is gone; its token still stands for it."""
        run.forgotten = True
        self._shelves[run.cluster].ended(run)

    def expire(self, now: float, retention: float | None) -> None:
        if retention is None:
            return
        for run in self._by_id.values():
            if run.finished_at is not None and now - run.finished_at >= retention and not run.forgotten:
                self.forget(run)

    def list(self, request: dict[str, Any], view: View, limit: int) -> tuple[list[Run], str | None]:
        page = listing.asked(request, limit)
        states = set(request.get("states", ()))
        # A lagging list may show as active what has ended since, so it cannot use the short way.
        only_active = bool(states) and states <= set(ACTIVE) and not view.lagging
        candidates = self._shelves[request["virtualClusterId"]].newest_first(page.before, only_active)
        return listing.cut(request, page, candidates, lambda run: _listed(run, request, states, view))


def _listed(run: Run, request: dict[str, Any], states: set[str], view: View) -> bool:
    moment = run.as_of(view.instant) if view.lagging else run.now
    if moment is None or run.forgotten or (states and moment.state not in states):
        return False
    if "name" in request and run.request.get("name") != request["name"]:
        return False
    after, before = request.get("createdAfter", -math.inf), request.get("createdBefore", math.inf)
    return bool(after <= run.created_at <= before)


def shown_state(run: Run, moment: Moment) -> Moment:
    if run.script.show is not None and moment.state == run.script.show_at:
        return replace(moment, state=run.script.show)
    return moment

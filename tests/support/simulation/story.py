"""One script played to its end, and what must hold at every moment of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.core.job_run.effects import Decision
from tests.support.legality import wrongs
from tests.support.simulation.aws import ModelAws
from tests.support.simulation.cluster import ModelCluster
from tests.support.simulation.faults import NO_TIME, Tape
from tests.support.simulation.outside import Outside
from tests.support.simulation.process import Done, Process
from tests.support.simulation.script import HAPPENINGS, JUMPS, Company, Happening, Script

BEGIN: Final = datetime(2026, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)
LONGEST: Final = timedelta(days=2)
LONGEST_TROUBLE: Final = timedelta(hours=2)
"""How long a story goes on whose mood may keep it from ending."""
PASSES_AT_ONCE: Final = 60
"""More than these without time passing, and nothing happening outside, is a livelock."""
PASSES: Final = 12_000
"""More than these in all is no end."""
ROUND_TRIP: Final = timedelta(milliseconds=50)
"""What an effect takes where two act at the same time: they may undo each other, but not without time passing."""


@dataclass(slots=True)
class Story:
    """Plays a script. ``AssertionError`` where something is not as it must be."""

    script: Script
    now: datetime = BEGIN
    cluster: ModelCluster = field(init=False)
    aws: ModelAws = field(init=False)
    processes: list[Process] = field(init=False)
    outside: Outside = field(init=False)
    happenings: list[int] = field(init=False)
    told: list[str] = field(default_factory=list)
    """What happened, for whoever has to read a failure."""
    decisions: list[Decision] = field(default_factory=list)
    passes: int = 0
    passes_now: int = 0
    skipped: timedelta = NO_TIME
    """Time that passed because the script said so."""

    def __post_init__(self) -> None:
        script = self.script
        self.cluster = ModelCluster(self.now, script.members)
        self.aws = ModelAws(script.life)
        self.happenings = list(script.happenings)
        self.processes = self._cast()
        retain = script.members.get("deletionPolicy") == "Retain"
        self.outside = Outside(self.cluster, self.aws, self.processes, retain)
        self.cluster.on_status.append(self._status_written)

    def _cast(self) -> list[Process]:
        script, tape = self.script, Tape(self.script.faults, self.script.mood)
        together, lags = script.company is Company.TOGETHER, script.lags
        processes = [
            Process(self.cluster, self.aws, tape, lag, script.queue, script.lists, alone=not together)
            for lag in (lags[:1] if script.company is Company.ALONE else lags)
        ]
        for number, process in enumerate(processes):
            process.restart()
            process.leads = together or number == 0
        return processes

    def play(self) -> "Story":
        longest = LONGEST_TROUBLE if self.script.mood else LONGEST
        while self.now - BEGIN < longest + self.skipped and self.passes <= PASSES:
            self.aws.tick(self.now)
            for process in self.processes:
                process.watch(self.now)
                process.ring(self.now)
            due = [process for process in self.processes if process.dirty and process.leads]
            if due:
                self._pass(due[self.passes % len(due)])
                self._happen()
            elif not self._advance() and not self._happen():
                break
            self._check_runs()
        return self

    def _pass(self, process: Process) -> None:
        self.passes += 1
        self.passes_now += 1
        existed = self.cluster.raw is not None
        done = process.run_pass(self.now)
        if self.script.company is Company.TOGETHER:
            self._pass_time(ROUND_TRIP)
        if done is not None:
            self._judge(process, done)
        if existed and self.cluster.raw is None:
            self._object_gone()
        self._check_pace()

    def _judge(self, process: Process, done: Done) -> None:
        self.decisions.append(done.decision)
        number = self.processes.index(process)
        self.told.append(f"{self.now:%H:%M:%S} [{number}] {done.rule}: {repr(done.decision)[:220]}")
        found = wrongs(done.seen, done.decision)
        assert not found, f"{done.rule}: {found}\n{self.text()}"

    def text(self) -> str:
        runs = [(run.id, run.token, run.state(self.now), run.request["virtualClusterId"]) for run in self.aws.runs]
        return "\n".join([*self.told[-40:], f"runs {runs}", f"object {self.cluster.raw}"])

    def decided(self, kind: type[Decision]) -> int:
        """How many passes decided on that."""
        return sum(isinstance(decision, kind) for decision in self.decisions)

    # ---- time and the world

    def _advance(self) -> bool:
        """Let time pass until something is due; false if nothing ever is."""
        times = [process.next_at for process in self.processes]
        coming = [at for at in (*times, *(at for at, _ in self.aws.on_their_way)) if at is not None]
        if not coming:
            return False
        assert min(coming) > self.now, f"time stands still\n{self.text()}"
        self._pass_time(min(coming) - self.now)
        return True

    def _pass_time(self, passed: timedelta) -> None:
        self.now += passed
        self.passes_now = 0

    def _happen(self) -> bool:
        """The next happening; false if there is none left."""
        if not self.happenings:
            return False
        number = self.happenings.pop(0)
        happening = HAPPENINGS[number] if number < len(HAPPENINGS) else Happening.NOTHING
        if happening is Happening.NOTHING:
            return True
        self.told.append(f"{self.now:%H:%M:%S} *** {happening}")
        self.passes_now = 0
        self.skipped += JUMPS.get(happening, NO_TIME)
        self.now += JUMPS.get(happening, NO_TIME)
        existed = self.cluster.raw is not None
        self.outside.do(happening, self.now)
        if existed and self.cluster.raw is None:
            self._object_gone()
        return True

    # ---- what must hold at every moment

    def _check_runs(self) -> None:
        tokens = [run.token for run in self.aws.runs]
        assert len(tokens) == len(set(tokens)), f"two runs of one attempt\n{self.text()}"
        alive = [run for run in self.aws.runs if run.alive(self.now)]
        assert len(alive) <= 1, f"two runs at a time\n{self.text()}"

    def _check_pace(self) -> None:
        assert self.passes_now <= PASSES_AT_ONCE, f"livelock\n{self.text()}"
        assert self.passes <= PASSES or self.script.company is Company.TOGETHER, f"no end\n{self.text()}"

    def _status_written(self, before: EmrJobRunStatus, after: EmrJobRunStatus) -> None:
        if before.finished:
            assert (after.state, after.finished) == (before.state, True), f"finished changed\n{self.text()}"
        if before.client_token is not None and after.client_token is None:
            assert not self.aws.runs, f"unlocked although a run exists\n{self.text()}"
            self._nothing_runs("unlocked")
        if after.state in (State.SUSPENDED, State.CANCELLED) and before.state != after.state:
            self._nothing_runs(f"said to be {after.state}")

    def _object_gone(self) -> None:
        if not self.outside.retained_once and not self.outside.forced:
            self._nothing_runs("gone")

    def _nothing_runs(self, what: str) -> None:
        alive = [run for run in self.aws.runs if run.alive(self.now)]
        assert not alive, f"{what} before its run had ended\n{self.text()}"
        assert not self.aws.to_come, f"{what} while a request was on its way\n{self.text()}"

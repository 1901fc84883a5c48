"""One script played to its end: users, faults, crashes and time around one or two processes, and what must hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from emrjobs.api.spec import DeletionPolicy
from emrjobs.api.status import EmrJobRunStatus, State
from emrjobs.core.effects import CancelJob, StartJob
from emrjobs.core.failures import Verdict
from emrjobs.core.obstacles import Obstacle
from tests.support.legality import wrongs
from tests.support.simulation.aws import Life, ModelAws
from tests.support.simulation.cluster import CLUSTERS, ModelCluster
from tests.support.simulation.faults import NO_TIME, Fault, Tape
from tests.support.simulation.process import Done, Process

BEGIN: Final = datetime(2026, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)
LONGEST: Final = timedelta(days=2)
LONGEST_TROUBLE: Final = timedelta(hours=2)
"""How long a story goes on whose mood may keep it from ending."""
PASSES_AT_ONCE: Final = 60
"""More than these without time passing, and nothing happening outside, is a livelock."""

PASSES: Final = 12_000
"""More than these in all is no end."""

HAPPENINGS: Final = (
    "nothing",
    "crash",
    "crash in the next effect",
    "delete",
    "flip the policy",
    "edit the request",
    "touch",
    "AWS forgets the run",
    "a minute passes",
    "seven minutes pass",
    "two hours pass",
    "crash the other",
    "crash the other in its next effect",
    "break the spec",
    "hand over",
    "suspend",
    "resume",
    "cancel",
    "another is refused: busy",
    "another is refused: denied",
)

ALONE, HANDOVER, TOGETHER = "alone", "handover", "together"
"""One process; two of which one leads at a time; two that act at the same time, with no Lease between them."""
ROUND_TRIP: Final = timedelta(milliseconds=50)
"""What an effect takes where two act at the same time: they may undo each other, but not without time passing."""


@dataclass(frozen=True, slots=True)
class Script:
    """``faults`` says what becomes of each call in turn, ``happenings`` what happens after each pass."""

    faults: tuple[int, ...] = ()
    happenings: tuple[int, ...] = ()
    mood: Mapping[str, Fault] = field(default_factory=dict)
    """What calls meet when ``faults`` has run out; they work where nothing is said."""
    members: Mapping[str, Any] = field(default_factory=dict)
    """Of the spec, beside the request: what we may do with the run."""
    life: Life = field(default_factory=Life)
    company: str = ALONE
    lags: tuple[timedelta, timedelta] = (NO_TIME, NO_TIME)
    """How late each process's watch is."""
    queue: timedelta = NO_TIME
    lists: bool = True


@dataclass(slots=True)
class Story:
    """Plays a script. ``AssertionError`` where something is not as it must be."""

    script: Script
    now: datetime = BEGIN
    cluster: ModelCluster = field(init=False)
    aws: ModelAws = field(init=False)
    processes: list[Process] = field(init=False)
    told: list[str] = field(default_factory=list)
    """What happened, for whoever has to read a failure."""
    passes: int = 0
    passes_now: int = 0
    retained_once: bool = False
    broken: bool = False

    def __post_init__(self) -> None:
        script = self.script
        self.cluster = ModelCluster(self.now, script.members)
        self.aws = ModelAws(script.life)
        tape = Tape(script.faults, script.mood)
        alone, lags = script.company != TOGETHER, script.lags if script.company != ALONE else script.lags[:1]
        self.processes = [Process(self.cluster, self.aws, tape, lag, script.queue, script.lists, alone) for lag in lags]
        self.happenings = list(script.happenings)
        self.retained_once = script.members.get("deletionPolicy") == "Retain"
        self.cluster.on_status.append(self._status_written)
        for number, process in enumerate(self.processes):
            process.restart()
            process.leads = number == 0 or script.company == TOGETHER

    happenings: list[int] = field(init=False)

    def play(self) -> "Story":
        longest = LONGEST_TROUBLE if self.script.mood else LONGEST
        while self.now - BEGIN < longest and self.passes <= PASSES:
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
            self._check()
        return self

    def _pass(self, process: Process) -> None:
        self.passes += 1
        self.passes_now += 1
        existed = self.cluster.raw is not None
        done = process.run_pass(self.now)
        if self.script.company == TOGETHER:
            self._pass_time(ROUND_TRIP)
        if done is not None:
            self._tell(process, done)
            found = wrongs(done.seen, done.effect)
            assert not found, f"{done.rule}: {found}\n{self.text()}"
        if existed and self.cluster.raw is None:
            self._object_gone()
        assert self.passes_now <= PASSES_AT_ONCE, f"livelock\n{self.text()}"
        assert self.passes <= PASSES or self.script.company == TOGETHER, f"no end\n{self.text()}"

    def _tell(self, process: Process, done: Done) -> None:
        shown = repr(done.effect)
        number = self.processes.index(process)
        self.told.append(f"{self.now:%H:%M:%S} [{number}] {done.rule}: {shown[:220]}")

    def text(self) -> str:
        runs = [(run.id, run.state(self.now), run.request["virtualClusterId"]) for run in self.aws.runs]
        return "\n".join([*self.told[-40:], f"runs {runs}", f"object {self.cluster.raw}"])

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
        what = HAPPENINGS[number] if number < len(HAPPENINGS) else "nothing"
        if what != "nothing":
            self.told.append(f"{self.now:%H:%M:%S} *** {what}")
            self.passes_now = 0
            existed = self.cluster.raw is not None
            self._do(what)
            if existed and self.cluster.raw is None:
                self._object_gone()
        return True

    def _do(self, what: str) -> None:
        last = self.processes[-1]
        match what:
            case "crash":
                self.processes[0].restart()
            case "crash the other":
                last.restart()
            case "crash in the next effect":
                self.processes[0].dies_in_next_effect = True
            case "crash the other in its next effect":
                last.dies_in_next_effect = True
            case "a minute passes" | "seven minutes pass" | "two hours pass":
                minutes = {"a minute passes": 1, "seven minutes pass": 7, "two hours pass": 120}[what]
                self._pass_time(timedelta(minutes=minutes))
            case "AWS forgets the run":
                self._forget()
            case "hand over":
                self._hand_over()
            case "another is refused: busy" | "another is refused: denied":
                self._stand_in_the_way(Verdict.DENIED if "denied" in what else Verdict.BUSY)
            case _:
                self._user_does(what)

    def _forget(self) -> None:
        """Records go long after the end; by then the operator has read the id, if not the end."""
        resource = self.cluster.current
        ended = [run.id for run in self.aws.runs if not run.alive(self.now)]
        if resource is not None and resource.status.id in ended:
            self.aws.forget(resource.status.id)

    def _stand_in_the_way(self, verdict: Verdict) -> None:
        until = self.now + timedelta(minutes=3)
        for process in self.processes:
            process.obstacle = Obstacle(verdict, "another", "refused", self.now, until)

    def _hand_over(self) -> None:
        if self.script.company == HANDOVER:
            before, after = sorted(self.processes, key=lambda process: not process.leads)
            before.leads = False
            after.lead()

    def _user_does(self, what: str) -> None:
        resource, raw = self.cluster.current, self.cluster.raw
        if resource is None or raw is None:
            return
        match what:
            case "delete":
                self.cluster.delete(self.now)
            case "flip the policy":
                retain = resource.wishes.deletion_policy is DeletionPolicy.RETAIN
                self.retained_once = True
                self.cluster.change_spec(deletionPolicy="Cancel" if retain else "Retain")
            case "edit the request":
                other = CLUSTERS[1 - CLUSTERS.index(raw["spec"]["virtualClusterId"])]
                if self.cluster.change_spec(virtualClusterId=other, releaseLabel="emr-7.9.0-latest"):
                    self.broken = False
            case "break the spec":
                self.broken = self.cluster.change_spec(releaseLabel=None) or self.broken
            case "suspend" | "resume":
                self.cluster.change_spec(suspend=what == "suspend")
            case "cancel":
                self.cluster.change_spec(cancel=True)
            case _:
                self.cluster.touch()

    # ---- what must hold at every moment

    def _check(self) -> None:
        tokens = [run.token for run in self.aws.runs]
        assert len(tokens) == len(set(tokens)), f"two runs of one attempt\n{self.text()}"
        alive = [run for run in self.aws.runs if run.alive(self.now)]
        assert len(alive) <= 1, f"two runs at a time\n{self.text()}"

    def _status_written(self, before: EmrJobRunStatus, after: EmrJobRunStatus) -> None:
        if before.finished:
            assert (after.state, after.finished) == (before.state, True), f"finished changed\n{self.text()}"
        if before.client_token is not None and after.client_token is None:
            self._nothing_runs("unlocked")
            assert not self.aws.runs, f"unlocked although a run exists\n{self.text()}"
        if after.state in (State.SUSPENDED, State.CANCELLED) and before.state != after.state:
            self._nothing_runs(f"said to be {after.state}")

    def _object_gone(self) -> None:
        if self.retained_once:
            return
        self._nothing_runs("gone")

    def _nothing_runs(self, what: str) -> None:
        alive = [run for run in self.aws.runs if run.alive(self.now)]
        assert not alive, f"{what} before its run had ended\n{self.text()}"
        assert not self.aws.to_come, f"{what} while a request was on its way\n{self.text()}"

    def sent(self, kind: type[StartJob | CancelJob]) -> int:
        """How many passes decided on that."""
        return sum(f": {kind.__name__}(" in line for line in self.told)

"""Two operators with one Lease in one namespace, replaced as they fall, and the objects that live there."""

import random
import time
from dataclasses import dataclass, field
from functools import partial

from tests.chaos import truth
from tests.chaos.arena import Arena
from tests.chaos.doors import Doors
from tests.chaos.mischief import Mischief
from tests.chaos.nursery import Fork
from tests.sandbox.emr.admin import RunFacts
from tests.support.jobs import spark_pi
from tests.support.kube import ApiError, Json

PAUSE_SECONDS = 2.2
"""Longer than the Lease lasts."""
OPERATORS = 2
RESUBMIT = {"resubmitPolicy": {"limit": 1, "backoffSeconds": 1, "maxBackoffSeconds": 1}}


@dataclass(slots=True)
class Thing:
    """One object as it was made, and what was done to it since."""

    name: str
    uid: str
    retained: bool
    todo: list[tuple[float, str]] = field(default_factory=list)
    """What is to be done to it, each with its time (monotonic)."""
    done: list[str] = field(default_factory=list)
    """What was done to it."""
    last: Json | None = None
    """How it was when it had ended, before it was taken away."""
    over: bool = False

    @property
    def deleted(self) -> bool:
        return "delete" in self.done

    @property
    def stopped(self) -> bool:
        """Whether somebody wished it cancelled or suspended."""
        return not {"cancel", "suspend"}.isdisjoint(self.done)

    @property
    def runs_on(self) -> bool:
        """Whether its run is to end by itself: nothing more is done to it, and nothing stops it."""
        return not self.todo and (not self.done or self.done[-1] == "resume")

    def wrong(self, runs: list[RunFacts]) -> list[str]:
        """Judged when all is over, given all runs under its tokens."""
        if not self.over:
            return ["not over"]
        if self.last is not None:
            return truth.of_object(self.last, runs)
        if not self.deleted:
            return ["gone, but nobody deleted it"]
        if self.retained and self.stopped:
            return []
        return truth.of_deleted(None, runs, retained=self.retained)


@dataclass(slots=True)
class Slot:
    """A place for one operator."""

    doors: Doors
    fork: Fork | None = None
    resume_at: float | None = None


def _alive(slot: Slot) -> bool:
    return slot.fork is not None and slot.fork.running and not slot.fork.doomed


class Island:
    """Used by one thread, but for what the proxy's thread does to processes."""

    def __init__(self, arena: Arena, seed: int, mischief: Mischief) -> None:
        self._arena = arena
        self._dice = random.Random(seed)
        self.mischief = mischief
        self.namespace = arena.namespace("isle")
        self.cluster = self.namespace.replace("-", "")
        self._runs = arena.world.kube.runs(self.namespace)
        self.things: dict[str, Thing] = {}
        self._slots: list[Slot] = []
        for _ in range(OPERATORS):
            slot = Slot(arena.doors())
            slot.doors.plan = mischief.plan_for(partial(self._strike, slot), partial(_alive, slot))
            self._slots.append(slot)

    # ---- the operators

    def keep(self) -> None:
        """Replace operators that are gone, and wake those that slept long enough."""
        for slot in self._slots:
            if slot.fork is None or not slot.fork.running:
                slot.fork = self._arena.operator(slot.doors, self.namespace, self.namespace, EMRJOBS_WORKERS="4")
                slot.resume_at = None
            elif slot.resume_at is not None and time.monotonic() >= slot.resume_at:
                slot.fork.resume()
                slot.resume_at = None

    def end(self) -> None:
        for slot in self._slots:
            if slot.fork is not None:
                slot.fork.kill()

    def _strike(self, slot: Slot, manner: str) -> None:
        """In the proxy's thread."""
        if slot.fork is None:
            return
        match manner:
            case "kill":
                slot.fork.kill()
            case "terminate":
                slot.fork.terminate()
            case _:
                slot.fork.pause()
                slot.resume_at = time.monotonic() + PAUSE_SECONDS

    # ---- the objects

    def look(self) -> int:
        """Take away what has ended, so that lists stay short; how many are under way."""
        items = {item["metadata"]["uid"]: item for item in self._runs.list()}
        under_way = [thing for thing in self.things.values() if not thing.over]
        for thing in under_way:
            item = items.get(thing.uid)
            if item is None:
                thing.over = True
            elif truth.ended(item):
                thing.last, thing.over = item, True
                self._runs.delete(thing.name)
        return sum(not thing.over for thing in under_way)

    def make(self) -> None:
        """One more object, with a life of its own kind."""
        name = self._arena.name("s")
        members, script = self._kind()
        fate = self._fate()
        # Who is to be stopped runs for long enough.
        script += f"{25 if fate else self._dice.uniform(0, 3):.2f}"
        made = self._runs.create(name, spark_pi(self.cluster, script, **members))
        thing = Thing(name, made["metadata"]["uid"], members.get("deletionPolicy") == "Retain")
        thing.todo = fate
        self.things[thing.uid] = thing

    def do_what_is_due(self) -> None:
        for thing in list(self.things.values()):
            while thing.todo and thing.todo[0][0] <= time.monotonic():
                self._do(thing, thing.todo.pop(0)[1])

    def hurry(self) -> None:
        """Long runs that nobody stops end now."""
        going = {thing.uid for thing in self.things.values() if thing.runs_on and not thing.over}
        for run in self._arena.sim.runs(virtual_cluster_id=self.cluster, state="RUNNING"):
            if run["client_token"][:36] in going:
                self._arena.sim.put_state(run["id"], "COMPLETED")

    def _kind(self) -> tuple[dict[str, object], str]:
        dice = self._dice
        script = "".join(f"{stage}={dice.uniform(0, 0.5):.2f};" for stage in ("pending", "submitted", "cancel"))
        members: dict[str, object] = {}
        if dice.random() < 0.15:
            script += "failure=internal;" if dice.random() < 0.5 else "failure=driver;"
            members |= RESUBMIT
        if dice.random() < 0.2:
            members["deletionPolicy"] = "Retain"
        return members, f"{script}run="

    def _fate(self) -> list[tuple[float, str]]:
        dice, now = self._dice, time.monotonic()
        when = now + dice.uniform(0, 8)
        roll = dice.random()
        if roll < 0.2:
            return [(when, "delete")]
        if roll < 0.25:
            return [(when, "cancel")]
        if roll < 0.3:
            return [(when, "suspend"), (when + dice.uniform(0.5, 3), "resume")]
        return []

    def _do(self, thing: Thing, what: str) -> None:
        thing.done.append(what)
        try:
            match what:
                case "delete":
                    self._runs.delete(thing.name)
                case "cancel":
                    self._runs.patch_spec(thing.name, cancel=True)
                case _:
                    self._runs.patch_spec(thing.name, suspend=what == "suspend")
        except ApiError as error:
            if error.code not in (404, 409):
                raise

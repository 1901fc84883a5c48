"""Two operators with one Lease in one namespace, replaced as they fall, and the objects that live there."""

import datetime as dt
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from tests.chaos import truth
from tests.chaos.arena import Arena
from tests.chaos.doors import Doors
from tests.chaos.mischief import Mischief
from tests.chaos.nursery import Fork
from tests.chaos.thing import Thing
from tests.chaos.whims import LONG_RUN, LONG_SECONDS, whim
from tests.support.jobs import SCRIPT, spark_pi
from tests.support.kube import ApiError, Json

PAUSE_SECONDS = 2.2
"""Longer than the Lease lasts."""
OPERATORS = 2
LOOK_AT_RUNS_SECONDS = 1.0
LONG_AGO = "2020-01-01T00:00:00Z"
EDITS: Mapping[str, Json] = {
    "cancel": {"cancel": True},
    "suspend": {"suspend": True},
    "resume": {"suspend": False},
    "retain": {"deletionPolicy": "Retain"},
    "unretain": {"deletionPolicy": "Cancel"},
}


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
        self.seen_suspended = 0
        """How often an object was seen SUSPENDED, and the endpoint looked at."""
        self._look_at_runs_after = 0.0
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
        """Take away what has ended, so that lists stay short; how many are under way or to be cleaned up at once."""
        items = {item["metadata"]["uid"]: item for item in self._runs.list()}
        under_way = [thing for thing in self.things.values() if not thing.over]
        for thing in under_way:
            item = items.get(thing.uid)
            if item is None:
                thing.over = True
            elif truth.ended(item):
                self._ended(thing, item)
            elif thing.fate and item.get("status", {}).get("id"):
                thing.begin(time.monotonic())
        self._look_at_kept(items)
        self._look_at_suspended([items[thing.uid] for thing in under_way if thing.uid in items])
        waiting = [thing for thing in self.things.values() if thing.kept and thing.aged]
        return sum(not thing.over for thing in under_way) + len(waiting)

    def make(self) -> None:
        """One more object, with a life of its own kind."""
        drawn, name = whim(self._dice), self._arena.name("s")
        made = self._runs.create(name, spark_pi(self.cluster, drawn.script, **drawn.members))
        thing = Thing(name, made["metadata"]["uid"], drawn.members, drawn.fate, aged=drawn.aged)
        if drawn.early:
            thing.begin(time.monotonic())
        self.things[thing.uid] = thing

    def do_what_is_due(self) -> None:
        for thing in list(self.things.values()):
            while thing.todo and thing.todo[0][0] <= time.monotonic():
                self._do(thing, thing.todo.pop(0)[1])

    def hurry(self) -> None:
        """Long runs that nobody stops end now; not those that may end by themselves at this very moment."""
        going = {thing.uid for thing in self.things.values() if thing.runs_on and not thing.over}
        for run in self._arena.sim.runs(virtual_cluster_id=self.cluster, state="RUNNING"):
            long = (
                run["tags"].get(SCRIPT, "").endswith(LONG_RUN)
                and self._arena.sim.now() - run["created_at"] < LONG_SECONDS / 2
            )
            if long and run["client_token"][:36] in going:
                self._arena.sim.put_state(run["id"], "COMPLETED")

    def _ended(self, thing: Thing, item: Json) -> None:
        """It is the operator that deletes what has a time to live; and an edit after the end changes nothing."""
        thing.last, thing.over, thing.todo, thing.fate = item, True, [], ()
        if "ttlSecondsAfterFinished" not in thing.members or thing.deleted:
            self._runs.delete(thing.name)
            return
        thing.kept = True
        told = item["status"]["conditions"]
        if thing.aged:
            told = [{**condition, "lastTransitionTime": LONG_AGO} for condition in told]
            self._edit(thing, {"status": {"conditions": told}}, subresource="status")
        else:
            self._edit(thing, {"spec": {"suspend": not item["spec"].get("suspend", False)}})

    def _look_at_kept(self, items: Mapping[str, Json]) -> None:
        for thing in self.things.values():
            if not thing.kept or thing.last is None:
                continue
            item = items.get(thing.uid)
            if item is not None and item["status"]["state"] != thing.last["status"]["state"]:
                thing.seen_wrong.append(f"{item['status']['state']} after {thing.last['status']['state']}")
            if item is None:
                thing.kept, thing.cleaned_up = False, True
                if not thing.aged and dt.datetime.now(dt.UTC) < thing.ends():
                    thing.seen_wrong.append("deleted before its time to live was over")

    def _look_at_suspended(self, items: Sequence[Json]) -> None:
        """Only this thread resumes, so what is SUSPENDED now still is when the endpoint is asked."""
        held = [item for item in items if item.get("status", {}).get("state") == "SUSPENDED"]
        if not held or time.monotonic() < self._look_at_runs_after:
            return
        self._look_at_runs_after = time.monotonic() + LOOK_AT_RUNS_SECONDS
        runs = self._arena.sim.runs(virtual_cluster_id=self.cluster)
        for item in held:
            self.seen_suspended += 1
            self.things[item["metadata"]["uid"]].seen_wrong += truth.of_suspended(item, runs)

    def _do(self, thing: Thing, what: str) -> None:
        if thing.over:
            return
        thing.done.append(what)
        if what == "delete":
            self._runs.delete(thing.name)
            thing.held_when_deleted = self._runs.find(thing.name) is not None
        else:
            self._edit(thing, {"spec": EDITS[what]})

    def _edit(self, thing: Thing, change: Json, subresource: str | None = None) -> None:
        try:
            self._runs.patch(thing.name, change, subresource=subresource)
        except ApiError as error:
            if error.code not in (404, 409):
                raise

"""Two operators with one Lease in one namespace, replaced as they fall, and the objects that live there."""

import datetime as dt
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from tests.chaos import truth
from tests.chaos.changing_policies import ChangingPolicies
from tests.chaos.process_pool import OperatorProcess
from tests.chaos.proxy_state import ProxyState
from tests.chaos.random_faults import RandomFaults
from tests.chaos.scenario import LONG_RUN, LONG_SECONDS, draw_plan
from tests.chaos.subject import Subject
from tests.chaos.testbed import ChaosTestbed
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

    proxy_state: ProxyState
    fork: OperatorProcess | None = None
    resume_at: float | None = None


def _alive(slot: Slot) -> bool:
    return slot.fork is not None and slot.fork.running and not slot.fork.doomed


class Cell:
    """Used by one thread, but for what the proxy's thread does to processes."""

    def __init__(
        self, testbed: ChaosTestbed, seed: int, random_faults: RandomFaults, *, policies: bool = False
    ) -> None:
        self._testbed = testbed
        self._rng = random.Random(seed)
        self.random_faults = random_faults
        self.namespace = testbed.namespace("isle")
        self.cluster = self.namespace.replace("-", "")
        path = testbed.world.folder / f"{self.namespace}-policies.yaml"
        self._policies = ChangingPolicies(path, self.namespace, self.cluster, self._rng) if policies else None
        self._runs = testbed.world.kube.runs(self.namespace)
        self.subjects: dict[str, Subject] = {}
        self.seen_suspended = 0
        """How often an object was seen SUSPENDED, and the endpoint looked at."""
        self._look_at_runs_after = 0.0
        self._slots: list[Slot] = []
        for _ in range(OPERATORS):
            slot = Slot(testbed.proxy_state())
            slot.proxy_state.plan = random_faults.plan_for(partial(self._fault, slot), partial(_alive, slot))
            self._slots.append(slot)

    # ---- the operators

    def keep(self) -> None:
        """Replace operators that are gone, and wake those that slept long enough; change the policies."""
        more: dict[str, str] = {}
        if self._policies is not None:
            more = self._policies.environment()
            if not self.random_faults.calm:
                self._policies.keep()
        for slot in self._slots:
            if slot.fork is None or not slot.fork.running:
                slot.fork = self._testbed.operator(
                    slot.proxy_state, self.namespace, self.namespace, EMRJOBS_WORKERS="4", **more
                )
                slot.resume_at = None
            elif slot.resume_at is not None and time.monotonic() >= slot.resume_at:
                slot.fork.resume()
                slot.resume_at = None

    def calm(self) -> None:
        """Nothing befalls anybody any more, and everything is allowed."""
        self.random_faults.calm = True
        if self._policies is not None:
            self._policies.allow()

    def end(self) -> None:
        for slot in self._slots:
            if slot.fork is not None:
                slot.fork.kill()

    def _fault(self, slot: Slot, manner: str) -> None:
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
        under_way = [subject for subject in self.subjects.values() if not subject.over]
        for subject in under_way:
            item = items.get(subject.uid)
            if item is None:
                subject.over = True
            elif truth.ended(item):
                self._ended(subject, item)
            elif subject.actions and item.get("status", {}).get("id"):
                subject.begin(time.monotonic())
        self._look_at_kept(items)
        self._look_at_suspended([items[subject.uid] for subject in under_way if subject.uid in items])
        waiting = [subject for subject in self.subjects.values() if subject.kept and subject.aged]
        return sum(not subject.over for subject in under_way) + len(waiting)

    def make(self) -> None:
        """One more object, with a life of its own kind."""
        drawn, name = draw_plan(self._rng), self._testbed.name("s")
        made = self._runs.create(name, spark_pi(self.cluster, drawn.script, **drawn.members))
        subject = Subject(name, made["metadata"]["uid"], drawn.members, drawn.actions, aged=drawn.aged)
        if drawn.early:
            subject.begin(time.monotonic())
        self.subjects[subject.uid] = subject

    def do_what_is_due(self) -> None:
        for subject in list(self.subjects.values()):
            while subject.todo and subject.todo[0][0] <= time.monotonic():
                self._do(subject, subject.todo.pop(0)[1])

    def hurry(self) -> None:
        """Long runs that nobody stops end now; not those that may end by themselves at this very moment."""
        going = {subject.uid for subject in self.subjects.values() if subject.runs_on and not subject.over}
        for run in self._testbed.sim.runs(virtual_cluster_id=self.cluster, state="RUNNING"):
            long = (
                run["tags"].get(SCRIPT, "").endswith(LONG_RUN)
                and self._testbed.sim.now() - run["created_at"] < LONG_SECONDS / 2
            )
            if long and run["client_token"][:36] in going:
                self._testbed.sim.put_state(run["id"], "COMPLETED")

    def _ended(self, subject: Subject, item: Json) -> None:
        """It is the operator that deletes what has a time to live; and an edit after the end changes nothing."""
        subject.last, subject.over, subject.todo, subject.actions = item, True, [], ()
        if "ttlSecondsAfterFinished" not in subject.members or subject.deleted:
            self._runs.delete(subject.name)
            return
        subject.kept = True
        told = item["status"]["conditions"]
        if subject.aged:
            told = [{**condition, "lastTransitionTime": LONG_AGO} for condition in told]
            self._edit(subject, {"status": {"conditions": told}}, subresource="status")
        else:
            self._edit(subject, {"spec": {"suspend": not item["spec"].get("suspend", False)}})

    def _look_at_kept(self, items: Mapping[str, Json]) -> None:
        for subject in self.subjects.values():
            if not subject.kept or subject.last is None:
                continue
            item = items.get(subject.uid)
            if item is not None and item["status"]["state"] != subject.last["status"]["state"]:
                subject.seen_wrong.append(f"{item['status']['state']} after {subject.last['status']['state']}")
            if item is None:
                subject.kept, subject.cleaned_up = False, True
                if not subject.aged and dt.datetime.now(dt.UTC) < subject.ends():
                    subject.seen_wrong.append("deleted before its time to live was over")

    def _look_at_suspended(self, items: Sequence[Json]) -> None:
        """Only this thread resumes, so what is SUSPENDED now still is when the endpoint is asked."""
        held = [item for item in items if item.get("status", {}).get("state") == "SUSPENDED"]
        if not held or time.monotonic() < self._look_at_runs_after:
            return
        self._look_at_runs_after = time.monotonic() + LOOK_AT_RUNS_SECONDS
        runs = self._testbed.sim.runs(virtual_cluster_id=self.cluster)
        for item in held:
            self.seen_suspended += 1
            self.subjects[item["metadata"]["uid"]].seen_wrong += truth.of_suspended(item, runs)

    def _do(self, subject: Subject, what: str) -> None:
        if subject.over:
            return
        subject.done.append(what)
        if what == "delete":
            self._runs.delete(subject.name)
            subject.held_when_deleted = self._runs.find(subject.name) is not None
        else:
            self._edit(subject, {"spec": EDITS[what]})

    def _edit(self, subject: Subject, change: Json, subresource: str | None = None) -> None:
        try:
            self._runs.patch(subject.name, change, subresource=subresource)
        except ApiError as error:
            if error.code not in (404, 409):
                raise

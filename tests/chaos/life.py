"""One object's life, driven step by step: the endpoint goes on only when the status has caught up.

So every state is seen, however slow the machine is, and the effects of a life can be counted.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.emr.admin import Admin
from tests.support.jobs import TERMINAL, spark_pi
from tests.support.kube import Json, Runs

WAITS = "pending=100000;cancel=100000"
"""A script: nothing happens by itself."""
NEXT = {"PENDING": "SUBMITTED", "SUBMITTED": "RUNNING", "RUNNING": "COMPLETED", "CANCEL_PENDING": "CANCELLED"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of life. `deleted_at`: the state in which the object is deleted; `deleted_while_down`: it is
    deleted as soon as its operator has been killed; `stays_at`: the state that its run does not leave by itself."""

    name: str
    spec: dict[str, Any] = field(default_factory=dict)
    deleted_at: str | None = None
    deleted_while_down: bool = False
    stays_at: str | None = None
    script: str = WAITS

    @property
    def retained(self) -> bool:
        return self.spec.get("deletionPolicy") == "Retain"


class Life:
    """One object in one namespace, and the run that it gets; the virtual cluster has the object's name."""

    def __init__(self, scenario: Scenario, name: str, runs: Runs, sim: Admin) -> None:
        self.scenario = scenario
        self.name = name
        self._runs = runs
        self._sim = sim
        self._run_id: str | None = None
        self._stays_at = scenario.stays_at
        self.deleted = False
        job = runs.create(name, spark_pi(name, scenario.script, **scenario.spec))
        self.uid: str = job["metadata"]["uid"]

    def step(self, item: Json | None) -> bool:
        """Go on if it can, given the object as it is; true when it is over."""
        if item is None:
            return True
        status = item.get("status", {})
        state = status.get("state")
        self._run_id = status.get("id") or self._run_id
        if state is not None and state == self.scenario.deleted_at and not self.deleted:
            self.delete()
        elif self._run_id is not None and state in NEXT and status.get("createdAt") and not self._stays(state):
            self._advance(self._run_id, state)
        over = state in TERMINAL and not item["metadata"].get("finalizers")
        return over and not self.deleted

    def delete(self) -> None:
        self._runs.delete(self.name)
        self.deleted = True

    def release(self) -> None:
        """From now on its run goes on by itself."""
        self._stays_at = None

    def item(self) -> Json | None:
        return self._runs.find(self.name)

    def remove(self) -> None:
        """Whatever it is, it must not stay."""
        self._runs.delete(self.name)
        self._runs.release(self.name)

    def _stays(self, state: str) -> bool:
        return state == self._stays_at or (self.deleted and state in ("PENDING", "SUBMITTED", "RUNNING"))

    def _advance(self, run_id: str, shown: str) -> None:
        if self._sim.run(run_id)["state"] == shown:
            self._sim.put_state(run_id, NEXT[shown])

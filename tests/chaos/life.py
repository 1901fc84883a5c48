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
    deleted as soon as its operator has been killed; `stays_at`: the state that its run does not leave by itself;
    `edits`: changes of the spec, each made once, when a state is shown; `first_fails`: why attempt 1 fails."""

    name: str
    spec: dict[str, Any] = field(default_factory=dict)
    deleted_at: str | None = None
    deleted_while_down: bool = False
    stays_at: str | None = None
    script: str = WAITS
    edits: tuple[tuple[str, dict[str, Any]], ...] = ()
    first_fails: str | None = None

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
        self._stays_at = scenario.stays_at
        self._edits = list(scenario.edits)
        self.deleted = False
        job = runs.create(name, spark_pi(name, scenario.script, **scenario.spec))
        self.uid: str = job["metadata"]["uid"]

    def step(self, item: Json | None) -> bool:
        """Go on if it can, given the object as it is; true when it is over."""
        if item is None:
            return True
        status = item.get("status", {})
        state = status.get("state")
        if state is not None and state == self.scenario.deleted_at and not self.deleted:
            self.delete()
        elif self._edits and self._edits[0][0] == state:
            self._runs.patch_spec(self.name, **self._edits.pop(0)[1])
        elif status.get("id") and status.get("createdAt") and state in NEXT and not self._stays(status, state):
            self._advance(status["id"], state, status.get("attempt"))
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

    def _stays(self, status: Json, state: str) -> bool:
        """Whether its run is to be stopped by the operator, or waits for something else."""
        stopping = self.deleted or (status.get("cancellation") or {}).get("attempt") == status.get("attempt")
        asked = bool(self.scenario.edits) and len(self._edits) < len(self.scenario.edits) and status.get("attempt") == 1
        return state == self._stays_at or ((stopping or asked) and state != "CANCEL_PENDING")

    def _advance(self, run_id: str, shown: str, attempt: int | None) -> None:
        if self._sim.run(run_id)["state"] != shown:
            return
        if shown == "RUNNING" and attempt == 1 and self.scenario.first_fails:
            self._sim.put_state(run_id, "FAILED", "made up", self.scenario.first_fails)
        else:
            self._sim.put_state(run_id, NEXT[shown])

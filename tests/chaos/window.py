"""Deleted between the intent and the answer: the run exists or not, comes late, and lists lag or do not."""

from dataclasses import dataclass
from typing import Final

from tests.chaos.effects import START
from tests.chaos.fault_injection import Fault
from tests.chaos.gate import Held
from tests.chaos.life import Life
from tests.chaos.runners import Outcome, Runner, Runners
from tests.sandbox.emr.admin import Admin
from tests.sandbox.table import table
from tests.support.poll import until

LAG_SECONDS = 1.5
"""Shorter than the grace, as the operator may rely on."""
SIGNATURE_SECONDS = 2.5
"""How old a signature may be in the last row: shorter than the grace, as it is at AWS."""

NEVER: Final = "the request never arrives"
LATE: Final = "the request arrives late"
LOST: Final = "the run exists, its answer is lost"
ANSWERED: Final = "the run exists, its answer comes after the deletion"
EXPIRED: Final = "the request arrives after the grace"
IN_TIME = (NEVER, LATE, LOST, ANSWERED)
ACTIONS = (*IN_TIME, EXPIRED)


@dataclass(slots=True)
class Cell:
    """What befalls the request, and who comes after."""

    actions: str
    killed: bool
    lagging: bool
    outcome: Outcome | None = None

    def run(self, runner: Runner) -> None:
        self.outcome = _Window(runner, self).outcome()

    @property
    def column(self) -> tuple[bool, bool]:
        return self.killed, self.lagging


class _Window:
    def __init__(self, runner: Runner, cell: Cell) -> None:
        self._lane = runner
        self._cell = cell
        self._deleted, self._held = Held(runner.testbed.proxy), Held(runner.testbed.proxy)

    def outcome(self) -> Outcome:
        return self._lane.undecided(self._fault(), self._act)

    def _fault(self) -> Fault:
        match self._cell.actions:
            case "the request never arrives":
                return Fault(before=self._held.hook, forward=False, cut=True)
            case "the request arrives late" | "the request arrives after the grace":
                return Fault(before=self._deleted.hook, late=self._held.hook)
            case "the run exists, its answer is lost":
                return Fault(after=self._held.hook, cut=True)
            case _:
                return Fault(after=self._held.hook)

    def _act(self, life: Life) -> None:
        runner, cell = self._lane, self._cell
        if cell.actions in (LOST, ANSWERED):
            until(lambda: runner.testbed.sim.runs(client_token=life.uid), 10, "the run exists")
        if cell.lagging:
            runner.testbed.sim.fault("lag", "ListJobRuns", virtual_cluster_id=life.name, seconds=LAG_SECONDS)
        life.delete()
        if cell.killed:
            runner.kill()
            until(runner.killed, 10, "the operator is gone")
            _ = runner.fork
        self._deleted.let_go()
        if cell.actions == LATE:
            until(lambda: self._went_on(life), 20, lambda: f"a look for the run; {runner.proxy_state.counts()}")
        if cell.actions == EXPIRED:
            until(lambda: runner.runs.find(life.name) is None, 30, "the object goes")
        self._held.let_go()
        if cell.actions == EXPIRED:
            until(lambda: self._answered(life), 20, "the endpoint has answered the late request")

    def _answered(self, life: Life) -> bool:
        calls = self._lane.testbed.sim.calls("StartJobRun")
        return any(call["client_token"] == life.uid and call["finished"] for call in calls)

    def _went_on(self, life: Life) -> bool:
        """Whether the operator has looked for the run; or has sent again, before it heard of the deletion."""
        asked = [passed.ask.label for passed in list(self._lane.proxy_state.passed) if passed.ask.key == life.name]
        return "list" in asked or asked.count(START) > 1


def window_matrix(runners: Runners, sim: Admin) -> list[Cell]:
    """All combinations; those whose signature expires last, since that is a setting of the whole endpoint."""
    cells = [
        Cell(actions, killed, lagging) for actions in ACTIONS for killed in (False, True) for lagging in (False, True)
    ]
    runners.each([cell.run for cell in cells if cell.actions in IN_TIME])
    sim.settings(signature_tolerance=SIGNATURE_SECONDS)
    try:
        runners.each([cell.run for cell in cells if cell.actions == EXPIRED])
    finally:
        sim.settings(signature_tolerance=300.0)
    return cells


def printed(cells: list[Cell]) -> str:
    """The window as a table."""
    words = {True: "killed", False: "goes on"}
    lists = {True: "lists lag", False: "lists are true"}
    columns = [(killed, lagging) for killed in (False, True) for lagging in (False, True)]
    rows = [[actions, *(_word(cells, actions, column) for column in columns)] for actions in ACTIONS]
    return table(["deleted in the window", *(f"{words[k]}, {lists[g]}" for k, g in columns)], rows)


def _word(cells: list[Cell], actions: str, column: tuple[bool, bool]) -> str:
    [outcome] = [cell.outcome for cell in cells if cell.actions == actions and cell.column == column]
    return outcome.word if outcome else "-"


def wrong(cells: list[Cell]) -> list[str]:
    """Every cell that does not hold."""
    return [
        f"{cell.actions}, killed: {cell.killed}, lagging: {cell.lagging}: {text}"
        for cell in cells
        for text in (cell.outcome.wrong if cell.outcome else ["never run"])
    ]

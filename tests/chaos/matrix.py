"""The matrix: for every effect of a life, a crash before it, after it, and after its answer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tests.chaos.fault_injection import Point
from tests.chaos.life import Scenario
from tests.chaos.runners import Outcome, Runner, Runners, wrong_later
from tests.chaos.testbed import ChaosTestbed
from tests.sandbox.table import table

RETAIN = {"deletionPolicy": "Retain"}
AGAIN = {"resubmitPolicy": {"limit": 1, "backoffSeconds": 1, "maxBackoffSeconds": 1}}
SHORT = (
    Scenario("to the end"),
    Scenario("deleted while RUNNING", deleted_at="RUNNING"),
    Scenario("deleted while down", deleted_while_down=True),
)
SCENARIOS = (
    Scenario("to the end"),
    Scenario("to the end, Retain", RETAIN),
    Scenario("deleted while RUNNING", deleted_at="RUNNING"),
    Scenario("deleted while RUNNING, Retain", RETAIN, deleted_at="RUNNING"),
    Scenario("deleted while down", deleted_while_down=True),
    Scenario("deleted while down, Retain", RETAIN, deleted_while_down=True),
    Scenario("cancelled while RUNNING", edits=(("RUNNING", {"cancel": True}),)),
    Scenario("suspended, resumed", edits=(("RUNNING", {"suspend": True}), ("SUSPENDED", {"suspend": False}))),
    Scenario("failed, resubmitted", AGAIN, first_fails="INTERNAL_ERROR"),
)


@dataclass(slots=True)
class Row:
    """One effect of one kind of life."""

    scenario: Scenario
    n: int
    label: str
    outcomes: dict[Point, Outcome] = field(default_factory=dict)


def crash_matrix(
    runners: Runners, scenarios: Sequence[Scenario] = SCENARIOS, *, shared_prefixes: bool = True
) -> list[Row]:
    """First every life undisturbed, to number its effects; then a crash in every place.

    Without `shared_prefixes`, a life is hit only where it differs from what the first one was hit in.
    """
    rows: list[Row] = []
    runners.each([_numbering(scenario, rows) for scenario in scenarios])
    rows.sort(key=lambda row: (scenarios.index(row.scenario), row.n))
    if not shared_prefixes:
        rows = _without_prefixes(rows, scenarios)
    runners.each([_crashing(row, point) for row in rows for point in Point])
    return rows


def _without_prefixes(rows: list[Row], scenarios: Sequence[Scenario]) -> list[Row]:
    """While nothing distinguishes two lives, a crash in one is a crash in the other."""
    first = [row.label for row in rows if row.scenario is scenarios[0]]
    kept = []
    for scenario in scenarios:
        own = [row for row in rows if row.scenario is scenario]
        same = sum(1 for n in range(1, len(own) + 1) if [row.label for row in own[:n]] == first[:n])
        kept += own if scenario is scenarios[0] or scenario.deleted_while_down else own[same:]
    return kept


def _numbering(scenario: Scenario, rows: list[Row]) -> Callable[[Runner], None]:
    def task(runner: Runner) -> None:
        labels = runner.undisturbed(scenario)
        rows.extend(Row(scenario, n, label) for n, label in enumerate(labels, 1))

    return task


def _crashing(row: Row, point: Point) -> Callable[[Runner], None]:
    def task(runner: Runner) -> None:
        row.outcomes[point] = runner.crash(row.scenario, row.n, point)

    return task


def printed(rows: Iterable[Row]) -> str:
    """The matrix as a table."""
    lines = [[row.scenario.name, str(row.n), row.label, *(row.outcomes[point].word for point in Point)] for row in rows]
    return table(["life", "effect", "what", *(f"killed {point.value}" for point in Point)], lines)


def wrong(testbed: ChaosTestbed, rows: Sequence[Row]) -> list[str]:
    """Every cell that does not hold, and every one that was not reached."""
    found = []
    for row in rows:
        for point, outcome in row.outcomes.items():
            where = f"{row.scenario.name}, effect {row.n} ({row.label}), killed {point.value}, object {outcome.name}"
            found += [f"{where}: {text}" for text in outcome.wrong]
            if not outcome.hit:
                found.append(f"{where}: the kill never came")
    return found + wrong_later(testbed, [outcome.life for row in rows for outcome in row.outcomes.values()])

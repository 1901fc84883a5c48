"""What a random run did and found, as a table and as JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from tests.chaos.cell import Cell
from tests.chaos.random_faults import Tally
from tests.sandbox.emr.admin import Admin
from tests.sandbox.table import table


@dataclass(slots=True)
class Figures:
    """Counted, not estimated: kills at the proxy, runs and calls at the endpoint."""

    weather: dict[str, Any]
    objects: int
    deleted: int
    retained: int
    stopped: int
    members: dict[str, int]
    """Objects by the members that act on the life of a run."""
    done: dict[str, int]
    """What was done to objects under way."""
    seen_suspended: int
    cleaned_up: int
    """Objects that went when their time to live was over."""
    attempts: dict[str, int]
    """Runs by the number of their attempt."""
    kills: dict[str, int]
    idle_kills: int
    handovers: dict[str, int]
    faults: dict[str, int]
    runs: int
    duplicates: int
    """Runs beyond the first under one token."""
    resent: int
    """Tokens under which StartJobRun was accepted more than once."""
    most_sends: int
    cancels: int
    states: dict[str, int]
    starts: int = 0
    storm_seconds: float = 0.0
    settle_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def counted(cls, weather: object, sim: Admin, cells: Sequence[Cell], tally: Tally) -> Self:
        """At the end of the storm."""
        clusters = {cell.cluster for cell in cells}
        runs = [run for run in sim.runs() if run["virtual_cluster_id"] in clusters]
        subjects = [subject for cell in cells for subject in cell.subjects.values()]
        tokens = Counter(run["client_token"] for run in runs)
        return cls(
            weather=asdict(weather),  # type: ignore[call-overload]  # a dataclass; it imports this module
            objects=len(subjects),
            deleted=sum(subject.deleted for subject in subjects),
            retained=sum(subject.retained for subject in subjects),
            stopped=sum(subject.stopped for subject in subjects),
            members=dict(Counter(member for subject in subjects for member in subject.members)),
            done=dict(Counter(word for subject in subjects for word in subject.done)),
            seen_suspended=sum(cell.seen_suspended for cell in cells),
            cleaned_up=sum(subject.cleaned_up for subject in subjects),
            attempts=dict(Counter(token[37:] or "1" for token in tokens)),
            kills=dict(tally.kills),
            idle_kills=tally.idle_kills,
            handovers=dict(tally.handovers),
            faults=dict(tally.faults),
            runs=len(runs),
            duplicates=tokens.total() - len(tokens),
            resent=sum(run["sends"] > 1 for run in runs),
            most_sends=max((run["sends"] for run in runs), default=0),
            cancels=sum(run["cancels"] for run in runs),
            states=dict(Counter(run["state"] for run in runs)),
        )

    @property
    def counted_kills(self) -> int:
        return sum(self.kills.values())

    def as_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    def as_table(self) -> str:
        """A line for each figure."""
        lines = [[name.replace("_", " "), _text(value)] for name, value in asdict(self).items() if name != "wrong"]
        lines.insert(5, ["counted kills", str(self.counted_kills)])
        return table(["figure", "value"], [*lines, ["violations", str(len(self.wrong))]])


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in sorted(value.items()))
    return f"{value:.1f}" if isinstance(value, float) else str(value)

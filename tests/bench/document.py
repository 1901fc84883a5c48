"""Writes docs/performance.md: how it is measured, what must hold, and the figures where there are any. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.report import Line, lines, most
from tests.bench.targets import ROWS

Json = dict[str, Any]

_HEAD = """\
# Performance

Written by `python -m tests.bench --write` from a run of `make bench`.

## How it is measured

A real kube-apiserver with etcd, the EMR simulator in a process of its own that answers after 100 ms (median; p99
150 ms), the operator as its own process with the chart's rights, and a load generator that creates objects over kept
connections and sees status through one watch. All share one machine.

- *AWS calls* are counted at the simulator, *object writes* (patches of EmrJobRuns and of their status, refused ones
  too) in the API server's audit log, *CPU* and *memory* of the operator alone by the kernel. A MB is 10⁶ bytes.
- *AWS's end → status*: from the instant at which a run ends at the endpoint until a watch brings the version of the
  object that shows it.
- *Fullest use of a bucket*: the calls in any span of time, divided by what AWS's token bucket allows in that span
  (burst + rate x span), at its highest.
- *Limit* is a yardstick that does not depend on the operator: AWS's quota, the creation of the objects themselves, or
  one list of all runs, page after page. *Ratio* is the figure divided by it. Reading a list in parts can beat it.
- Small scenarios run three times: the median is given, with the lowest and the highest. The large ones are one chain
  in one world and run once; only its batches of 100 and 1,000 jobs run three times, of which the median counts.

## How to repeat it

```
make bench                                           # all of it, about an hour; writes build/bench.json
make bench BENCH="--scenario burst --repeat 5"       # one scenario; its figures replace those in the file
make bench BENCH="--scale 0.05 --json /tmp/x"        # small and quick, into a file of its own: shows that it works
make bench BENCH="--scenario burst --profile build"  # with py-spy: stacks for a flame graph
make bench BENCH=--write                             # this page, from build/bench.json
```

Nothing else should run on the machine meanwhile.
"""
_COLUMNS = ("measure", "median", "spread", "limit", "ratio", "target", "")


def page(found: Json | None) -> str:
    """The page; without figures it says what must hold."""
    if found is None:
        return f"{_HEAD}\n## Targets\n\n{_targets()}"
    scenarios: Mapping[str, Json] = found["scenarios"]
    parts = [_section(row, scenarios[row]) for row in ROWS if row in scenarios]
    return f"{_HEAD}\n## Machine\n\n{_machine(found['machine'])}\n## Figures\n\n" + "\n".join(parts)


def _machine(facts: Mapping[str, str]) -> str:
    return "".join(f"- {name}: {value}\n" for name, value in facts.items())


def _section(row: str, found: Json) -> str:
    times = len(found["runs"])
    measured = f"`{row}`, measured {'once' if times == 1 else f'{times} times'}, {found['at'][:10]}"
    figures = _markdown(_COLUMNS, [_cells(line) for line in lines(row, found)])
    note = f"\n{ROWS[row].note}" if ROWS[row].note else ""
    return f"### {ROWS[row].title}\n\n{measured}\n\n{figures}{note}"


def _cells(line: Line) -> tuple[str, ...]:
    *cells, verdict = line.cells()
    return (*cells, f"**{verdict}**" if verdict == "missed" else verdict)


def _targets() -> str:
    listed = [
        (row.title, target.text, most(target))
        for row in ROWS.values()
        for target in row.targets
        if target.most is not None
    ]
    return _markdown(("scenario", "measure", "target"), listed)


def _markdown(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    listed = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in listed)

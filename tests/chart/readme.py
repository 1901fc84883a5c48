"""The table of values in the chart's README.md. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.chart.comments import Comment


def table(values: Mapping[str, Any], said: Mapping[str, Comment]) -> str:
    """One row a value, in the order of values.yaml."""
    rows = [
        f"| `{path}` | {_shown(default)} | {_cell(said[path].description)} |" for path, default in _all(values, said)
    ]
    return "\n".join(["| value | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _all(values: Mapping[str, Any], said: Mapping[str, Comment], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        place = f"{path}.{key}".lstrip(".")
        if place in said:
            yield place, value
        else:
            yield from _all(value, said, place)


def _shown(default: object) -> str:
    return f"`{_cell(json.dumps(default, ensure_ascii=False))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")

"""Where the good specs have something, each place with botocore's shape for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.contract.corpus.cases import Place, full, sql, templated
from tests.contract.shapes import start_job_run


@dataclass(frozen=True, slots=True)
class Site:
    """One place of one good spec."""

    spec: Any
    place: Place
    value: Any
    shape: Any

    @property
    def name(self) -> str:
        return str(self.place[-1]) if self.place else ""


def sites() -> list[Site]:
    """All places of the full spec, and those that only the others have."""
    found: dict[Place, Site] = {}
    for spec in (full(), sql(), templated()):
        for place, value, shape in _walk((), spec, start_job_run()):
            found.setdefault(place, Site(spec, place, value, shape))
    return list(found.values())


def _walk(place: Place, value: Any, shape: Any) -> Iterator[tuple[Place, Any, Any]]:
    yield place, value, shape
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                yield from _walk((*place, name), member, shape.members[name])
    elif shape.type_name == "list":
        yield from _walk((*place, 0), value[0], shape.member)
    elif shape.type_name == "map":
        for key, member in value.items():
            yield from _walk((*place, key), member, shape.value)

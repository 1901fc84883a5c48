"""Cases about a spec as a whole: what must come together, what excludes each other, our own members."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any, Final

from tests.contract.corpus.cases import Case, full, put, sql, templated

_TOGETHER: Final = ("jobTemplateId", "executionRoleArn", "releaseLabel", "jobDriver")


def wholes() -> Iterator[Case]:
    """All cases about whole specs."""
    yield from _completeness()
    yield from _drivers()
    yield from _subsets()
    yield from _own()
    others: tuple[Any, ...] = (None, "", "text", 5, True, [], [full()], {})
    for value in others:
        yield Case("type", (), repr(value), value)


def _completeness() -> Iterator[Case]:
    for count in range(len(_TOGETHER) + 1):
        for kept in combinations(_TOGETHER, count):
            spec = {key: value for key, value in templated().items() if key not in _TOGETHER or key in kept}
            yield Case("together", (), " + ".join(kept) or "none", spec)


def _drivers() -> Iterator[Case]:
    submit, query = full()["jobDriver"], sql()["jobDriver"]
    empty: tuple[dict[str, Any], ...] = ({"sparkSubmitJobDriver": {}}, {"sparkSqlJobDriver": {}})
    for driver in (submit, query, {**submit, **query}, {}, *empty, {**submit, **empty[1]}, {**query, **empty[0]}):
        for base in (full(), templated()):
            yield Case("union", ("jobDriver",), ", ".join(driver) or "none", put(base, ("jobDriver",), driver))


def _subsets() -> Iterator[Case]:
    """Every set of optional members, each present or absent."""
    optional = [name for name in full() if name not in (*_TOGETHER, "virtualClusterId")]
    for present in product((True, False), repeat=len(optional)):
        dropped = {name for name, kept in zip(optional, present, strict=True) if not kept}
        spec = {name: value for name, value in full().items() if name not in dropped}
        yield Case("subset", (), f"less {len(dropped)}: {', '.join(sorted(dropped))}", spec)


def _own() -> Iterator[Case]:
    values: tuple[Any, ...] = ("Cancel", "Retain", "cancel", "RETAIN", "Delete", "", " ", None, 5, True, [], {})
    for value in values:
        yield Case("own", ("deletionPolicy",), repr(value), put(full(), ("deletionPolicy",), value))

"""Cases about a spec as a whole: what must come together, what excludes each other, our own members."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any, Final

from tests.contract.corpus.cases import Case, Place, full, put, sql, templated

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
    for place, values in _OWN.items():
        for value in (*values, None, [], "", "true", "5"):
            yield Case("own", place, repr(value), _with(place, value))


_BOOLEANS: Final[tuple[Any, ...]] = (True, False, 0, 1, "yes", {})
_SECONDS: Final[tuple[Any, ...]] = (-1, 0, 1, 59, 60, 61, 3.0, 60.5, 2**31 - 1, 2**31, 2**63, True, {})
_REASONS: Final = ("INTERNAL_ERROR", "USER_ERROR", "VALIDATION_ERROR", "CLUSTER_UNAVAILABLE")
_OWN: Final[dict[Place, tuple[Any, ...]]] = {
    ("deletionPolicy",): ("Cancel", "Retain", "cancel", "RETAIN", "Delete", " ", 5, True, {}),
    ("suspend",): _BOOLEANS,
    ("cancel",): _BOOLEANS,
    ("activeDeadlineSeconds",): _SECONDS,
    ("startDeadlineSeconds",): _SECONDS,
    ("ttlSecondsAfterFinished",): _SECONDS,
    ("resubmitPolicy",): ({}, {"limit": 1}, {"limits": 1}, {"": 1}, {"true": []}, 5, True),
    ("resubmitPolicy", "limit"): (-1, 0, 1, 99, 100, 101, 1.0, 1.5, True, {}),
    ("resubmitPolicy", "failureReasons"): (
        *(_REASONS[:count] for count in (1, 4)),
        *((*_REASONS, "USER_ERROR"), ("user_error",), ("OTHER",), ("",), (None,), (5,), ("USER_ERROR", "USER_ERROR")),
    ),
    ("resubmitPolicy", "backoffSeconds"): _SECONDS,
    ("resubmitPolicy", "maxBackoffSeconds"): _SECONDS,
}


def _with(place: Place, value: Any) -> Any:
    value = list(value) if isinstance(value, tuple) else value
    base = {**full(), "resubmitPolicy": {}} if len(place) > 1 else full()
    return put(base, place, value)

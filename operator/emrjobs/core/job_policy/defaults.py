"""What a policy adds to a request: defaults where the user says nothing, and what it enforces. Pure.

Nothing of the user's is ever overwritten, and nothing is appended to a text. A default is no wall: Spark lets
``--conf`` win over spark-defaults. To forbid, a policy denies.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Json = dict[str, Any]


def with_defaults(spec: Mapping[str, Any], defaults: Mapping[str, Any]) -> Json:
    """The spec with the members that it lacks. Idempotent; in no way dependent on the order of keys."""
    merged = dict(spec)
    for member, value in defaults.items():
        merged[member] = (
            _MERGED[member](merged[member], value)
            if member in merged and member in _MERGED
            else (merged.get(member, value))
        )
    return merged


def supplied(spec: Mapping[str, Any], effective: Mapping[str, Any]) -> Json:
    """What was added, as a JSON merge patch (RFC 7386) that makes the one of the other; lists are whole."""
    patch: Json = {}
    for member, value in effective.items():
        mine = spec.get(member)
        if isinstance(mine, Mapping) and isinstance(value, Mapping):
            inner = supplied(mine, value)
            if inner:
                patch[member] = inner
        elif mine != value:
            patch[member] = value
    return patch


def with_supplied(spec: Mapping[str, Any], patch: Mapping[str, Any]) -> Json:
    """The spec with what was added to it once."""
    merged = dict(spec)
    for member, value in patch.items():
        mine = merged.get(member)
        both = isinstance(mine, Mapping) and isinstance(value, Mapping)
        merged[member] = with_supplied(mine, value) if both else value  # type: ignore[arg-type]
    return merged


def _by_key(mine: Mapping[str, Any], default: Mapping[str, Any]) -> Json:
    return {**default, **mine}


def _configurations(mine: Sequence[Mapping[str, Any]], default: Sequence[Mapping[str, Any]]) -> list[Json]:
    """By classification: the user's own in their order, then those that only the policy has."""
    given = {configuration["classification"]: configuration for configuration in default}
    merged = [_configuration(each, given.get(each["classification"], {})) for each in mine]
    own = {each["classification"] for each in mine}
    return [*merged, *(dict(each) for each in default if each["classification"] not in own)]


def _configuration(mine: Mapping[str, Any], default: Mapping[str, Any]) -> Json:
    merged = dict(mine)
    if default.get("properties"):
        merged["properties"] = _by_key(mine.get("properties") or {}, default["properties"])
    if default.get("configurations"):
        merged["configurations"] = _configurations(mine.get("configurations") or [], default["configurations"])
    return merged


def _overrides(mine: Mapping[str, Any], default: Mapping[str, Any]) -> Json:
    merged = {**default, **mine}
    name = "applicationConfiguration"
    if name in mine and name in default:
        merged[name] = _configurations(mine[name], default[name])
    name = "monitoringConfiguration"
    if name in mine and name in default:
        # Never half of a member: a bucket of the user's with a key of the policy's was wanted by nobody.
        merged[name] = _by_key(mine[name], default[name])
    return merged


_MERGED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "tags": _by_key,
    "configurationOverrides": _overrides,
}
"""Members that the user and the policy may both have a part of."""

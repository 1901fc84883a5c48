"""Requests against botocore's model, with the limits that boto3 itself does not check. Pure.

The wording is that of AWS's own framework. Patterns are anchored at both ends and ASCII, as there.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.sandbox.emr.errors import ServiceError, validation

LENGTH_KINDS = frozenset({"string", "list", "map"})


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # DOTALL: `.*\S.*` is meant as "not blank"; whether AWS refuses line breaks there is not known.
    return re.compile(pattern, re.ASCII | re.DOTALL)


def _fits(pattern: str, value: str, minimum: int | None) -> bool:
    # Tag values have minimum 0 and the pattern `.*\S.*`: the minimum is believed, so empty ones pass.
    if value == "" and minimum == 0:
        return True
    return _compiled(pattern).fullmatch(value) is not None


def _bounds(shape: Any, value: Any) -> Iterator[str]:
    rules = shape.metadata
    measured = len(value) if shape.type_name in LENGTH_KINDS else value
    word = "length" if shape.type_name in LENGTH_KINDS else "value"
    if "max" in rules and measured > rules["max"]:
        yield f"Member must have {word} less than or equal to {rules['max']}"
    if "min" in rules and measured < rules["min"]:
        yield f"Member must have {word} greater than or equal to {rules['min']}"


def _breaches(shape: Any, value: Any) -> Iterator[str]:
    """The constraints of this one value, in AWS's words, that it does not meet."""
    if shape.type_name not in {"structure", "boolean", "timestamp"}:
        yield from _bounds(shape, value)
    rules = shape.metadata
    if "enum" in rules and value not in rules["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(rules['enum'])}]"
    pattern = rules.get("pattern")
    if pattern and not _fits(pattern, value, rules.get("min")):
        yield f"Member must satisfy regular expression pattern: {pattern}"


def _printed(value: Any) -> str:
    """As the service's own language prints lists and maps."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_printed(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(_printed(item) for item in value)}]"
    return str(value)


def _shown(shape: Any, value: Any) -> str:
    return "Value" if shape.metadata.get("sensitive") else f"Value '{_printed(value)}'"


def _at(shape: Any, value: Any, path: str, constraint: str) -> str:
    return f"{_shown(shape, value)} at '{path}' failed to satisfy constraint: {constraint}"


def _of_structure(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            where = f"{path}.{name}" if path else name
            yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"
    if shape.metadata.get("union") and len(value) != 1:
        yield _at(shape, value, path, "Member must have exactly one of its members set")
    for name, member in value.items():
        yield from violations(shape.members[name], member, f"{path}.{name}" if path else name)


def _of_map(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    keys = [text for key in value for text in _breaches(shape.key, key)]
    if keys:
        yield _at(shape, value, path, f"Map keys must satisfy constraint: [{', '.join(dict.fromkeys(keys))}]")
    if shape.value.type_name == "structure":
        for key, item in value.items():
            yield from violations(shape.value, item, f"{path}.{key}")
        return
    texts = [text for item in value.values() for text in _breaches(shape.value, item)]
    if texts:
        words = ", ".join(dict.fromkeys(texts))
        yield _at(shape, value, path, f"Map value must satisfy constraint: [{words}]")


def _of_list(shape: Any, value: list[Any], path: str) -> Iterator[str]:
    if shape.member.type_name in {"structure", "list", "map"}:
        for position, item in enumerate(value, start=1):
            yield from violations(shape.member, item, f"{path}.{position}.member")
        return
    texts = [text for item in value for text in _breaches(shape.member, item)]
    if texts:
        words = ", ".join(dict.fromkeys(texts))
        hidden = "Value" if shape.member.metadata.get("sensitive") else _shown(shape, value)
        yield f"{hidden} at '{path}' failed to satisfy constraint: Member must satisfy constraint: [{words}]"


def violations(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """Everything that the model forbids in `value`, as sentences."""
    for constraint in _breaches(shape, value):
        yield _at(shape, value, path, constraint)
    if shape.type_name == "structure":
        yield from _of_structure(shape, value, path)
    elif shape.type_name == "map":
        yield from _of_map(shape, value, path)
    elif shape.type_name == "list":
        yield from _of_list(shape, value, path)


def refusal(found: list[str]) -> ServiceError:
    noun = "validation error" if len(found) == 1 else "validation errors"
    return validation(f"{len(found)} {noun} detected: {'; '.join(found)}")


def check(shape: Any, value: dict[str, Any]) -> None:
    found = list(violations(shape, value))
    if found:
        raise refusal(found)

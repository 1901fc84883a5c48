"""A container's environment and command line from its pod: values, references, and $(NAME). Pure but for look-ups."""

import base64
import re
from collections.abc import Awaitable, Callable
from typing import Any

from tests.sandbox.pods.api import Refused

Json = dict[str, Any]
Find = Callable[[str, str], Awaitable[Json]]
"""Finds an object of the pod's namespace by its plural and name."""

_NAMED = re.compile(r"^metadata\.(labels|annotations)\['(.+)'\]$")
_REFERENCE = re.compile(r"\$(\$|\(([A-Za-z_][A-Za-z0-9_.-]*)\))")


class Unusable(Exception):
    """The pod asks for what is not there, or for what is not played here."""


async def environment(pod: Json, container: Json, find: Find) -> dict[str, str]:
    """Return the variables that the pod gives to a container, in its order of precedence."""
    found: dict[str, str] = {}
    for source in container.get("envFrom", []):
        kind = next(key for key in ("configMapRef", "secretRef") if key in source)
        values = await _values(kind.removesuffix("Ref"), source[kind], find)
        found |= {f"{source.get('prefix', '')}{key}": value for key, value in values.items()}
    for item in container.get("env", []):
        value = await _value(pod, container, item["valueFrom"], find) if "valueFrom" in item else item.get("value", "")
        if value is not None:
            found[item["name"]] = value if "valueFrom" in item else expanded(value, found)
    return found


def expanded(text: str, variables: dict[str, str]) -> str:
    """Replace $(NAME) by a variable's value; $$ is a dollar; unknown names stay as they are."""

    def replaced(found: re.Match[str]) -> str:
        if found[1] == "$":
            return "$"
        return variables.get(found[2], found[0])

    return _REFERENCE.sub(replaced, text)


def field_of(pod: Json, path: str) -> str:
    """Return a field of the pod as the downward API names it."""
    if found := _NAMED.match(path):
        return str(pod["metadata"].get(found[1], {}).get(found[2], ""))
    value: Any = pod
    for key in path.split("."):
        value = value.get(key, "") if isinstance(value, dict) else ""
    return str(value)


async def _value(pod: Json, container: Json, source: Json, find: Find) -> str | None:
    match source:
        case {"fieldRef": reference}:
            return field_of(pod, reference["fieldPath"])
        case {"resourceFieldRef": reference}:
            return _resource(container, reference)
        case {"configMapKeyRef": reference} | {"secretKeyRef": reference}:
            values = await _values(next(iter(source)).removesuffix("KeyRef"), reference, find)
            if reference["key"] not in values and not reference.get("optional"):
                raise Unusable(f"couldn't find key {reference['key']} in {reference['name']}")
            return values.get(reference["key"])
        case _:
            raise Unusable(f"valueFrom of {', '.join(source)} is not played here")


async def _values(kind: str, reference: Json, find: Find) -> dict[str, str]:
    try:
        found = await find(f"{kind.lower()}s", reference["name"])
    except Refused as error:
        if error.code == 404 and reference.get("optional"):
            return {}
        raise Unusable(str(error)) from None
    return {key: value.decode() for key, value in content(found).items()}


def content(found: Json) -> dict[str, bytes]:
    """Return what a ConfigMap or a Secret holds."""
    if found["kind"] == "Secret":
        return {key: base64.b64decode(value) for key, value in found.get("data", {}).items()}
    plain = {key: value.encode() for key, value in (found.get("data") or {}).items()}
    return plain | {key: base64.b64decode(value) for key, value in (found.get("binaryData") or {}).items()}


_UNITS = {"": 1.0, "m": 0.001, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30}


def quantity(text: str) -> float:
    number = text.rstrip("mkKMGi")
    return float(number) * _UNITS[text[len(number) :]]


def _resource(container: Json, reference: Json) -> str:
    kind, _, name = reference["resource"].partition(".")
    given = container.get("resources", {}).get(kind, {}).get(name, "0")
    divisor = quantity(reference.get("divisor") or "1") or 1
    return str(-int(-quantity(given) // divisor))

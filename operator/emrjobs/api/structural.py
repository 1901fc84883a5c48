"""Lowers pydantic models to structural OpenAPI v3, the only kind of schema that a CRD may hold. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from emrjobs.api.request_model import rules
from emrjobs.api.text import MEANING

Schema = dict[str, Any]

UNROLLED: Final = 3
"""How often a model may stand inside itself before the schema is left open."""

KEYS_CHECKED: Final = 2
"""Down to which depth of such a model the keys of its maps are checked: the cost limit allows no more."""

_DROPPED: Final = frozenset({"title", "$defs", "default", "additionalProperties", "patternProperties", "propertyNames"})
_OPEN: Final = {"x-kubernetes-preserve-unknown-fields": True}


@dataclass(frozen=True, slots=True)
class Lowering:
    """How models become schemas. Without ``enums`` words are plain strings: what AWS reports may grow."""

    defs: Mapping[str, Schema]
    enums: bool = True

    def lower(self, schema: Schema, trail: tuple[str, ...] = ()) -> Schema:
        """The structural form of ``schema``; ``trail`` names the models that it stands in."""
        if "anyOf" in schema:
            return self._optional(schema, trail)
        if "$ref" in schema:
            return self._reference(schema, trail)
        lowered = {key: value for key, value in schema.items() if key not in _DROPPED}
        if not self.enums:
            lowered.pop("enum", None)
        if "items" in schema:
            lowered["items"] = self.lower(schema["items"], trail)
            lowered.setdefault("x-kubernetes-list-type", "atomic")
        if "properties" in schema:
            lowered["properties"] = {key: self.lower(value, trail) for key, value in schema["properties"].items()}
        values = _values_of_map(schema)
        if values is not None:
            lowered["additionalProperties"] = self.lower(values, trail)
            lowered |= _key_rules(schema, trail.count(trail[-1]) if trail else 1)
        return lowered

    def _optional(self, schema: Schema, trail: tuple[str, ...]) -> Schema:
        """``X | None``: None stands for an absent member, never for a null."""
        (kind,) = (option for option in schema["anyOf"] if option != {"type": "null"})
        around = {key: value for key, value in schema.items() if key not in {"anyOf", "default", "title"}}
        return {**self.lower(kind, trail), **around}

    def _reference(self, schema: Schema, trail: tuple[str, ...]) -> Schema:
        name = schema["$ref"].rpartition("/")[2]
        model = self.defs[name]
        around = {key: value for key, value in schema.items() if key not in {"$ref", "default", "title"}}
        depth = trail.count(name)
        if depth < UNROLLED:
            return {**self.lower(model, (*trail, name)), **around}
        return {**self.lower(_closed_off(name, model), (*trail, name)), **around, **_OPEN}


def lower(model: type[BaseModel], *, enums: bool = True) -> Schema:
    """The structural schema of a pydantic model, by the names on the wire."""
    schema = model.model_json_schema(by_alias=True)
    return Lowering(schema.get("$defs", {}), enums).lower(schema)


def _values_of_map(schema: Schema) -> Schema | None:
    """The schema of a map's values."""
    if "patternProperties" in schema:
        (values,) = schema["patternProperties"].values()
        return dict(values)
    values = schema.get("additionalProperties")
    return dict(values) if isinstance(values, dict) else None


def _key_rules(schema: Schema, depth: int) -> Schema:
    """The limits of a map's keys as CEL: a structural schema has no other place for them."""
    if depth > UNROLLED:
        return {}
    if depth > KEYS_CHECKED:
        return rules(("!('' in self)", "keys must not be empty"))
    # CEL reads the escapes itself, so the expression that it is charged for is shorter than in a raw string.
    (pattern,) = schema["patternProperties"]
    longest = schema["propertyNames"]["maxLength"]
    return rules(
        (
            f"self.all(key, size(key) >= 1 && size(key) <= {longest})",
            f"keys must have 1 to {longest} characters",
        ),
        (f"self.all(key, key.matches('{pattern}'))", f"keys must {MEANING[pattern]}"),
    )


def _closed_off(name: str, model: Schema) -> Schema:
    """The model with what holds it again left without a type: CEL compares such a value exactly."""
    again = f"#/$defs/{name}"
    members = {
        key: {"description": member["description"], **_OPEN} if again in repr(member) else member
        for key, member in model["properties"].items()
    }
    return {**model, "properties": members}

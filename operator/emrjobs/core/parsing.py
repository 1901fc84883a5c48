"""Reads the spec of a kind. What is wrong with it is named by path and rule, never by value. Pure."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from emrjobs.api.job_policy.text import MEANING as MEANING_IN_POLICIES
from emrjobs.api.text import MEANING

Model = TypeVar("Model", bound=BaseModel)
_MEANING: Final = MEANING | MEANING_IN_POLICIES
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHOWN: Final = 64
"""Characters of a user's own key that are shown."""

_LONGEST: Final = 300
"""Characters of a path that are shown: configurations nest without end."""

_RULES: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "rule": lambda ctx: str(ctx["rule"]),
    "missing": lambda _: "is required",
    "extra_forbidden": lambda _: "is not a member of this API",
    "string_type": lambda _: "must be a string",
    "int_type": lambda _: "must be a whole number",
    "bool_type": lambda _: "must be true or false",
    "list_type": lambda _: "must be a list",
    "dict_type": lambda _: "must be an object",
    "model_type": lambda _: "must be an object",
    "model_attributes_type": lambda _: "must be an object",
    "invalid_key": lambda _: "must have strings as keys",
    "string_too_short": lambda ctx: f"must have at least {ctx['min_length']} character(s)",
    "string_too_long": lambda ctx: f"must have at most {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda ctx: f"must {_MEANING[ctx['pattern']]}",
    "string_unicode": lambda _: "must be valid Unicode",
    "too_short": lambda ctx: f"must have at least {ctx['min_length']} member(s)",
    "too_long": lambda ctx: f"must have at most {ctx['max_length']} members",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
    "literal_error": lambda ctx: f"must be {ctx['expected']}",
    "enum": lambda ctx: f"must be {ctx['expected']}",
    "recursion_depth_exceeded": lambda _: "is nested too deeply",
}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One broken rule."""

    path: str
    rule: str

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}"


@dataclass(frozen=True, slots=True)
class SpecProblem:
    """Why a spec cannot be read. Safe to log and to store: it holds no value of the spec."""

    problems: tuple[FieldProblem, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems))


def size_of(raw: object) -> int:
    """About the bytes of a spec as JSON, escapes not counted. Not recursive: JSON may nest deeper than calls can."""
    size, left = 0, [raw]
    while left:
        value = left.pop()
        size += 2
        match value:
            case str():
                size += len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
            case Mapping():
                left += value
                left += value.values()
            case list() | tuple():
                left += value
            case _:
                size += len(str(value))
    return size


def read_spec(model: type[Model], raw: object) -> Model | SpecProblem:
    """The spec, or all that is wrong with it. Never raises on what JSON can hold."""
    value = dict(raw) if isinstance(raw, Mapping) else raw
    try:
        return model.model_validate(value)
    except ValidationError as error:
        return SpecProblem(tuple(dict.fromkeys(map(_problem, _errors(error)))))


def _errors(error: ValidationError) -> list[Mapping[str, Any]]:
    return [dict(found) for found in error.errors(include_url=False, include_input=False)]


def _problem(found: Mapping[str, Any]) -> FieldProblem:
    describe = _RULES.get(found["type"])
    rule = describe(found.get("ctx", {})) if describe else f"is not valid ({found['type']})"
    return FieldProblem(_path(found["loc"]), rule)


def _path(location: tuple[int | str, ...]) -> str:
    path = "spec" + "".join(map(_step, location))
    return path if len(path) <= _LONGEST else f"{path[:_LONGEST]}…"


def _step(step: int | str) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if step == "[key]":
        return " (the key)"
    shown = step if len(step) <= _SHOWN else f"{step[:_SHOWN]}…"
    return f".{step}" if _PLAIN.fullmatch(shown) else f"[{json.dumps(shown)}]"

"""values.schema.json, concluded from the defaults and their comments. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tests.chart.comments import Comment, Json

_OF_OTHERS: Final[Json] = {
    "global": {"type": "object", "description": "What all charts of a release share; nothing of it is used here."},
    "enabled": {"type": "boolean", "description": "For a chart that depends on this one under a condition."},
}
"""What other charts give this one."""


def schema(values: Mapping[str, Any], said: Mapping[str, Comment]) -> str:
    """The text of the file."""
    root = _group(values, said, "")
    root["properties"] |= _OF_OTHERS
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Values of the chart emrjobs"}
    return json.dumps({**head, **root}, indent=2, ensure_ascii=False) + "\n"


def _group(values: Mapping[str, Any], said: Mapping[str, Comment], path: str) -> Json:
    """A map whose keys are known: any other is a mistake."""
    properties = {key: _member(value, said, f"{path}.{key}".lstrip(".")) for key, value in values.items()}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _member(value: object, said: Mapping[str, Comment], path: str) -> Json:
    comment = said.get(path)
    if comment is None:
        if not isinstance(value, Mapping):
            raise ValueError(f"{path} has no description")
        return _group(value, said, path)
    return {"description": comment.description, "type": _type(value), **comment.schema, "default": value}


def _type(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"

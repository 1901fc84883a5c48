"""What the comments of values.yaml say about each value. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]

_KEY: Final = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z0-9]+):")
_DESCRIPTION: Final = re.compile(r"^ *# -- (?P<text>.+)$")
_SCHEMA: Final = re.compile(r"^ *# @schema (?P<text>.+)$")


@dataclass(frozen=True, slots=True)
class Comment:
    """The lines directly above a key: what it means, and what its schema adds to its default."""

    description: str
    schema: Mapping[str, Any]


def comments(text: str, schemas: Mapping[str, Json]) -> dict[str, Comment]:
    """By dotted path, with the `schemas` that are known from elsewhere.

    A key without a description is a group of others, or a part of a default.
    """
    found: dict[str, Comment] = {}
    parents: list[tuple[int, str]] = []
    description = ""
    schema: Json = {}
    for line in text.splitlines():
        if said := _DESCRIPTION.match(line):
            description = said["text"]
        elif added := _SCHEMA.match(line):
            schema = json.loads(added["text"])
        elif (key := _KEY.match(line)) is not None:
            indent = len(key["indent"])
            parents = [(depth, name) for depth, name in parents if depth < indent] + [(indent, key["key"])]
            if description:
                path = ".".join(name for _, name in parents)
                found[path] = Comment(description, {**schemas.get(path, {}), **schema})
            description, schema = "", {}
    return found

"""Lowering: what pydantic says in JSON schema, in the words that a CRD may use."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from emrjobs.api.structural import KEYS_CHECKED, UNROLLED, lower
from emrjobs.api.text import NAME, Word

FORBIDDEN = {"$ref", "$defs", "anyOf", "title", "patternProperties", "propertyNames", "const"}


class Leaf(BaseModel):
    word: Literal["a", "b"]


class Tree(BaseModel):
    name: Annotated[str, Field(max_length=5, pattern=NAME)]
    keys: Annotated[dict[Word, Word], Field(max_length=3)] | None = Field(default=None, description="Keys.")
    leaf: Leaf | None = Field(default=None, description="A leaf.")
    trees: "list[Tree] | None" = Field(default=None, description="Trees.")


class Root(BaseModel):
    tree: Tree = Field(description="The first tree.")


def _words(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {word for part in value.values() for word in _words(part)}
    return {word for part in value for word in _words(part)} if isinstance(value, list) else set()


def _levels() -> list[dict[str, Any]]:
    levels = [lower(Root)["properties"]["tree"]]
    while "items" in (deeper := levels[-1]["properties"]["trees"]):
        levels.append(deeper["items"])
    return levels


def test_nothing_stays_that_a_structural_schema_may_not_hold() -> None:
    assert _words(lower(Root)) & FORBIDDEN == set()


def test_an_optional_member_keeps_its_own_description() -> None:
    leaf = _levels()[0]["properties"]["leaf"]
    assert leaf["description"] == "A leaf."
    assert leaf["properties"]["word"] == {"type": "string", "enum": ["a", "b"]}


def test_words_that_may_grow_are_plain_strings() -> None:
    assert lower(Leaf, enums=False)["properties"]["word"] == {"type": "string"}


def test_lists_are_atomic_unless_they_say_otherwise() -> None:
    assert _levels()[0]["properties"]["trees"]["x-kubernetes-list-type"] == "atomic"


def test_a_model_inside_itself_is_unrolled_then_open_and_then_untyped() -> None:
    levels = _levels()
    assert len(levels) == UNROLLED + 1
    assert ["x-kubernetes-preserve-unknown-fields" in level for level in levels] == [False, False, False, True]
    assert levels[-1]["properties"]["trees"] == {
        "description": "Trees.",
        "x-kubernetes-preserve-unknown-fields": True,
    }


@pytest.mark.parametrize("level", range(UNROLLED + 1))
def test_keys_are_judged_as_deep_as_the_cost_limit_allows(level: int) -> None:
    rules = [rule["rule"] for rule in _levels()[level]["properties"]["keys"].get("x-kubernetes-validations", [])]
    if level < KEYS_CHECKED:
        assert "size(key) <= 1024" in rules[0]
        assert "matches" in rules[1]
    else:
        assert rules == (["!('' in self)"] if level < UNROLLED else [])

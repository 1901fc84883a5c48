"""After the intent to submit, no member of the request may change: not added, removed or altered, at any depth."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest

from emrjobs.api.job_run.spec import EmrJobRunSpec
from tests.contract.corpus.cases import Place, at, full, put, sql, templated, without
from tests.sandbox.world import World
from tests.support.kube import ApiError, Json, Kube, Runs

Edit = tuple[str, Json]
"""What is done, and the spec that results."""


def edits(spec: Json) -> Iterator[Edit]:
    """Every single change that leaves a spec that could have been created."""
    for place in _reservations((), spec):
        if place[0] in EmrJobRunSpec.own_members():
            continue
        value = at(spec, place)
        yield f"remove {_told(place)}", without(spec, place)
        if isinstance(value, str):
            yield f"change {_told(place)}", put(spec, place, _other(value))
        elif isinstance(value, int):
            yield f"change {_told(place)}", put(spec, place, value + 1)
        elif isinstance(value, list):
            yield f"append to {_told(place)}", put(spec, place, [*value, copy.deepcopy(value[-1])])
            yield f"empty {_told(place)}", put(spec, place, [])


def _other(value: str) -> str:
    words = {"ENABLED": "DISABLED", "10MB": "11MB"}
    return words.get(value, f"{value}2")


def _reservations(place: Place, value: Any) -> Iterator[Place]:
    if place:
        yield place
    steps: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for step in steps:
        yield from _reservations((*place, step), value[step])


def _told(place: Place) -> str:
    return ".".join(map(str, place))


def _submitted(runs: Runs, name: str, spec: Json) -> Json:
    runs.create(name, spec)
    stored: Json = runs.patch(name, {"status": {"clientToken": "token"}}, subresource="status")
    return stored


def _replaced(kube: Kube, runs: Runs, stored: Json, spec: Json) -> ApiError | None:
    path = f"/apis/{stored['apiVersion']}/namespaces/{runs.namespace}/emrjobruns/{stored['metadata']['name']}"
    try:
        kube.request("PUT", path, {**stored, "spec": spec}, query={"dryRun": "All"})
    except ApiError as error:
        return error
    return None


@pytest.fixture
def kube(world: World) -> Kube:
    return world.kube


@pytest.mark.parametrize("base", [full, sql, templated], ids=lambda base: base.__name__)
def test_every_edit_of_the_request_is_refused_by_name_once_submitted(base: Any, kube: Kube, runs: Runs) -> None:
    before = runs.create("before", base())
    stored = _submitted(runs, "after", base())
    wrong = []
    for told, spec in edits(base()):
        allowed, refused = _replaced(kube, runs, before, spec), _replaced(kube, runs, stored, spec)
        if refused is None or _named(refused.message) != _changed(base(), spec):
            # What no spec may be is refused for that alone.
            wrong += [told] if allowed is None else []
    assert wrong == []


def test_each_of_several_changed_members_is_named(kube: Kube, runs: Runs) -> None:
    stored = _submitted(runs, "several", full())
    spec = {**full(), "name": "another", "releaseLabel": "emr-7.1.0-latest"}
    del spec["tags"]
    refused = _replaced(kube, runs, stored, spec)
    assert refused is not None
    assert _named(refused.message) == {"name", "releaseLabel", "tags"}
    assert "delete the object and create it anew" in refused.message


def _named(message: str) -> set[str]:
    return set(re.findall(r"spec\.(\w+) is immutable once the run has been submitted", message))


def _changed(old: Any, new: Any) -> set[str]:
    return {member for member in {*old, *new} if old.get(member) != new.get(member)}


def test_optional_members_may_not_be_added(kube: Kube, runs: Runs) -> None:
    least = {key: full()[key] for key in ("virtualClusterId", "executionRoleArn", "releaseLabel", "jobDriver")}
    stored = _submitted(runs, "least", least)
    more = {**templated()}
    for member in set(more) - set(least) - set(EmrJobRunSpec.own_members()):
        refused = _replaced(kube, runs, stored, {**least, member: more[member]})
        assert refused is not None
        assert f"spec.{member} is immutable" in refused.message


def _nested(depth: int, leaf: Json) -> Json:
    for _ in range(depth):
        leaf = {"classification": "outer", "configurations": [leaf]}
    nested: Json = put(full(), ("configurationOverrides", "applicationConfiguration"), [leaf])
    return nested


LEAF: Json = {"classification": "a", "properties": {"k": "v"}}
LEAVES: dict[str, Json] = {
    "classification changed": {**LEAF, "classification": "b"},
    "value changed": {**LEAF, "properties": {"k": "w"}},
    "key changed": {**LEAF, "properties": {"l": "v"}},
    "property added": {**LEAF, "properties": {"k": "v", "l": "w"}},
    "properties emptied": {**LEAF, "properties": {}},
    "properties removed": {"classification": "a"},
    "properties swapped for configurations": {"classification": "a", "configurations": [{"classification": "c"}]},
    "configurations added": {**LEAF, "configurations": [{"classification": "c"}]},
    "an unknown member in place of properties": {"classification": "a", "unknown": {"k": "v"}},
    "an unknown member added": {**LEAF, "unknown": "value"},
}


@pytest.mark.parametrize("depth", range(8))
def test_configurations_are_locked_at_every_depth(depth: int, kube: Kube, runs: Runs) -> None:
    forth = _submitted(runs, "forth", _nested(depth, LEAF))
    for told, leaf in LEAVES.items():
        changed = _nested(depth, leaf)
        refused = _replaced(kube, runs, forth, changed)
        pruned = "unknown" in told and depth < 3  # an unknown member of a closed level is dropped
        if not pruned or "in place of" in told:
            assert refused is not None, told
            assert "spec.configurationOverrides is immutable" in refused.message, told


@pytest.mark.parametrize("depth", range(8))
def test_configurations_cannot_be_taken_away_at_any_depth(depth: int, kube: Kube, runs: Runs) -> None:
    with_more = {"classification": "a", "configurations": [{"classification": "c"}, {"classification": "d"}]}
    back = _submitted(runs, "back", _nested(depth, with_more))
    for leaf in (LEAF, {"classification": "a"}, {**with_more, "configurations": with_more["configurations"][::-1]}):
        refused = _replaced(kube, runs, back, _nested(depth, leaf))
        assert refused is not None
        assert "spec.configurationOverrides is immutable" in refused.message


def test_our_own_members_may_change_at_any_time(kube: Kube, runs: Runs) -> None:
    stored = _submitted(runs, "own", full())
    assert _replaced(kube, runs, stored, {**full(), "deletionPolicy": "Retain"}) is None


def test_an_update_cannot_unlock_the_spec_by_clearing_the_token(kube: Kube, runs: Runs) -> None:
    stored = _submitted(runs, "clear", full())
    refused = _replaced(kube, runs, {**stored, "status": {}}, {**full(), "name": "other"})
    assert refused is not None
    assert "spec.name is immutable" in refused.message


def test_the_spec_is_free_again_when_the_operator_takes_the_intent_back(kube: Kube, runs: Runs) -> None:
    _submitted(runs, "freed", full())
    freed = runs.patch("freed", {"status": {"clientToken": None}}, subresource="status")
    assert _replaced(kube, runs, freed, {**full(), "name": "other"}) is None

"""Models and CRD against botocore's model of StartJobRun: every member, limit, pattern and word, or a reason."""

import re
from typing import Annotated, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic.types import StringConstraints

from emrjobs.api import text
from emrjobs.api.job_run.spec import EmrJobRunSpec
from tests.contract.patterns import PATTERNS
from tests.contract.schemas import in_crd, in_models
from tests.contract.shapes import KEY, Node, leaves, nodes, start_job_run

NOT_EXPOSED: Final = {
    "clientToken": "Made from the object's uid by the operator: it is what makes a run start once.",
}
LIMITS_OF_OURS: Final = {
    "retryPolicyConfiguration.maxAttempts": (
        {"minimum": 1, "maximum": 2147483647},
        "The model has no bounds; the service's documentation has these.",
    ),
    "jobDriver.sparkSubmitJobDriver.entryPointArguments": (
        {"maxItems": 1024},
        "The model has no bound; without one a single object could fill the memory of every operator.",
    ),
}
OURS: Final = {
    *("suspend", "cancel", "deletionPolicy", "activeDeadlineSeconds", "startDeadlineSeconds"),
    *("ttlSecondsAfterFinished", "resubmitPolicy"),
}
TYPES: Final = {"structure": "object", "map": "object", "list": "array", "string": "string", "integer": "integer"}

exposed = [node for node in nodes() if node.path and str(node) not in NOT_EXPOSED]


@pytest.mark.parametrize("node", exposed, ids=str)
def test_every_member_of_the_request_is_in_models_and_crd_with_its_type(node: Node) -> None:
    for schema in (in_models(node.path), in_crd(node.path)):
        assert schema is not None, f"{node} is not mapped; map it, or give a reason in NOT_EXPOSED"
        assert schema["type"] == TYPES[node.shape.type_name]


@pytest.mark.parametrize("node", exposed, ids=str)
def test_limits_are_the_models_own(node: Node) -> None:
    expected = LIMITS_OF_OURS[str(node)][0] if str(node) in LIMITS_OF_OURS else _limits(node)
    assert _stated(in_models(node.path) or {}) == expected
    crd = in_crd(node.path) or {}
    if node.path[-1] == KEY:
        assert f"size(key) >= {expected['minLength']} && size(key) <= {expected['maxLength']}" in str(crd["rules"])
    else:
        assert _stated(crd) == expected


@pytest.mark.parametrize("node", [n for n in exposed if n.shape.type_name == "structure"], ids=str)
def test_required_members_are_the_models_own(node: Node) -> None:
    required = set(node.shape.required_members)
    assert set((in_models(node.path) or {}).get("required", [])) == required
    assert set((in_crd(node.path) or {}).get("required", [])) == required


def test_the_spec_requires_what_the_request_does_but_for_the_token() -> None:
    required = set(start_job_run().required_members) - set(NOT_EXPOSED)
    assert set((in_models(()) or {})["required"]) == required


def test_the_api_server_requires_no_member_that_a_policy_may_supply() -> None:
    assert "required" not in (in_crd(()) or {})


@pytest.mark.parametrize("node", [n for n in exposed if "enum" in n.shape.metadata], ids=str)
def test_words_are_the_models_own(node: Node) -> None:
    for schema in (in_models(node.path), in_crd(node.path)):
        assert schema is not None
        assert schema["enum"] == node.shape.metadata["enum"]


@pytest.mark.parametrize("node", [n for n in exposed if n in leaves() and n.shape.type_name == "string"], ids=str)
def test_patterns_stand_for_the_models_own(node: Node) -> None:
    theirs = node.shape.metadata.get("pattern")
    schemas = (in_models(node.path) or {}, in_crd(node.path) or {})
    if theirs is None:
        assert [schema.get("pattern") for schema in schemas] == [None, None]
        return
    assert theirs in PATTERNS, f"{node} has a pattern that nobody has looked at: {theirs}"
    ours = PATTERNS[theirs].ours
    assert schemas[0]["pattern"] in ours
    stated = schemas[1].get("pattern") or " ".join(schemas[1]["rules"])
    assert schemas[0]["pattern"] in stated


def test_our_patterns_are_anchored_and_name_no_classes_that_engines_read_differently() -> None:
    ours = [pattern for row in PATTERNS.values() for pattern in row.ours]
    assert [pattern for pattern in ours if not (pattern.startswith("^") and pattern.endswith("$"))] == []
    assert [pattern for pattern in ours if re.search(r"\\[dDwWsSbBu]|\(\?", pattern)] == []


def test_nothing_listed_is_stale() -> None:
    paths = {str(node) for node in nodes()}
    assert set(NOT_EXPOSED) <= paths
    assert set(LIMITS_OF_OURS) <= paths
    assert set(PATTERNS) == {node.shape.metadata["pattern"] for node in nodes() if "pattern" in node.shape.metadata}


def test_every_member_of_the_spec_is_aws_s_or_marked_as_ours() -> None:
    theirs = set(start_job_run().members) - set(NOT_EXPOSED)
    assert set(EmrJobRunSpec.request_members()) == theirs
    assert set(EmrJobRunSpec.own_members()) == OURS


_APART: Final = {text.URI_TEXT, text.VISIBLE_OR_EMPTY}
"""Meant to differ: see the reasons beside them, and the corpus."""
_READABLE = [(theirs, ours) for theirs, row in PATTERNS.items() for ours in row.ours if ours not in _APART]


@pytest.mark.parametrize(("theirs", "ours"), _READABLE, ids=[ours for _, ours in _READABLE])
def test_a_pattern_and_ours_take_the_same_texts(theirs: str, ours: str) -> None:
    """Each is asked about texts made from the other."""
    adapter = _constrained(ours)
    whole = re.compile(theirs, re.ASCII | re.DOTALL)

    @settings(max_examples=200, deadline=None)
    @given(st.from_regex(whole, fullmatch=True))
    def theirs_are_ours(value: str) -> None:
        assert "\x00" in value or not value.isprintable() or adapter.validate_python(value) == value

    @settings(max_examples=200, deadline=None)
    @given(st.from_regex(re.compile(ours, re.ASCII), fullmatch=True))
    def ours_are_theirs(value: str) -> None:
        try:
            adapter.validate_python(value)
        except ValidationError:
            return  # Python's $ lets a last line break pass
        assert whole.fullmatch(value)

    theirs_are_ours()
    ours_are_theirs()


def _constrained(pattern: str) -> TypeAdapter[str]:
    return TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])


def _limits(node: Node) -> dict[str, int]:
    names = {
        "string": ("minLength", "maxLength"),
        "list": ("minItems", "maxItems"),
        "map": ("minProperties", "maxProperties"),
        "integer": ("minimum", "maximum"),
    }
    least, most = names.get(node.shape.type_name, ("", ""))
    found = {least: node.shape.metadata.get("min"), most: node.shape.metadata.get("max")}
    # A minimum of nothing says nothing.
    return {name: bound for name, bound in found.items() if bound is not None and (bound or name == "minimum")}


def _stated(schema: dict[str, object]) -> dict[str, object]:
    names = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum")
    return {name: schema[name] for name in names if schema.get(name)}

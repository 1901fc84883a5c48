"""Reading never raises, names every problem by its place, and repeats no value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.api.job_run.spec import EmrJobRunSpec
from emrjobs.core.job_run.parsing import LARGEST_SPEC, parse_spec
from emrjobs.core.parsing import FieldProblem, SpecProblem, size_of
from tests.contract.corpus.cases import Place, full, put, without
from tests.contract.corpus.containers import containers
from tests.contract.corpus.scalars import scalars
from tests.contract.corpus.wholes import wholes

SECRET = "s3cr3t"
SUBMIT: Place = ("jobDriver", "sparkSubmitJobDriver")
DRIVER = "spec.jobDriver.sparkSubmitJobDriver"
ONE_DRIVER = "jobDriver must have exactly one member: sparkSubmitJobDriver or sparkSqlJobDriver"
TOGETHER = "jobTemplateId is required, or executionRoleArn, releaseLabel and jobDriver together"
UI = "spec.configurationOverrides.monitoringConfiguration.persistentAppUI"
RETRIES: Place = ("retryPolicyConfiguration", "maxAttempts")


def problems(raw: object) -> list[str]:
    found = parse_spec(raw)
    assert isinstance(found, SpecProblem)
    assert str(found) == "; ".join(map(str, found.problems))
    return [str(problem) for problem in found.problems]


def test_a_good_spec_is_read() -> None:
    assert isinstance(parse_spec(full()), EmrJobRunSpec)


ROWS: list[tuple[Place, Any, str]] = [
    (("name",), "n" * 65, "spec.name: must have at most 64 characters"),
    (("name",), "", "spec.name: must have at least 1 character(s)"),
    (("name",), "a b", "spec.name: must hold only letters, digits and . _ / # -"),
    (("name",), 5, "spec.name: must be a string"),
    (("names",), "a", "spec.names: is not a member of this API"),
    (("tags",), [], "spec.tags: must be an object"),
    (("tags",), {"a" * 129: ""}, f'spec.tags["{"a" * 64}\\u2026"] (the key): must have at most 128 characters'),
    (("tags", "a b"), 5, 'spec.tags["a b"]: must be a string'),
    (("tags",), {f"k{n}": "" for n in range(51)}, "spec.tags: must have at most 50 members"),
    ((*SUBMIT, "entryPointArguments", 0), 5, f"{DRIVER}.entryPointArguments[0]: must be a string"),
    ((*SUBMIT, "entryPointArguments"), "a", f"{DRIVER}.entryPointArguments: must be a list"),
    (("tags",), {"": "a"}, 'spec.tags[""] (the key): must have at least 1 character(s)'),
    (("tags",), {"a" * 64: 5}, f"spec.tags.{'a' * 64}: must be a string"),
    (("tags",), {1: "a"}, "spec.tags[1] (the key): must be a string"),
    (("jobDriver",), {}, f"spec.jobDriver: {ONE_DRIVER}"),
    (("jobDriver",), 5, "spec.jobDriver: must be an object"),
    (
        ("configurationOverrides", "monitoringConfiguration", "persistentAppUI"),
        "On",
        f"{UI}: must be 'ENABLED' or 'DISABLED'",
    ),
    (("name",), "\ud800", "spec.name: must be valid Unicode"),
    (RETRIES, 0, "spec.retryPolicyConfiguration.maxAttempts: must be at least 1"),
    (RETRIES, 2**31, "spec.retryPolicyConfiguration.maxAttempts: must be at most 2147483647"),
    (RETRIES, "3", "spec.retryPolicyConfiguration.maxAttempts: must be a whole number"),
    (("suspend",), "yes", "spec.suspend: must be true or false"),
    (("resubmitPolicy",), {"failureReasons": []}, "spec.resubmitPolicy.failureReasons: must have at least 1 member(s)"),
    (("deletionPolicy",), "Keep", "spec.deletionPolicy: must be 'Cancel' or 'Retain'"),
    ((), {"jobTemplateId": "a"}, "spec.virtualClusterId: is required"),
    ((), {"virtualClusterId": "a"}, f"spec: {TOGETHER}"),
    ((), None, "spec: must be an object"),
    ((), {1: 2}, "spec.virtualClusterId: is required"),
    ((), {**full(), 1: 2}, "spec[1]: must have strings as keys"),
]


@pytest.mark.parametrize(("place", "value", "told"), ROWS)
def test_a_problem_is_named_by_place_and_rule(place: Place, value: Any, told: str) -> None:
    assert problems(put(full(), place, value))[0] == told


def test_all_problems_are_told_each_once() -> None:
    assert len(problems({**without(full(), ("virtualClusterId",)), "name": "a b", "tag": {}})) == 3


@pytest.mark.parametrize("depth", [300, 6_000])
def test_a_spec_nested_without_end_is_a_problem_and_not_a_crash(depth: int) -> None:
    leaf: dict[str, Any] = {"classification": "a"}
    for _ in range(depth):
        leaf = {"classification": "a", "configurations": [leaf]}
    found = parse_spec(put(full(), ("configurationOverrides",), {"applicationConfiguration": [leaf]}))
    assert isinstance(found, SpecProblem)
    (problem,) = found.problems
    assert problem.path.endswith("…")
    assert len(problem.path) == 301
    assert problem.rule == "is nested too deeply"


@pytest.mark.parametrize(("over", "readable"), [(0, True), (1, False)], ids=["the largest", "a byte more"])
def test_a_spec_has_a_largest_size_which_the_message_says_is_ours(over: int, readable: bool) -> None:
    spec = put(full(), ("jobTemplateParameters",), {"a": "x"})
    filler = LARGEST_SPEC - size_of(spec) + 1 + over
    spec = put(spec, ("jobTemplateParameters",), {"a": "x" * filler})
    assert size_of(spec) == LARGEST_SPEC + over
    found = parse_spec(spec)
    assert isinstance(found, SpecProblem)
    (problem,) = found.problems
    ours = "spec: has about 262145 bytes as JSON, and may have 262144 (a bound of emrjobs, not of AWS)"
    assert (str(problem) != ours) is readable


def test_control_characters_in_keys_are_escaped_and_long_keys_cut() -> None:
    (told,) = problems({**full(), "tags": {"a\n\x1b[31m" + "k" * 200: "v"}})
    assert "\n" not in told
    assert "\x1b" not in told
    assert len(told) < 200


def test_every_refusal_of_the_corpus_has_words_of_its_own() -> None:
    """None falls back on pydantic's name for it."""
    specs = [case.spec for case in (*scalars(), *containers(), *wholes())]
    told = [str(found) for spec in specs if isinstance(found := parse_spec(spec), SpecProblem)]
    assert [text for text in told if "is not valid (" in text] == []


_names = st.sampled_from(
    [*full(), "sparkSubmitJobDriver", "entryPoint", "properties", "classification", "logUri", "a b"]
)
_values = st.recursive(
    st.sampled_from([None, True, 5, 5.5, f"{SECRET} ", f"arn:{SECRET}", SECRET * 100, f"{SECRET}\n", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_names, _values))
def test_no_value_is_ever_repeated(changes: dict[str, Any]) -> None:
    found = parse_spec({**full(), **changes})
    if isinstance(found, SpecProblem):
        assert SECRET not in str(found)
        assert found.problems


@given(_values)
def test_nothing_makes_reading_fail(raw: Any) -> None:
    assert isinstance(parse_spec(raw), SpecProblem)


def test_problems_are_values() -> None:
    assert SpecProblem((FieldProblem("a", "b"),)) == SpecProblem((FieldProblem("a", "b"),))

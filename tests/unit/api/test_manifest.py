"""Manifests read as kubectl reads them."""

from typing import Any

import pytest

from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.manifest import Manifest, manifests
from emrjobs.api.yaml_documents import NotYaml

HEAD = "apiVersion: emrjobs.dev/v1alpha1\nkind: EmrJobRun\n"


def one(text: str) -> Manifest:
    (found,) = manifests(text, EMR_JOB_RUN)
    assert isinstance(found, Manifest)
    return found


def value(text: str) -> Any:
    """What a YAML value becomes."""
    spec = one(f"{HEAD}metadata: {{name: a}}\nspec:\n  value: {text}\n").spec
    assert isinstance(spec, dict)
    return spec["value"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("1:30", "1:30"),
        ("190:20:30.15", "190:20:30.15"),
        ("=", "="),
        ("yes", True),
        ("y", True),
        ("Off", False),
        ("~", None),
        ("", None),
        ("Null", None),
        ("'yes'", "yes"),
        ("010", 8),
        ("0o10", 8),
        ("-010", -8),
        ("08", 8.0),
        ("0x1F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("+1", 1),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        (".inf", float("inf")),
        ("2KB", "2KB"),
        ("emr-7.9.0-latest", "emr-7.9.0-latest"),
        ("1.2.3", "1.2.3"),
        ("[a, 1]", ["a", 1]),
    ],
)
def test_plain_values_are_what_kubectl_takes_them_for(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "key"), [("1", "1"), ("1.5", "1.5"), ("true", "true"), ("on", "true"), ("no", "false"), ("x", "x")]
)
def test_keys_are_text(text: str, key: str) -> None:
    assert value(f"{{{text}: a}}") == {key: "a"}


@pytest.mark.parametrize(
    "text", ["{a: 1, a: 2}", "{1: a, '1': b}", "{~: a}", "{[a]: b}", "{", "!!python/none x", "&a *b"]
)
def test_what_cannot_be_read_is_named_by_its_line(text: str) -> None:
    with pytest.raises(NotYaml, match="line"):
        value(text)


def test_anchors_and_merges_work_and_own_keys_win() -> None:
    text = f"{HEAD}metadata: {{name: a}}\nspec: {{base: &b {{c: 1, d: 2}}, top: {{<<: *b, d: 3}}}}"
    assert one(text).spec == {"base": {"c": 1, "d": 2}, "top": {"c": 1, "d": 3}}


def test_json_is_read_too() -> None:
    assert one(
        '{"apiVersion":"emrjobs.dev/v1alpha1","kind":"EmrJobRun",\n\t"metadata":{"name":"a"},"spec":{}}'
    ) == Manifest("a", {})


def test_documents_and_lists_are_taken_apart_and_other_kinds_named() -> None:
    document = f"{HEAD}metadata: {{name: %s}}\nspec: {{}}\n"
    item = "{apiVersion: emrjobs.dev/v1alpha1, kind: EmrJobRun, metadata: {name: c}, spec: {}}"
    text = "---\n".join(
        [
            document % "a",
            "",
            "# nothing\n",
            "kind: ConfigMap\n",
            f"kind: List\nitems: [{item}, {{kind: Pod}}]\n",
            "text\n",
        ]
    )
    found = list(manifests(text, EMR_JOB_RUN))
    assert [each.object_name if isinstance(each, Manifest) else each for each in found] == [
        *("a", "ConfigMap", "c", "Pod", "a document that is not an object")
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("apiVersion: v1\nkind: EmrJobRun\nmetadata: {name: a}", "apiVersion"),
        (f"{HEAD}metadata: {{name: A b}}", "metadata.name"),
        (f"{HEAD}metadata: {{name: {'a' * 254}}}", "metadata.name"),
        (f"{HEAD}metadata: {{name: 5}}", "metadata.name"),
        (f"{HEAD}metadata: [a]", "metadata.name"),
        (HEAD, "metadata.name"),
        (f"{HEAD}metadata: {{name: a}}\nspecs: {{}}", "'specs'"),
    ],
)
def test_problems_outside_the_spec_are_told(text: str, problem: str) -> None:
    (told,) = one(text).problems
    assert told.startswith(problem)


def test_a_generated_name_is_shown_with_a_made_up_end() -> None:
    found = one(f"{HEAD}metadata: {{generateName: nightly-}}\nspec: {{}}")
    assert (found.object_name, found.problems) == ("nightly-xxxxx", ())


def bomb(levels: int, width: int = 10) -> str:
    """Each level refers to the one below it so many times."""
    lines = [f"a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(bomb(12), "aliases expand to too much", id="a few hundred bytes that stand for terabytes"),
        pytest.param("a: &a\n  b: *a\n", "an alias stands inside its own anchor", id="without end"),
        pytest.param("a: &a [*a]\n", "an alias stands inside its own anchor", id="without end in a list"),
    ],
)
def test_aliases_that_stand_for_too_much_are_refused_before_anything_is_made_of_them(text: str, problem: str) -> None:
    with pytest.raises(NotYaml, match=problem):
        list(manifests(text, EMR_JOB_RUN))


def test_aliases_as_people_write_them_are_fine() -> None:
    text = f"{HEAD}metadata: {{name: a}}\nspec:\n  tags: &t {{a: b}}\n  jobTemplateParameters: *t\n"
    assert one(text).spec == {"tags": {"a": "b"}, "jobTemplateParameters": {"a": "b"}}

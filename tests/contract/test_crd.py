"""The committed CRD: what is generated, how large it is, and what people and tools rely on in it."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from emrjobs.api.__main__ import RESOURCES, main
from emrjobs.api.job_run.crd import custom_resource
from emrjobs.api.job_run.status import EmrJobRunStatus
from tests.contract.corpus.cases import full
from tests.contract.schemas import crd_schema
from tests.sandbox.paths import CRDS
from tests.sandbox.world import World
from tests.support.kube import Runs

Schema = dict[str, Any]
KINDS = {resource.kind.kind: resource for resource in (make() for make in RESOURCES)}
FILE = custom_resource().file
LARGEST = 200_000
"""`kubectl apply` keeps the whole object in an annotation of at most 262,144 bytes."""


def test_the_committed_file_is_the_generated_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", str(CRDS)]) == 0, capsys.readouterr().out
    for resource in KINDS.values():
        assert yaml.safe_load((CRDS / resource.file).read_text(encoding="utf-8")) == resource.build()


def test_the_check_fails_for_a_file_that_differs_and_for_none(tmp_path: Any) -> None:
    assert main(["--check", str(tmp_path)]) == 1
    assert main([str(tmp_path)]) == 0
    assert main(["--check", str(tmp_path)]) == 0
    (tmp_path / FILE).write_text("else", encoding="utf-8")
    assert main(["--check", str(tmp_path)]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_small_enough_for_kubectl_apply(kind: str) -> None:
    assert (CRDS / KINDS[kind].file).stat().st_size < LARGEST


def test_a_policy_is_of_the_cluster_and_a_job_run_of_a_namespace() -> None:
    scopes = {kind: resource.build()["spec"]["scope"] for kind, resource in KINDS.items()}
    assert scopes == {"EmrJobRun": "Namespaced", "EmrJobPolicy": "Cluster"}


@pytest.mark.parametrize(
    ("kind", "plural", "singular", "short"),
    [("EmrJobRun", "emrjobruns", "emrjobrun", "ejr"), ("EmrJobPolicy", "emrjobpolicies", "emrjobpolicy", "ejp")],
)
def test_names_are_the_fixed_ones(kind: str, plural: str, singular: str, short: str) -> None:
    found = KINDS[kind].build()
    assert found["metadata"]["name"] == f"{plural}.emrjobs.dev"
    assert found["spec"]["names"] == {
        "kind": kind,
        "listKind": f"{kind}List",
        "plural": plural,
        "singular": singular,
        "shortNames": [short],
        "categories": ["emr"],
    }


def test_columns_are_the_fixed_ones() -> None:
    columns = custom_resource().build()["spec"]["versions"][0]["additionalPrinterColumns"]
    assert [c["name"] for c in columns if c["priority"] == 0] == [
        *("State", "Attempt", "Job Run ID", "Started", "Finished", "Age")
    ]
    assert [c["name"] for c in columns if c["priority"] == 1] == ["Virtual Cluster", "Policy", "Reason"]


@pytest.mark.parametrize("kind", KINDS)
def test_columns_point_at_members_that_exist(kind: str) -> None:
    version = KINDS[kind].build()["spec"]["versions"][0]
    for column in version["additionalPrinterColumns"]:
        schema = version["schema"]["openAPIV3Schema"]
        for step in column["jsonPath"].replace('[?(@.type=="Ready")]', "").strip(".").split("."):
            if step == "creationTimestamp":
                break
            members = schema.get("items", schema)["properties"]
            assert step in members, column["jsonPath"]
            schema = members[step]


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_has_a_description_worth_reading(kind: str) -> None:
    whole = KINDS[kind].build()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    poor = [
        path
        for path, schema in _properties("", whole)
        if path != ".metadata" and len(schema.get("description", "")) < len("Age of it.")
    ]
    assert poor == []


def test_the_only_default_is_the_empty_status() -> None:
    found = {path: schema["default"] for path, schema in _properties("", crd_schema()) if "default" in schema}
    assert found == {".status": {"observedGeneration": -1}}


def test_configurations_are_unrolled_three_levels_and_then_open() -> None:
    item = crd_schema()["properties"]["spec"]["properties"]["configurationOverrides"]["properties"]
    levels = [item["applicationConfiguration"]["items"]]
    while "items" in (deeper := levels[-1]["properties"]["configurations"]):
        levels.append(deeper["items"])
    assert [level.get("x-kubernetes-preserve-unknown-fields") for level in levels] == [None, None, None, True]
    assert {tuple(level["properties"]) for level in levels} == {("classification", "properties", "configurations")}
    classifications = [level["properties"]["classification"] for level in levels]
    assert all(each == classifications[0] for each in classifications)
    assert [level["properties"]["properties"]["maxProperties"] for level in levels] == [100] * 4


def test_status_takes_any_word_and_every_member_of_the_model() -> None:
    status = crd_schema()["properties"]["status"]
    assert set(status["properties"]) == {field.alias for field in EmrJobRunStatus.model_fields.values()}
    bounded = {path for path, schema in _properties("", status) if {"enum", "pattern", "maxLength"} & set(schema)}
    # Ids become parts of URLs, and others may write a status.
    assert bounded == {".id", ".virtualClusterId"}


def test_explain_shows_every_member_of_the_spec(world: World) -> None:
    # kubectl remembers for hours what a cluster has; this looks again.
    world.cluster.kubectl("api-resources", "--api-group=emrjobs.dev")
    told = world.cluster.kubectl("explain", "ejr.spec", "--recursive").stdout
    listed = [line.split("\t")[0].strip() for line in told.splitlines() if "\t<" in line]
    spec = crd_schema()["properties"]["spec"]
    expected = [path.rpartition(".")[2] for path, _ in _properties("", spec) if not path.endswith("[]")]
    assert sorted(listed) == sorted(expected)


def _sample(schema: Schema) -> Any:
    """A value of everything that the schema has."""
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return {"any": {"value": [None, "of any depth"]}}
    if schema["type"] == "object":
        return {name: _sample(member) for name, member in schema["properties"].items()}
    if schema["type"] == "array":
        return [_sample(schema["items"])]
    if "pattern" in schema:
        return "0a1"
    words = {"date-time": "2026-01-31T10:00:00.123456Z"}
    return 7 if schema["type"] == "integer" else words.get(schema.get("format", ""), "ä\u0000 " * 2000)


def test_a_full_status_is_stored_as_it_stands_and_read_back(runs: Runs) -> None:
    status = _sample(crd_schema()["properties"]["status"])
    runs.create("full", full())
    stored = runs.patch("full", {"status": status}, subresource="status")["status"]
    assert stored == status
    assert EmrJobRunStatus.model_validate(stored).model_dump(by_alias=True, mode="json") == status


def test_a_new_object_has_a_generation_that_no_object_can_have(runs: Runs) -> None:
    """So that Flux never takes it for finished."""
    assert runs.create("new", full())["status"] == {"observedGeneration": -1}


READY = {
    "type": "Ready",
    "status": "False",
    "reason": "JobFailed",
    "message": "",
    "lastTransitionTime": "2026-11-02T08:30:00Z",
}


def test_kubectl_shows_the_columns(world: World, runs: Runs) -> None:
    runs.create("shown", full())
    status = {
        "state": "FAILED",
        "attempt": 1,
        "id": "0000000337okspsc913",
        "conditions": [READY],
        "policy": {"name": "team-a"},
    }
    runs.patch("shown", {"status": status}, subresource="status")
    short, wide = (
        world.cluster.kubectl("get", "emrjobruns", "-n", runs.namespace, *more).stdout.splitlines()
        for more in ((), ("-o", "wide"))
    )
    assert short[0].split() == [*("NAME", "STATE", "ATTEMPT", "JOB", "RUN", "ID"), *("STARTED", "FINISHED", "AGE")]
    assert short[1].split()[:4] == ["shown", "FAILED", "1", "0000000337okspsc913"]
    assert wide[0].split()[-4:] == ["VIRTUAL", "CLUSTER", "POLICY", "REASON"]
    assert wide[1].split()[-3:] == [full()["virtualClusterId"], "team-a", "JobFailed"]


def _properties(path: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    for name, member in schema.get("properties", {}).items():
        yield f"{path}.{name}", member
        yield from _properties(f"{path}.{name}", member)
    if "items" in schema:
        yield from _properties(f"{path}[]", schema["items"])

"""Objects stored under an older, looser schema: status, metadata and deletion still work, and good edits too."""

import copy
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from emrjobs.api.job_run.crd import custom_resource
from tests.contract.corpus.cases import full, put, without
from tests.sandbox.world import World
from tests.support.kube import ApiError, Json
from tests.support.poll import until

STATUS: Json = {
    "observedGeneration": 1,
    "state": "REJECTED",
    "conditions": [
        {
            "type": "Stalled",
            "status": "True",
            "reason": "InvalidSpec",
            "message": "spec.name: must have at most 64 characters",
            "lastTransitionTime": "2026-01-31T10:00:00Z",
            "observedGeneration": 1,
        }
    ],
}

OLD_SPECS: dict[str, Json] = {
    "a name too long": put(full(), ("name",), "n" * 65),
    "a member that is unknown now": {**full(), "oldMember": {"a": 1}},
    "a wrong type": put(full(), ("releaseLabel",), 7),
    "two drivers": put(full(), ("jobDriver", "sparkSqlJobDriver"), {}),
    "no entry point": without(full(), ("jobDriver", "sparkSubmitJobDriver", "entryPoint")),
    "a log URI outside S3": put(
        full(),
        ("configurationOverrides", "monitoringConfiguration", "s3MonitoringConfiguration", "logUri"),
        "file://x",
    ),
    "a key that is blank": put(full(), ("tags",), {" ": "value"}),
    "an unknown policy": put(full(), ("deletionPolicy",), "Keep"),
}


class OldWorld:
    """A copy of our CRD in a group of its own, whose spec is open until ``tighten``."""

    def __init__(self, world: World) -> None:
        self._kube = world.kube
        self.group = f"g{secrets.token_hex(4)}.emrjobs.test"
        self._path = f"/apis/{self.group}/v1alpha1/namespaces/default/emrjobruns"
        self._crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        self._kube.request("POST", self._crds, self._definition(spec={"type": "object", **OPEN}))
        until(self._served, 30, "the old schema is served")

    def _definition(self, spec: Json | None) -> Json:
        found = copy.deepcopy(custom_resource().build())
        found["metadata"]["name"] = f"emrjobruns.{self.group}"
        found["spec"]["group"] = self.group
        found["spec"]["names"]["shortNames"] = []
        found["spec"]["names"]["categories"] = []
        if spec is not None:
            schema = found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
            schema["properties"]["spec"] = spec
            schema.pop("x-kubernetes-validations")
        return found

    def _served(self) -> bool:
        try:
            self.request("GET", "")
        except ApiError:
            return False
        return True

    def tighten(self) -> None:
        """Today's schema in place of the open one; back when a bad object is refused."""
        name = f"{self._crds}/emrjobruns.{self.group}"
        stored = self._kube.request("GET", name)
        self._kube.request("PUT", name, {**stored, "spec": self._definition(None)["spec"]})
        until(self._refuses, 30, "the new schema is in force")

    def _refuses(self) -> bool:
        try:
            self.create("probe", OLD_SPECS["a wrong type"], query={"dryRun": "All"})
        except ApiError as error:
            return error.code == 422
        return False

    def create(self, name: str, spec: Json, query: dict[str, str] | None = None) -> Json:
        body = {"apiVersion": f"{self.group}/v1alpha1", "kind": "EmrJobRun", "metadata": {"name": name}, "spec": spec}
        return self.request("POST", "", body, query=query)

    def request(self, method: str, rest: str, body: Any = None, **options: Any) -> Json:
        answer: Json = self._kube.request(method, self._path + rest, body, **options)
        return answer

    def patch(self, rest: str, body: Json) -> Json:
        return self.request("PATCH", rest, body, content_type="application/merge-patch+json")

    def remove(self) -> None:
        self._kube.request("DELETE", f"{self._crds}/emrjobruns.{self.group}")


OPEN: Json = {"x-kubernetes-preserve-unknown-fields": True}


@pytest.fixture(scope="module")
def old(world: World) -> Iterator[OldWorld]:
    found = OldWorld(world)
    try:
        for number, spec in enumerate(OLD_SPECS.values()):
            found.create(f"old-{number}", spec)
            found.create(f"running-{number}", spec)
        found.tighten()
        yield found
    finally:
        found.remove()


@pytest.mark.parametrize("number", range(len(OLD_SPECS)), ids=list(OLD_SPECS))
def test_an_old_object_can_be_reported_on_finalized_labelled_and_deleted(old: OldWorld, number: int) -> None:
    name = f"/old-{number}"
    assert old.patch(f"{name}/status", {"status": STATUS})["status"] == STATUS
    assert old.patch(f"{name}/status", {"status": {"state": "RUNNING"}})["status"]["state"] == "RUNNING"
    assert old.patch(name, {"metadata": {"finalizers": ["emrjobs.dev/job-run"]}})["metadata"]["finalizers"]
    assert old.patch(name, {"metadata": {"labels": {"a": "b"}}})["metadata"]["labels"] == {"a": "b"}
    old.request("DELETE", name)
    assert old.request("GET", name)["metadata"]["deletionTimestamp"]
    old.patch(name, {"metadata": {"finalizers": None}})
    with pytest.raises(ApiError, match="404"):
        old.request("GET", name)


@pytest.mark.parametrize("told", [told for told in OLD_SPECS if told != "a wrong type"])
def test_a_run_that_was_submitted_under_the_old_schema_is_followed_to_its_end(old: OldWorld, told: str) -> None:
    """A value of another type is left out: CEL cannot compare it, and the operator submits no such spec."""
    name = f"/running-{list(OLD_SPECS).index(told)}"
    old.patch(f"{name}/status", {"status": {"clientToken": "token", "state": "SUBMITTING"}})
    assert old.patch(f"{name}/status", {"status": {"state": "RUNNING"}})["status"]["state"] == "RUNNING"
    old.patch(name, {"metadata": {"finalizers": ["emrjobs.dev/job-run"]}})
    old.patch(name, {"metadata": {"finalizers": None}})
    old.request("DELETE", name)


def test_such_an_object_could_not_be_created_now(old: OldWorld) -> None:
    strict = {"dryRun": "All", "fieldValidation": "Strict"}
    for told, spec in OLD_SPECS.items():
        with pytest.raises(ApiError) as refused:
            old.create("new", spec, query=strict)
        assert refused.value.code in {400, 422}, told

"""The world behaves as a cluster does where other tests lean on it."""

import pytest

from tests.sandbox.rights import NAMESPACE, USER
from tests.sandbox.world import World
from tests.support.kube import ApiError, Json, Kube, Runs
from tests.support.poll import until

SPEC: Json = {
    "virtualClusterId": "abcdefghijklmnopqrstuvwxy",
    "executionRoleArn": "arn:aws:iam::123456789012:role/job",
    "releaseLabel": "emr-7.9.0-latest",
    "jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "s3://bucket/job.py"}},
}


@pytest.fixture
def as_operator(world: World) -> Kube:
    """A client with the operator's own account."""
    return Kube.from_kubeconfig(world.operator_kubeconfig)


@pytest.mark.parametrize(
    ("verb", "resource", "where", "allowed"),
    [
        ("watch", "emrjobruns.emrjobs.dev", "default", True),
        ("patch", "emrjobruns.emrjobs.dev/status", "default", True),
        ("create", "events", "default", True),
        ("update", "leases.coordination.k8s.io", NAMESPACE, True),
        ("update", "leases.coordination.k8s.io", "default", False),
        ("delete", "emrjobruns.emrjobs.dev", "default", True),
        ("create", "emrjobruns.emrjobs.dev", "default", False),
        ("update", "emrjobruns.emrjobs.dev/status", "default", False),
        ("get", "secrets", NAMESPACE, False),
        ("list", "namespaces", "default", False),
    ],
)
def test_the_operator_may_do_what_the_rules_file_says(
    world: World, verb: str, resource: str, where: str, allowed: bool
) -> None:
    answer = world.cluster.kubectl("auth", "can-i", verb, resource, "-n", where, "--as", USER, check=False)

    assert answer.stdout.strip() == ("yes" if allowed else "no")


def test_the_audit_log_counts_what_reached_the_api_server(
    world: World, runs: Runs, namespace: str, as_operator: Kube
) -> None:
    runs.create("job", SPEC)
    mark = world.cluster.audit.mark()

    as_operator.runs(namespace).patch("job", {"metadata": {"finalizers": ["emrjobs.dev/job-run"]}})
    with pytest.raises(ApiError, match="403 Forbidden"):
        as_operator.runs(namespace).create("another", SPEC)

    written = world.cluster.audit.writes(user=USER, resource="emrjobruns", since=mark)
    mine = [event for event in written if event.namespace == namespace and "urllib3" in event.user_agent]
    assert [(event.verb, event.name, event.code) for event in mine] == [
        ("patch", "job", 200),
        ("create", "", 403),
    ]


def test_a_dependent_goes_with_its_run(world: World, runs: Runs, namespace: str) -> None:
    owner = runs.create("job", SPEC)
    reference = {key: owner[key] for key in ("apiVersion", "kind")}
    reference |= {key: owner["metadata"][key] for key in ("name", "uid")}
    config_maps = f"/api/v1/namespaces/{namespace}/configmaps"
    metadata = {"name": "dependent", "ownerReferences": [reference]}
    world.kube.request("POST", config_maps, {"metadata": metadata})

    runs.delete("job")
    runs.release("job")

    def names() -> set[str]:
        return {item["metadata"]["name"] for item in world.kube.request("GET", config_maps)["items"]}

    until(lambda: "dependent" not in names(), 30, "the garbage collector has removed the dependent")


@pytest.mark.parametrize("hard", [False, True], ids=["asked to end", "killed"])
def test_the_api_server_comes_back_with_its_objects(world: World, runs: Runs, hard: bool) -> None:
    created = runs.create("job", SPEC)

    world.cluster.stop_api_server(hard=hard)
    world.cluster.start_api_server()

    assert runs.get("job")["metadata"]["uid"] == created["metadata"]["uid"]

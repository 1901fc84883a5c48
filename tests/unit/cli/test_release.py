"""``emrjobs release`` where the cluster is not as it should be: what is said, what is done, and the exit code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self, TypeVar

import pytest

from emrjobs.__main__ import main
from emrjobs.adapters.kube import ConflictError, ForbiddenError, KubeError, NotFoundError, Page
from emrjobs.api.job_run.kind import FINALIZER
from emrjobs.api.kind import Kind
from emrjobs.cli import release
from emrjobs.core.job_run.resource import Resource

T = TypeVar("T")
NOT_SERVED = KubeError(404, "NotServed")
SELECTOR = "app=emrjobs"


def run(name: str, *finalizers: str) -> dict[str, Any]:
    metadata = {"uid": f"uid-{name}", "namespace": "team", "name": name, "resourceVersion": "1"}
    return {"metadata": {**metadata, "finalizers": list(finalizers)}}


def page(*items: dict[str, Any], more: str | None = None) -> Page:
    return Page(items, "1", more)


@dataclass
class Cluster:
    """Answers in their order, the last one for ever; an exception is raised. Notes what is asked."""

    lists: dict[str | None, list[Page | KubeError]] = field(default_factory=dict)
    policies: Page | KubeError = field(default_factory=lambda: Page((), "1", None))
    patches: list[KubeError | None] = field(default_factory=lambda: [None])
    reads: list[KubeError | None] = field(default_factory=lambda: [None])
    scale: KubeError | None = None
    lease: KubeError | None = None
    pods: list[int] = field(default_factory=lambda: [0])
    asked: list[str] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to close."""

    async def list_page(
        self, kind: Kind, namespace: str | None, limit: int, token: str | None, *, metadata_only: bool
    ) -> Page:
        assert metadata_only
        assert limit > 0
        if kind.plural == "emrjobpolicies":
            return value(self.policies)
        self.asked.append(f"list {namespace or 'all'}{f' {token}' if token else ''}")
        return value(next_of(self.lists[namespace]))

    async def set_finalizer(self, resource: Resource, *, wanted: bool) -> None:
        assert not wanted
        self.asked.append(f"release {resource.name}")
        value(next_of(self.patches))

    async def get(self, resource: Resource) -> Mapping[str, Any]:
        self.asked.append(f"read {resource.name}")
        value(next_of(self.reads))
        return run(resource.name, FINALIZER)

    async def call(self, method: str, path: str, **_: object) -> Mapping[str, Any]:
        self.asked.append(f"{method} {path.rsplit('/', 1)[-1]}")
        if method == "PATCH":
            value(self.scale)
            return {"status": {"selector": SELECTOR}}
        if method == "DELETE":
            value(self.lease)
            return {}
        left = next_of(self.pods)
        return {"items": [{"status": {"phase": "Running"}}] * left + [{"status": {"phase": "Failed"}}]}


def next_of(answers: list[T]) -> T:
    return answers.pop(0) if len(answers) > 1 else answers[0]


def value(answer: T | KubeError) -> T:
    if isinstance(answer, KubeError):
        raise answer
    return answer


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    cluster = Cluster(lists={None: [page(run("one", FINALIZER), run("free"), run("two", "other", FINALIZER))]})
    monkeypatch.setattr(release, "load_configuration", lambda: None)
    monkeypatch.setattr(release, "own_namespace", lambda: "system")
    monkeypatch.setattr(release, "Kube", lambda *_: cluster)
    monkeypatch.setattr(release, "_RETRY_SECONDS", 0.0)
    return cluster


def test_only_objects_that_are_held_are_touched(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["release"]) == 0
    assert cluster.asked == ["list all", "release one", "release two"]
    assert capsys.readouterr().out == "released 2 objects\n"


def test_a_policy_is_released_after_the_runs(cluster: Cluster) -> None:
    cluster.policies = page(
        {"metadata": {"uid": "u", "name": "a", "resourceVersion": "1", "finalizers": ["emrjobs.dev/in-use"]}},
        {"metadata": {"uid": "v", "name": "b", "resourceVersion": "1", "finalizers": [FINALIZER]}},
    )
    assert main(["release"]) == 0
    assert cluster.asked == ["list all", "release one", "release two", "release a"]


def test_the_operator_is_stopped_before_anything_is_read(cluster: Cluster) -> None:
    cluster.pods = [2, 1, 0]
    assert main(["release", "--stop-deployment", "emrjobs"]) == 0
    assert cluster.asked[:5] == ["PATCH scale", "GET pods", "GET pods", "GET pods", "list all"]


def test_pods_that_never_end_are_left(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    cluster.pods = [1]
    assert main(["release", "--stop-deployment", "emrjobs", "--stop-timeout", "0"]) == 0
    assert "1 pods of emrjobs are still there after 0 s: going on" in capsys.readouterr().err
    assert "release two" in cluster.asked


def test_a_deployment_that_is_gone_needs_no_stopping(cluster: Cluster) -> None:
    cluster.scale = NotFoundError(404, "NotFound")
    assert main(["release", "--stop-deployment", "emrjobs"]) == 0
    assert cluster.asked[:2] == ["PATCH scale", "list all"]


def test_an_operator_that_may_not_be_stopped_is_not_worked_against(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.scale = ForbiddenError(403, "Forbidden")
    assert main(["release", "--stop-deployment", "emrjobs"]) == 2
    assert cluster.asked == ["PATCH scale"]
    assert "may not scale the Deployment emrjobs" in capsys.readouterr().err


def test_where_the_crd_is_gone_there_is_nothing_to_release(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.lists = {None: [NOT_SERVED]}
    assert main(["release"]) == 0
    assert len(cluster.asked) > 2, "an API server that has just begun is asked again"
    assert "serves no emrjobruns.emrjobs.dev: nothing to release" in capsys.readouterr().out


@pytest.mark.parametrize("first", [NOT_SERVED, KubeError(0, "ClientConnectorError"), KubeError(503, "")])
def test_an_api_server_that_has_just_begun_is_asked_again(first: KubeError, cluster: Cluster) -> None:
    cluster.lists = {None: [first, first, page(run("one", FINALIZER))]}
    assert main(["release"]) == 0
    assert cluster.asked == ["list all", "list all", "list all", "release one"]


@pytest.mark.parametrize(
    ("error", "said"), [(KubeError(0, "ClientConnectorError"), "ClientConnectorError"), (KubeError(503, ""), "503 ")]
)
def test_a_cluster_that_does_not_answer_is_an_error(
    error: KubeError, said: str, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.lists = {None: [error]}
    assert main(["release"]) == 2
    assert f"emrjobs release: {said}" in capsys.readouterr().err


def test_all_pages_are_read(cluster: Cluster) -> None:
    cluster.lists = {None: [page(run("one", FINALIZER), more="2"), page(run("two", FINALIZER))]}
    assert main(["release"]) == 0
    assert cluster.asked == ["list all", "list all 2", "release one", "release two"]


def test_a_namespace_that_refuses_is_passed_over_only_where_asked_for(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.lists = {"gone": [ForbiddenError(403, "Forbidden")], "team": [page(run("one", FINALIZER))]}
    given = ["release", "--namespace", "gone", "--namespace", "team"]
    assert main(given) == 2
    assert main([*given, "--skip-forbidden"]) == 0
    assert cluster.asked == ["list gone", "list gone", "list team", "release one"]
    assert "namespace gone refuses us and is passed over" in capsys.readouterr().err


def test_a_whole_cluster_that_refuses_is_never_passed_over(cluster: Cluster) -> None:
    cluster.lists = {None: [ForbiddenError(403, "Forbidden")]}
    assert main(["release", "--skip-forbidden"]) == 2


def test_an_object_that_changes_meanwhile_is_read_again(cluster: Cluster) -> None:
    cluster.lists = {None: [page(run("one", FINALIZER))]}
    cluster.patches = [ConflictError(409, "Conflict"), None]
    assert main(["release"]) == 0
    assert cluster.asked == ["list all", "release one", "read one", "release one"]


@pytest.mark.parametrize("missed", ["patches", "reads"])
def test_an_object_that_goes_meanwhile_is_free(missed: str, cluster: Cluster) -> None:
    cluster.lists = {None: [page(run("one", FINALIZER))]}
    cluster.patches = [ConflictError(409, "Conflict")]
    setattr(cluster, missed, [NotFoundError(404, "NotFound")])
    assert main(["release"]) == 0


@pytest.mark.parametrize("error", [KubeError(422, "Invalid"), ConflictError(409, "Conflict")])
def test_an_object_that_cannot_be_released_is_named_and_the_others_are_free(
    error: KubeError, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.patches = [error] * 5 + [None] if isinstance(error, ConflictError) else [error, None]
    assert main(["release"]) == 1
    said = capsys.readouterr()
    assert said.out == "released 1 objects\n"
    assert said.err == "emrjobs release: team/one could not be released\n"


def test_the_lease_goes_last(cluster: Cluster) -> None:
    assert main(["release", "--delete-lease", "mine"]) == 0
    assert cluster.asked == ["list all", "release one", "release two", "DELETE mine"]


@pytest.mark.parametrize(
    ("error", "said"),
    [(NotFoundError(404, "NotFound"), ""), (ForbiddenError(403, "Forbidden"), "the Lease mine stays")],
)
def test_a_lease_that_stays_harms_nobody(
    error: KubeError, said: str, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.lease = error
    assert main(["release", "--delete-lease", "mine"]) == 0
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("seconds", ["-1", "nan", "1e9", "soon"])
def test_a_time_that_is_none_is_refused(seconds: str) -> None:
    with pytest.raises(SystemExit):
        main(["release", "--stop-timeout", seconds])


def test_the_defaults_are_those_that_the_help_names() -> None:
    assert release.Wanted().stop_limit == timedelta(seconds=60)

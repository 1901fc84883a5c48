"""``emrjobs check``: each look, what is said of it, and the exit code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import pytest

from emrjobs.__main__ import main
from emrjobs.adapters.kube import ForbiddenError, KubeError, NotFoundError, Page
from emrjobs.adapters.kube_session import ConfigException
from emrjobs.api.kind import Kind
from emrjobs.cli import check

Json = dict[str, Any]


def deployment(ready: int, updated: int, replicas: int = 2, observed: int = 3) -> Json:
    status = {"observedGeneration": observed, "readyReplicas": ready, "updatedReplicas": updated}
    return {"metadata": {"generation": 3}, "spec": {"replicas": replicas}, "status": status}


def lease(version: str, holder: str = "pod-1") -> Json:
    return {"metadata": {"resourceVersion": version}, "spec": {"holderIdentity": holder}}


GOOD = deployment(2, 2)


@dataclass
class Cluster:
    """Answers by what is asked for; of several the last one for ever, and an error is raised."""

    answers: dict[str, list[Json | KubeError]] = field(default_factory=dict)
    refused: dict[str | None, KubeError] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to close."""

    async def list_page(self, _kind: Kind, namespace: str | None, **_: object) -> Page:
        if namespace in self.refused:
            raise self.refused[namespace]
        return Page((), "1", None)

    async def call(self, method: str, path: str, **_: object) -> Mapping[str, Any]:
        assert method == "GET"
        self.paths.append(path)
        answers = self.answers[path.rsplit("/", 2)[-2]]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, KubeError):
            raise answer
        return answer


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    cluster = Cluster({"deployments": [GOOD], "leases": [lease("1"), lease("2")]})
    monkeypatch.setattr(check, "load_configuration", lambda: None)
    monkeypatch.setattr(check, "own_namespace", lambda: "system")
    monkeypatch.setattr(check, "Kube", lambda *_: cluster)
    monkeypatch.setattr(check, "_RETRY_SECONDS", 0.0)
    return cluster


ALL = ["check", "--deployment", "emrjobs", "--lease", "emrjobs"]


def test_all_is_well(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ALL, "--namespace", "a", "--namespace", "b", "--lease-namespace", "leases"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ok: EmrJobRuns of a can be read",
        "ok: EmrJobRuns of b can be read",
        "ok: Deployment emrjobs is ready",
        "ok: Lease emrjobs is held and renewed",
    ]
    first, *_, last = cluster.paths
    assert first == "/apis/apps/v1/namespaces/system/deployments/emrjobs"
    assert last == "/apis/coordination.k8s.io/v1/namespaces/leases/leases/emrjobs"


@pytest.mark.parametrize(
    ("kind", "answer", "said"),
    [
        ("deployments", deployment(1, 2), "1 of 2 pods are ready, 2 are of the newest version"),
        ("deployments", deployment(2, 1), "2 of 2 pods are ready, 1 are of the newest version"),
        ("deployments", deployment(0, 0, replicas=0), "0 of 0 pods are ready"),
        ("deployments", deployment(2, 2, observed=2), "has not been looked at yet"),
        ("deployments", NotFoundError(404, "NotFound"), "404 NotFound"),
        ("leases", lease("1"), "pod-1 has not renewed it yet"),
        ("leases", lease("1", holder=""), "nobody holds it"),
        ("leases", NotFoundError(404, "NotFound"), "there is none"),
        ("leases", ForbiddenError(403, "Forbidden"), "403 Forbidden"),
    ],
)
def test_what_is_not_well_is_said(
    kind: str, answer: Json | KubeError, said: str, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.answers[kind] = [answer]
    assert main(["check", f"--{kind.removesuffix('s')}", "emrjobs", "--timeout", "0.05"]) == 1
    _, wrong = capsys.readouterr().out.splitlines()
    assert wrong.startswith("WRONG: ")
    assert said in wrong


def test_objects_that_cannot_be_read_are_wrong_and_the_others_are_looked_at(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.refused = {"a": KubeError(404, "NotServed")}
    assert main(["check", "--namespace", "a", "--namespace", "b", "--timeout", "0"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "WRONG: EmrJobRuns of a can be read: 404 NotServed",
        "ok: EmrJobRuns of b can be read",
    ]


def test_what_becomes_well_in_time_is_well(cluster: Cluster) -> None:
    cluster.answers["deployments"] = [KubeError(0, "ClientConnectorError"), deployment(0, 2), GOOD]
    assert main(ALL) == 0


def test_where_there_is_no_cluster_there_is_nothing_to_check(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent() -> None:
        raise ConfigException("no configuration")

    monkeypatch.setattr(check, "load_configuration", absent)
    assert main(ALL) == 2
    assert "emrjobs check: no configuration" in capsys.readouterr().err

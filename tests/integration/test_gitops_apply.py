"""Argo CD and Flux apply the same manifest for ever: nothing changes, nothing conflicts, nothing looks changed."""

from collections.abc import Iterable

import pytest
import yaml

from tests.sandbox.emr.admin import Admin
from tests.sandbox.examples import load
from tests.sandbox.rights import USER
from tests.sandbox.world import World
from tests.support.gitops import MANY, TOOLS, GitOps, managers, owned
from tests.support.jobs import Jobs
from tests.support.poll import until
from tests.support.situations import SITUATIONS, cluster_of

pytestmark = [pytest.mark.usefixtures("operator"), pytest.mark.timeout(300)]

POLLED = {"pending", "running"}
QUIET = {"held", "held-after-a-run", "between-attempts", "completed", "failed", "cancelled", "lost", "refused"}
LOOKS = {"ListJobRuns", "DescribeJobRun"}
OURS = {"metadata.finalizers"}


@pytest.fixture(params=TOOLS, ids=lambda tool: tool.name)
def gitops(request: pytest.FixtureRequest, world: World, namespace: str) -> GitOps:
    return GitOps(world.kube, world.cluster, namespace, request.param)


@pytest.fixture
def jobs(gitops: GitOps, sim: Admin) -> Jobs:
    return Jobs(gitops, sim)


@pytest.fixture
def settled(jobs: Jobs, gitops: GitOps) -> dict[str, tuple[str, int]]:
    """An object in every situation that lasts, and the versions at which all of them came to rest.

    One that waits in AWS's queue is not among them: each try is recorded before it is made.
    """
    for name in sorted(POLLED | QUIET):
        SITUATIONS[name].arrange(jobs, name)
    for name in gitops.git:
        jobs.reaches(SITUATIONS[name].state, name)
    seen: list[dict[str, tuple[str, int]]] = []

    def at_rest() -> dict[str, tuple[str, int]] | None:
        seen.append(gitops.versions())
        return seen[-1] if len(seen) > 5 and all(each == seen[-1] for each in seen[-5:]) else None

    return until(at_rest, 30, "all objects come to rest")


def test_the_same_manifest_for_ever(
    world: World, jobs: Jobs, gitops: GitOps, settled: dict[str, tuple[str, int]]
) -> None:
    nothing_shows_as_drift(gitops, settled)
    members_have_one_owner(gitops, settled)
    calls, mark = len(jobs.sim.calls()), world.cluster.audit.mark()

    said = gitops.apply(times=MANY).splitlines()

    assert len(said) == MANY * len(settled)
    assert gitops.versions() == settled
    for name in settled:
        cluster = cluster_of(jobs, name)
        made = {call["operation"] for call in jobs.sim.calls()[calls:] if call["virtual_cluster_id"] == cluster}
        assert made <= (LOOKS if name in POLLED else set()), name
    ours = world.cluster.audit.writes(user=USER, resource="emrjobruns", since=mark)
    assert [event for event in ours if event.namespace == gitops.namespace] == []


def test_no_member_of_the_spec_drifts(gitops: GitOps, jobs: Jobs) -> None:
    """All examples, and so each member at least once: what the API server keeps is what Git says."""
    accepted = [yaml.safe_load(each.path.read_text("utf-8")) for each in load() if each.expected != "refused"]
    for manifest in accepted:
        gitops.commit(manifest["metadata"]["name"], {**manifest["spec"], "virtualClusterId": jobs.cluster})

    gitops.apply()

    assert {name: gitops.drift(name) for name in gitops.git} == {name: {} for name in gitops.git}
    # kubectl reads an object twice, and its status may change meanwhile; a difference of the spec would stay.
    until(lambda: gitops.differs() == "", 60, gitops.differs)
    assert gitops.apply().count("\n") == len(accepted)


def nothing_shows_as_drift(gitops: GitOps, names: Iterable[str]) -> None:
    """Not even what the API server filled in; and what people set beside Git stays theirs."""
    assert {name: gitops.drift(name) for name in names} == {name: {} for name in names}
    assert gitops.differs() == ""
    assert gitops.get("running")["spec"] == gitops.git["running"]["spec"], "the API server fills in nothing"
    assert gitops.get("cancelled")["spec"]["cancel"] is True
    assert "cancel" not in gitops.git["cancelled"]["spec"]


def members_have_one_owner(gitops: GitOps, names: Iterable[str]) -> None:
    """So no apply of the tool can meet a conflict with the operator, nor the other way round."""
    for name in names:
        item = gitops.get(name)
        ours = next(manager for manager in managers(item) if "status.conditions" in owned(item, manager))

        assert {path.split(".")[0] for path in owned(item, ours) - OURS} == {"status"}, name
        assert owned(item, gitops.tool.manager).isdisjoint(owned(item, ours))

"""Argo CD's own interpreter and the real kstatus judge a real object in every situation."""

import json

import pytest

from tests.integration.gitops_table import HEADS, Engines, engines, play, wrong
from tests.sandbox.argocd import in_process
from tests.sandbox.argocd import on_offer as offered
from tests.sandbox.paths import ROOT
from tests.sandbox.table import table
from tests.sandbox.world import World
from tests.support.argocd_files import FRAGMENT
from tests.support.built import built_or_skipped
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.situations import SITUATIONS

# The first use may build the engines.
pytestmark = [pytest.mark.usefixtures("operator"), pytest.mark.timeout(600)]


@pytest.fixture(scope="session")
def both(pytestconfig: pytest.Config) -> Engines:
    return built_or_skipped(pytestconfig, engines, "engine of Argo CD or of kstatus")


def test_every_situation_is_read_right(jobs: Jobs, both: Engines) -> None:
    found = play(jobs, both)

    assert wrong(found) == []
    rows = [(name.replace("-", " "), *cells) for name, cells in found.items()]
    assert table(HEADS, rows) in (ROOT / "docs" / "gitops.md").read_text(encoding="utf-8")


def test_both_interpreters_agree(jobs: Jobs, both: Engines) -> None:
    """So the quick one may stand for Argo CD's in the unit tests."""
    quick = Engines(in_process, both.kstatus)
    for name in ("completed", "held"):
        SITUATIONS[name].arrange(jobs, name)
        item = jobs.runs.get(name) if jobs.reaches(SITUATIONS[name].state, name) else {}
        assert quick.judge(item) == both.judge(item)


def test_the_actions_do_what_they_say(jobs: Jobs, both: Engines) -> None:
    """Each patch is what Argo CD sends, and each is on offer when it is sent."""

    def act(action: str) -> None:
        item = jobs.runs.get("job")
        assert action in offered(both.lua, item)
        jobs.runs.patch("job", both.patch(action, item))

    jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")
    act("suspend")
    jobs.reaches("SUSPENDED")
    act("resume")
    jobs.shows(lambda status: status.get("state") == "RUNNING" and status.get("attempt") == 2, "runs again")
    act("cancel")
    jobs.explains("Cancelled")

    assert [run["state"] for run in jobs.at_endpoint()] == ["CANCELLED", "CANCELLED"]
    assert offered(both.lua, jobs.runs.get("job")) == set()


def test_the_fragment_goes_into_a_living_argocd_cm(world: World, namespace: str) -> None:
    """With the command that stands at its head; what else is in there stays."""
    kubectl, name = world.cluster.kubectl, ["configmap", "argocd-cm", "-n", namespace]
    kubectl("create", *name, "--from-literal=url=https://argocd.example.com")
    content = FRAGMENT.read_text(encoding="utf-8").replace("namespace: argocd", f"namespace: {namespace}")
    patch = world.folder / "argocd-cm.yaml"
    patch.write_text(content, encoding="utf-8")

    kubectl("patch", *name, "--patch-file", str(patch))

    data = json.loads(kubectl("get", *name, "-o", "json").stdout)["data"]
    assert data.pop("url") == "https://argocd.example.com"
    assert sorted(key.split(".")[2] for key in data) == ["actions", "health"]

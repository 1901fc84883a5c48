"""A watched namespace is deleted where the operator has Roles only: they go first, and then it may do nothing there.

What an admin does about it is what docs/permissions.md says, with the same commands.
"""

import re
import shlex
import subprocess
from collections.abc import Iterator

import pytest

from tests.sandbox.operator_process import command
from tests.sandbox.paths import ROOT
from tests.sandbox.processes import clean_environment
from tests.sandbox.rights import ACCOUNT
from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import ApiError, Json
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

pytestmark = [pytest.mark.controlplane, pytest.mark.timeout(240)]

TEAMS = ("team-a", "team-b", "team-c")
PAGE = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def narrow() -> Iterator[World]:
    with World(namespaces=TEAMS) as narrow:
        narrow.operator(**ENVIRONMENT)
        yield narrow


def documented(heading: str, team: str) -> list[list[str]]:
    """The commands of the page's block under that heading, for this namespace."""
    block = re.search(rf"\*\*{heading}\*\*.*?```\n(.*?)```", PAGE, re.DOTALL)
    assert block, f"no commands under {heading}"
    return [shlex.split(line.replace("team-a", team)) for line in block[1].splitlines()]


def run(world: World, words: list[str]) -> str:
    """As the admin."""
    if words[0] == "kubectl":
        return world.cluster.kubectl(*words[1:]).stdout
    argv, added = command()
    admin = {**added, "KUBECONFIG": str(world.cluster.admin_kubeconfig)}
    env = clean_environment(world.folder, **admin)
    program = [*argv[:-1], *words[1:]]
    return subprocess.run(program, env=env, capture_output=True, text=True, check=True, timeout=60).stdout


def stuck(world: World, team: str) -> Jobs:
    """The namespace is going, the operator's binding is gone, and two runs go on."""
    jobs = Jobs(world.kube.runs(team), world.sim)
    for name in ("one", "two"):
        jobs.submit(name, FOR_EVER)
        jobs.reaches("RUNNING", name)
    world.cluster.kubectl("delete", "rolebinding", ACCOUNT, "-n", team)
    world.kube.delete_namespace(team)
    until(lambda: all("deletionTimestamp" in item["metadata"] for item in jobs.runs.list()), 60, "both are to go")
    until(lambda: refused(world, team), 30, "the operator is refused")
    assert len(jobs.runs.list()) == 2
    assert namespace(world, team)["status"]["phase"] == "Terminating"
    return jobs


def refused(world: World, team: str) -> bool:
    return any(event.forbidden and event.namespace == team for event in world.cluster.audit_events())


def namespace(world: World, name: str) -> Json:
    return world.kube.request("GET", f"/api/v1/namespaces/{name}")


def gone(world: World, name: str) -> bool:
    try:
        namespace(world, name)
    except ApiError as error:
        return error.code == 404
    return False


def test_the_operator_is_let_in_to_finish(narrow: World) -> None:
    jobs = stuck(narrow, "team-a")

    for words in documented("End the runs", "team-a"):
        run(narrow, words)

    assert gone(narrow, "team-a")
    assert [run["state"] for run in jobs.at_endpoint()] == ["CANCELLED", "CANCELLED"]
    bindings = narrow.cluster.kubectl("get", "clusterrolebindings", "-o", "name").stdout
    assert f"{ACCOUNT}-finish" not in bindings


def test_the_objects_are_released(narrow: World) -> None:
    """Then nothing of Kubernetes holds the namespace; the operator has seen the objects go, and ends the runs."""
    jobs = stuck(narrow, "team-b")

    said = [run(narrow, words) for words in documented("Let go of the objects", "team-b")]

    assert "released 2 objects" in said[0]
    until(lambda: gone(narrow, "team-b"), 60, "the namespace goes")
    until(lambda: {run["state"] for run in jobs.at_endpoint()} == {"CANCELLED"}, 60, "the runs are cancelled")


def test_with_the_jobs_deleted_first_nothing_sticks(narrow: World) -> None:
    jobs = Jobs(narrow.kube.runs("team-c"), narrow.sim)
    jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")

    for words in documented("Delete the jobs first", "team-c"):
        run(narrow, words)

    assert gone(narrow, "team-c")
    assert [run["state"] for run in jobs.at_endpoint()] == ["CANCELLED"]

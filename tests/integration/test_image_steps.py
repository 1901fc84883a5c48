"""The Dockerfile's own steps, done without a container engine: what comes out runs as nobody on a read-only tree."""

import json
import re
import stat

import pytest

from tests.sandbox.image.build import Build
from tests.sandbox.image.dockerfile import stages
from tests.sandbox.paths import ROOT
from tests.sandbox.pods import images
from tests.sandbox.pods.runner import PodRunner, why_not
from tests.sandbox.rights import ACCOUNT, NAMESPACE
from tests.sandbox.world import REGION, World
from tests.support.kube import Json
from tests.support.pod_fixtures import needs_root
from tests.support.poll import until
from tests.support.workloads import condition

# Packages come from an index, which may be slow.
pytestmark = pytest.mark.timeout(600)

USER = 65_532
LISTED = "import importlib.metadata as m, json; print(json.dumps([d.metadata['Name'] for d in m.distributions()]))"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The finished image. Its steps take most of this module's time."""
    if why := why_not():
        pytest.skip(why)
    build = Build(tmp_path_factory.mktemp("image"))
    build.run()
    return build


def test_the_command_answers(built: Build) -> None:
    done = built.command(["emrjobs", "--help"], user=USER)

    assert (done.code, done.said.splitlines()[0]) == (0, "usage: emrjobs [-h] COMMAND ...")


def test_it_holds_what_is_locked_and_nothing_else(built: Build) -> None:
    """No installer either: what runs there stays what was built."""
    done = built.command(["python", "-c", LISTED], user=USER)

    locked = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    names = re.findall(
        r"^([A-Za-z0-9._-]+)==(?!.*(?:sys_platform == 'win32'|platform_system == 'Windows'))", locked, re.MULTILINE
    )
    assert sorted(map(_plain, json.loads(done.said))) == sorted(map(_plain, [*names, "emrjobs"]))
    assert built.command(["python", "-m", "pip", "--version"], user=USER).code != 0
    assert not list((built.root / "base" / "bin").glob("pip*"))


@needs_root
def test_nobody_can_change_it(built: Build) -> None:
    assert "Read-only" in built.command(["touch", "/opt/emrjobs/x"], user=0).said
    # Even where the root can be written: all of it is root's.
    assert "Permission denied" in built.command(["touch", "/opt/emrjobs/x"], user=USER, read_only=False).said
    files = [path for path in (built.root / "opt" / "emrjobs").rglob("*") if not path.is_symlink()]
    assert [path for path in files if path.stat().st_mode & (stat.S_IWOTH | stat.S_IWGRP | stat.S_ISUID)] == []


def test_byte_code_is_there_as_it_cannot_be_written_later(built: Build) -> None:
    [package] = (built.root / "opt" / "emrjobs" / "lib").glob("python*/site-packages/emrjobs")

    sources = {path.stem for path in package.glob("*.py")}

    assert sources
    assert {path.name.partition(".")[0] for path in package.glob("__pycache__/*.pyc")} == sources


def test_the_final_stage_takes_only_the_environment() -> None:
    final = stages()[-1]

    copied = [step.words for step in final.instructions if step.word == "COPY"]
    assert copied == [["--from=installed", "/opt/emrjobs", "/opt/emrjobs"]]
    assert all(
        not re.search(r"\binstall\b|\bapt|\bapk", step.text) for step in final.instructions if step.word == "RUN"
    )
    assert final.last("USER").text == f"{USER}:{USER}"


def test_it_becomes_ready_as_another_user_on_a_read_only_tree(world: World, built: Build) -> None:
    content = images.of_environment(built.root / "opt" / "emrjobs", at="/opt/emrjobs")
    path = f"/api/v1/namespaces/{NAMESPACE}/pods"
    with PodRunner(world, more_images={"from-steps": content}) as runner:
        world.kube.request("POST", path, _pod(world))
        try:
            until(
                lambda: condition(world.kube.request("GET", f"{path}/image"), "Ready") == "True",
                60,
                lambda: f"it is ready\n{runner.log(NAMESPACE, 'image', 'operator')}",
            )
        finally:
            world.kube.request("DELETE", f"{path}/image", {"gracePeriodSeconds": 0})
            world.forget_leases()


def _pod(world: World) -> Json:
    """The least that an operator needs; command and user are the image's."""
    values = {
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIASANDBOXSANDBOX00",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL_EMR_CONTAINERS": world.emr_url,
    }
    container = {
        "name": "operator",
        "image": "registry.example.com/from-steps:1",
        "env": [{"name": name, "value": value} for name, value in values.items()],
        "securityContext": {"readOnlyRootFilesystem": True, "runAsNonRoot": True},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080}, "periodSeconds": 1},
    }
    spec = {"serviceAccountName": ACCOUNT, "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "image"}, "spec": spec}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

"""Uninstalling and checking, as the chart's hooks do: real commands with exactly the rights that the chart gives."""

import asyncio
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from kubernetes.config import load_kube_config

from emrjobs.adapters.kube import Kube, KubeError, NotFoundError
from emrjobs.adapters.kube_session import Configuration
from emrjobs.api.job_run.kind import FINALIZER
from tests.chart.variants import RELEASE
from tests.sandbox.operator_process import command
from tests.sandbox.processes import clean_environment
from tests.sandbox.world import World
from tests.support.charts import Chart, Json, Rendered
from tests.support.jobs import spark_pi
from tests.support.kube import Runs
from tests.support.poll import until

# An operator that other tests share would put the finalizer back: this stops it.
pytestmark = [pytest.mark.controlplane, pytest.mark.timeout(600), pytest.mark.usefixtures("start_operator")]


async def ask(kubeconfig: Path, path: str) -> None:
    configuration = Configuration()
    load_kube_config(str(kubeconfig), client_configuration=configuration)
    async with Kube(configuration, 1) as kube:
        await kube.call("GET", path)


def test_a_kind_that_is_not_served_is_told_from_an_api_server_that_does_not_answer(world: World) -> None:
    """The refusal is plain text then. So uninstalling goes on where the CRD is gone."""
    with pytest.raises(KubeError) as caught:
        asyncio.run(ask(world.cluster.admin_kubeconfig, "/apis/gone.example.com/v1/things"))
    assert caught.value.status == 404
    assert not isinstance(caught.value, NotFoundError)


class Installed:
    """The chart's objects in a namespace, hooks' rights included. No node: its pods never start."""

    def __init__(self, world: World, chart: Chart, namespace: str, values: Json) -> None:
        args = ("--namespace", namespace)
        self.rendered: Rendered = chart.render({**values, "crds": {"install": False}}, *args)
        self.world, self.namespace = world, namespace
        wanted = self.rendered.of("ServiceAccount", "Role", "RoleBinding", "Deployment")
        listed = {"apiVersion": "v1", "kind": "List", "items": wanted}
        world.cluster.kubectl("apply", "-f", "-", input=json.dumps(listed))
        self.kubeconfig = world.cluster.kubeconfig_for_service_account(namespace, RELEASE)

    def run(self, component: str, *more: str, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
        """What a hook's pod would run, as its account."""
        arguments: Sequence[str] = self.rendered.pod_specs()[component]["containers"][0]["args"]
        argv, added = command()
        environment = clean_environment(self.world.folder, KUBECONFIG=str(self.kubeconfig), **added)
        given = [*argv[:-1], *arguments, *more]
        return subprocess.run(given, env=environment, capture_output=True, text=True, timeout=timeout, check=False)

    def deployment(self) -> Json:
        path = f"/apis/apps/v1/namespaces/{self.namespace}/deployments/{RELEASE}"
        return self.world.kube.request("GET", path)

    def pods(self) -> list[Json]:
        items: list[Json] = self.world.kube.request("GET", f"/api/v1/namespaces/{self.namespace}/pods")["items"]
        return items


@pytest.fixture
def installed(world: World, chart: Chart, namespace: str) -> Installed:
    """An installation that watches its own namespace only."""
    there = Installed(world, chart, namespace, {"watch": {"namespaces": [namespace]}})
    until(lambda: len(there.pods()) == 2, 30, "the Deployment has two pods")
    return there


def held(runs: Runs) -> list[str]:
    return [run["metadata"]["name"] for run in runs.list() if run["metadata"].get("finalizers")]


def create_held(runs: Runs, *names: str) -> None:
    for name in names:
        runs.create(name, spark_pi("0b0example0cluster0sandbx"))
        runs.patch(name, {"metadata": {"finalizers": [FINALIZER]}})


def test_the_operator_is_stopped_and_every_object_released(installed: Installed, runs: Runs) -> None:
    create_held(runs, "one", "two", "three")
    done = installed.run("release")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"Deployment {RELEASE} scaled to 0",
        f"all pods of {RELEASE} have ended",
        "released 3 objects",
    ]
    assert installed.deployment()["spec"]["replicas"] == 0
    assert installed.pods() == []
    assert held(runs) == []
    runs.delete("one")
    assert [run["metadata"]["name"] for run in runs.list()] == ["three", "two"]


def test_it_may_be_done_twice_and_without_anything_to_do(installed: Installed, world: World) -> None:
    assert installed.run("release").returncode == 0
    again = installed.run("release")
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "released 0 objects")
    world.cluster.kubectl("delete", "deployment", RELEASE, "-n", installed.namespace)
    without = installed.run("release")
    assert without.returncode == 0
    assert f"there is no Deployment {RELEASE}: nothing to stop" in without.stdout


def test_a_watched_namespace_that_is_gone_stops_nothing(installed: Installed, runs: Runs) -> None:
    create_held(runs, "one")
    done = installed.run("release", "--namespace=was-deleted-long-ago")
    assert done.returncode == 0
    assert "namespace was-deleted-long-ago refuses us and is passed over" in done.stderr
    assert held(runs) == []


def test_without_the_right_to_stop_the_operator_nothing_is_released(
    installed: Installed, runs: Runs, world: World
) -> None:
    """The operator would hold the objects again, and it would look as if all were done."""
    create_held(runs, "one")
    world.cluster.kubectl("delete", "rolebinding", f"{RELEASE}-release", "-n", installed.namespace)
    done = installed.run("release")
    assert done.returncode == 2
    assert f"may not scale the Deployment {RELEASE}" in done.stderr
    assert held(runs) == ["one"]


def test_a_pod_that_does_not_end_is_waited_for_only_so_long(installed: Installed, runs: Runs, world: World) -> None:
    """As on a node that is gone: the pod stays in the API."""
    create_held(runs, "one")
    stuck = installed.pods()[0]["metadata"]["name"]
    path = f"/api/v1/namespaces/{installed.namespace}/pods/{stuck}"
    patch = {"metadata": {"finalizers": ["example.com/stuck"]}}
    world.kube.request("PATCH", path, patch, content_type="application/merge-patch+json")
    done = installed.run("release", "--stop-timeout=2")
    assert done.returncode == 0
    assert f"1 pods of {RELEASE} are still there after 2 s: going on" in done.stderr
    assert held(runs) == []
    patch = {"metadata": {"finalizers": []}}
    world.kube.request("PATCH", path, patch, content_type="application/merge-patch+json")


def test_the_check_says_what_is_wrong(installed: Installed) -> None:
    done = installed.run("check", "--timeout=0")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"ok: EmrJobRuns of {installed.namespace} can be read",
        f"WRONG: Deployment {RELEASE} is ready: 0 of 2 pods are ready, 2 are of the newest version",
        f"WRONG: Lease {RELEASE} is held and renewed: there is none",
    ]


def test_the_check_is_content_with_a_living_operator(installed: Installed, world: World) -> None:
    """The Deployment's status is written here: there is no kubelet to probe its pods."""
    operator = world.launch_operator(
        "--namespace", installed.namespace, KUBECONFIG=str(installed.kubeconfig), EMRJOBS_LEASE_NAME=RELEASE
    )
    try:
        operator.wait_ready()
        report_ready(installed)
        done = installed.run("check")
    finally:
        operator.terminate()
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["ok"] * 3, done.stdout
    assert done.returncode == 0


def report_ready(installed: Installed) -> None:
    for pod in installed.pods():
        status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
        path = f"/api/v1/namespaces/{installed.namespace}/pods/{pod['metadata']['name']}/status"
        installed.world.kube.request("PATCH", path, {"status": status}, content_type="application/merge-patch+json")
    until(lambda: installed.deployment()["status"].get("readyReplicas") == 2, 30, "the Deployment counts its pods")


def test_the_check_sees_a_leader_that_has_died(installed: Installed, world: World) -> None:
    """A Lease that is held by a dead process looks held."""
    operator = world.launch_operator(
        "--namespace", installed.namespace, KUBECONFIG=str(installed.kubeconfig), EMRJOBS_LEASE_NAME=RELEASE
    )
    operator.wait_ready()
    lease = f"/apis/coordination.k8s.io/v1/namespaces/{installed.namespace}/leases/{RELEASE}"
    until(lambda: world.kube.request("GET", lease)["spec"]["holderIdentity"], 30, "somebody leads", ignore=(Exception,))
    operator.kill()
    done = installed.run("check", "--timeout=3")
    assert f"WRONG: Lease {RELEASE} is held and renewed" in done.stdout
    assert "has not renewed it yet" in done.stdout

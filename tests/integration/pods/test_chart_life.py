"""The chart's whole life with the real Helm: installed, upgraded under load, rolled back, tested, uninstalled."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from tests.chart.variants import NAMED, NAMESPACE, RELEASE
from tests.integration.pods.submitting import Submitting
from tests.sandbox.controlplane.binaries import provide, why_not
from tests.sandbox.helm import Helm, HelmFailed
from tests.sandbox.pods import runner
from tests.sandbox.pods.runner import PodRunner
from tests.sandbox.world import World
from tests.support.charts import helm_program
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import ApiError, Json
from tests.support.poll import until
from tests.support.releases import PODS, Release, values

__all__ = ["helm_program"]

# The first use may build Helm; each life is a minute.
pytestmark = [pytest.mark.controlplane, pytest.mark.timeout(600)]

VARIANTS = {"cluster-wide": (), "in named namespaces": NAMED}
RUNNING = 20


@pytest.fixture(scope="module")
def bare() -> Iterator[World]:
    """A cluster that knows nothing of us, with the strictest rules for pods where the release goes."""
    if why := why_not() or runner.why_not():
        pytest.skip(why)
    with World(binaries=provide(), crds=None, rules=None) as world:
        for name in (NAMESPACE, *NAMED):
            world.kube.create_namespace(name)
        label = "pod-security.kubernetes.io/enforce=restricted"
        world.cluster.kubectl("label", "namespace", NAMESPACE, label)
        yield world


@pytest.fixture(scope="module")
def nodes(bare: World) -> Iterator[PodRunner]:
    with PodRunner(bare) as started:
        yield started


@pytest.fixture
def release(bare: World, nodes: PodRunner, helm_program: Path, tmp_path: Path) -> Iterator[Release]:
    """A release that is not installed yet, and gone after the test with all jobs."""
    bare.sim.reset()
    kept = Release(bare, nodes, Helm(helm_program, tmp_path, bare.cluster.admin_kubeconfig), tmp_path)
    yield kept
    with suppress(HelmFailed):
        kept.uninstall()
    for name in NAMED:
        with suppress(ApiError):
            bare.kube.runs(name).delete_all()


@pytest.fixture
def jobs(bare: World) -> Jobs:
    return Jobs(bare.kube.runs(NAMED[0]), bare.sim)


@pytest.mark.parametrize("namespaces", VARIANTS.values(), ids=VARIANTS)
def test_a_release_from_its_beginning_to_its_end(release: Release, jobs: Jobs, namespaces: Sequence[str]) -> None:
    """Jobs are submitted all the time, and each has one run whatever happens to the operator."""
    release.install(values(release.world, namespaces))
    installed, leader = set(release.operators()), release.led()
    assert len(installed) == 2
    assert _cluster_roles(release.world) == (set() if namespaces else {RELEASE})
    kept = jobs.submit_all((f"kept-{number}" for number in range(RUNNING)), FOR_EVER)
    jobs.all_reach("RUNNING", RUNNING)

    with Submitting(jobs) as submitting:
        release.upgrade(podAnnotations={"example.com/changed": "yes"})
        upgraded, second = set(release.operators()), release.led()
        submitting.some_more()
        release.rollback()
        release.led()
        submitting.some_more()

    assert installed.isdisjoint(upgraded)
    assert leader != second
    assert release.revisions() == ["superseded", "superseded", "deployed"]
    assert "ready" in release.test()
    _all_completed(jobs, len(submitting.submitted))
    jobs.one_run_each([*kept, *submitting.submitted])

    release.uninstall()

    assert release.operators() == {}
    jobs.one_run_each([*kept, *submitting.submitted])
    assert jobs.calls("CancelJobRun") == []


def _all_completed(jobs: Jobs, count: int) -> None:
    until(lambda: jobs.states() == {"COMPLETED": count, "RUNNING": RUNNING}, 60, lambda: str(jobs.states()))


def _cluster_roles(world: World) -> set[str]:
    """The release's, without those that only add to the built-in roles."""
    query = {"labelSelector": f"app.kubernetes.io/instance={RELEASE}"}
    found = world.kube.request("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles", query=query)["items"]
    aggregated = "rbac.authorization.k8s.io/aggregate-to-"
    plain = (role["metadata"] for role in found)
    return {one["name"] for one in plain if not any(label.startswith(aggregated) for label in one["labels"])}


@pytest.mark.parametrize("namespaces", VARIANTS.values(), ids=VARIANTS)
def test_uninstalling_leaves_runs_and_objects_alone(release: Release, jobs: Jobs, namespaces: Sequence[str]) -> None:
    """With either policy the objects stay, free to be deleted, and the runs go on, also when that is done."""
    release.install(values(release.world, namespaces))
    submitted = [
        *jobs.submit_all((f"cancel-{number}" for number in range(RUNNING)), FOR_EVER, deletionPolicy="Cancel"),
        *jobs.submit_all((f"retain-{number}" for number in range(RUNNING)), FOR_EVER, deletionPolicy="Retain"),
    ]
    jobs.all_reach("RUNNING", 2 * RUNNING)
    assert {(run["spec"]["deletionPolicy"], bool(_held(run))) for run in jobs.runs.list()} == {
        ("Cancel", True),
        ("Retain", False),
    }

    release.uninstall()

    left = jobs.runs.list()
    assert [_held(run) for run in left] == [[]] * 2 * RUNNING
    assert {run["status"]["state"] for run in left} == {"RUNNING"}
    jobs.runs.delete_all()
    until(lambda: not jobs.runs.list(), 20, "the objects are gone")
    jobs.one_run_each(submitted)
    assert {run["state"] for run in jobs.at_endpoint()} == {"RUNNING"}
    assert jobs.calls("CancelJobRun") == []


def _held(run: Json) -> list[str]:
    found: list[str] = run["metadata"].get("finalizers", [])
    return found


def test_the_definitions_go_with_the_release_where_that_is_wanted(release: Release, jobs: Jobs) -> None:
    release.install(values(release.world, (), crds={"keep": False}))
    submitted = jobs.submit_all(("first", "second"), FOR_EVER)
    jobs.all_reach("RUNNING", 2)

    release.uninstall()

    served = release.world.kube.request("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")["items"]
    assert served == []
    jobs.one_run_each(submitted)
    assert jobs.calls("CancelJobRun") == []


def test_evictions_take_one_operator_at_a_time(release: Release, jobs: Jobs) -> None:
    """A node is drained under a leader: the other one leads, a new one comes, and no job is touched twice."""
    release.install(values(release.world, ()))
    submitted = jobs.submit_all((f"job-{number}" for number in range(RUNNING)), "run=20")
    leader = release.led()
    other = next(name for name in release.operators() if name != leader)
    node = release.operators()[leader]["spec"]["nodeName"]
    assert node != release.operators()[other]["spec"]["nodeName"]

    try:
        release.world.cluster.kubectl(
            "drain", node, "--delete-emptydir-data", "--ignore-daemonsets", "--timeout=90s", timeout=100
        )
        assert leader not in release.operators()
        until(lambda: release.leader() not in (None, leader), 40, "another one leads")
        until(lambda: _ready(release) == 2, 40, "there are two again")
        third = next(name for name in release.operators() if name != other)
        assert [_evict(release, name) for name in (other, third)] == [201, 429]
    finally:
        release.world.cluster.kubectl("uncordon", node)

    jobs.all_reach("COMPLETED", RUNNING)
    jobs.one_run_each(submitted)


def _ready(release: Release) -> int:
    deployment = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{RELEASE}"
    ready: int = release.world.kube.request("GET", deployment)["status"].get("readyReplicas", 0)
    return ready


def _evict(release: Release, name: str) -> int:
    """Return the code of the answer."""
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
    try:
        release.world.kube.request("POST", f"{PODS}/{name}/eviction", body)
    except ApiError as error:
        return error.code
    return 201


def test_an_upgrade_to_an_image_that_is_nowhere_leaves_the_operator_at_work(release: Release, jobs: Jobs) -> None:
    release.install(values(release.world, ()))
    before = set(release.operators())

    with pytest.raises(HelmFailed):
        release.upgrade(10, image={"repository": "nowhere"})
    jobs.submit("job", "run=1")
    jobs.reaches("COMPLETED", "job")
    release.rollback()

    assert set(release.operators()) == before

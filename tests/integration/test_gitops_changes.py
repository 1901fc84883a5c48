"""What Argo CD and Flux do besides applying: they prune, replace, heal, run hooks and force."""

import json

import pytest

from tests.sandbox.emr.admin import Admin
from tests.sandbox.world import World
from tests.support.gitops import TOOLS, GitOps
from tests.support.jobs import FOR_EVER, Jobs, situation, spark_pi
from tests.support.kube import ApiError
from tests.support.poll import until

pytestmark = pytest.mark.usefixtures("operator")

OURS = "emrjobs.dev/job-run"
every_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name, indirect=True)
by_argo_cd = pytest.mark.parametrize("tool", TOOLS[:1], ids=lambda tool: tool.name, indirect=True)


@pytest.fixture
def tool(request: pytest.FixtureRequest, world: World, namespace: str) -> GitOps:
    return GitOps(world.kube, world.cluster, namespace, request.param)


@pytest.fixture
def jobs(tool: GitOps, sim: Admin) -> Jobs:
    return Jobs(tool, sim)


@every_tool
@pytest.mark.parametrize("propagation", ["Background", "Foreground"])
def test_pruning_cancels(tool: GitOps, jobs: Jobs, propagation: str) -> None:
    jobs.submit("going", FOR_EVER)
    jobs.submit("done", "run=0")
    jobs.reaches("RUNNING", "going")
    jobs.reaches("COMPLETED", "done")
    before = len(jobs.calls())

    for name in ("done", "going"):
        tool.prune(name, propagation)
        jobs.gone(name)

    assert sorted(run["state"] for run in jobs.at_endpoint()) == ["CANCELLED", "COMPLETED"]
    made = [call["operation"] for call in jobs.calls()[before:]]
    assert [name for name in made if name not in ("ListJobRuns", "DescribeJobRun")] == ["CancelJobRun"]


@by_argo_cd
def test_replace_starts_nothing_and_the_finalizer_comes_back(tool: GitOps, jobs: Jobs) -> None:
    """With the sync option `Replace=true`: the PUT takes the finalizer off, since Git does not know it."""
    job = jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")
    for _ in range(5):
        tool.replace("job")
        until(lambda: tool.get("job")["metadata"].get("finalizers") == [OURS], 20, "the finalizer is back")

    assert tool.get("job")["metadata"]["uid"] == job["metadata"]["uid"]
    assert tool.get("job")["metadata"]["generation"] == 1
    jobs.one_run_each([job])
    assert tool.drift("job") == {}
    tool.delete("job")
    jobs.gone()
    assert jobs.run_of(job)["state"] == "CANCELLED"


@by_argo_cd
def test_replace_of_a_finished_object_changes_nothing(tool: GitOps, jobs: Jobs) -> None:
    jobs.submit(script="run=0")
    jobs.reaches("COMPLETED")
    before, calls = tool.get("job"), len(jobs.calls())

    tool.replace("job")

    assert tool.get("job")["status"] == before["status"]
    assert "finalizers" not in tool.get("job")["metadata"]
    assert len(jobs.calls()) == calls


@by_argo_cd
def test_replace_takes_back_what_an_action_set(tool: GitOps, jobs: Jobs) -> None:
    """So a held run starts again, and a cancelled one makes the sync fail."""
    jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")
    tool.patch_spec("job", suspend=True)
    jobs.reaches("SUSPENDED")
    tool.replace("job")
    jobs.shows(lambda status: status.get("attempt") == 2, "runs again")

    tool.patch_spec("job", cancel=True)

    with pytest.raises(RuntimeError, match="cancel"):
        tool.replace("job")


@every_tool
def test_a_changed_request_is_refused_and_forcing_runs_it_anew(tool: GitOps, jobs: Jobs) -> None:
    """`Force=true,Replace=true` in Argo CD, `force` in Flux: the words are those that Flux looks for."""
    old = jobs.submit(script=FOR_EVER)
    jobs.reaches("RUNNING")
    tool.commit("job", jobs.spec(FOR_EVER, releaseLabel="emr-7.8.0-latest"))

    assert tool.drift("job") == {"spec": {"releaseLabel": "emr-7.8.0-latest"}}
    with pytest.raises(RuntimeError, match="is immutable"):
        tool.apply()
    body, query = tool.git["job"], {"fieldManager": tool.tool.manager, "force": "true", "dryRun": "All"}
    with pytest.raises(ApiError, match="is immutable") as refused:
        tool.patch("job", body, kind="apply", query=query)
    assert (refused.value.code, refused.value.reason) == (422, "Invalid")
    assert jobs.reaches("RUNNING")["id"]

    tool.replace("job", force=True)

    new = tool.get("job")
    assert jobs.reaches("RUNNING")["clientToken"] == new["metadata"]["uid"]
    assert (jobs.run_of(old)["state"], jobs.run_of(new)["state"]) == ("CANCELLED", "RUNNING")
    assert tool.differs() == ""


@every_tool
def test_deleting_is_how_to_run_it_again(tool: GitOps, jobs: Jobs) -> None:
    """Somebody deletes it, and self-heal or the next reconciliation creates it: a new uid is a new run."""
    first = jobs.submit(script="run=0")
    jobs.reaches("COMPLETED")

    tool.delete("job")
    jobs.gone()
    tool.apply()

    jobs.reaches("COMPLETED")
    second = tool.get("job")
    assert second["metadata"]["uid"] != first["metadata"]["uid"]
    jobs.one_run_each([first, second])


@every_tool
def test_self_heal_takes_back_only_what_git_names(tool: GitOps, jobs: Jobs) -> None:
    """`suspend` in Git belongs to Git; where something in the cluster sets it, leave it out of there."""
    jobs.submit("left-out", FOR_EVER)
    jobs.submit("named", FOR_EVER, suspend=False)
    for name in tool.git:
        jobs.reaches("RUNNING", name)
        tool.patch_spec(name, suspend=True)
        jobs.reaches("SUSPENDED", name)

    assert tool.drift("left-out") == {}
    assert tool.drift("named") == {"spec": {"suspend": False}}
    tool.apply("left-out")
    assert tool.get("left-out")["spec"]["suspend"] is True
    _heal(tool, "named")

    jobs.shows(lambda status: status.get("attempt") == 2, "runs again", "named")
    assert jobs.reaches("SUSPENDED", "left-out")["attempt"] == 1


@by_argo_cd
def test_hooks_with_a_generated_name_run_at_each_sync(world: World, tool: GitOps, jobs: Jobs) -> None:
    """Argo CD creates these, as they cannot be applied; then `HookSucceeded` deletes what completed."""
    hook = {
        "apiVersion": "emrjobs.dev/v1alpha1",
        "kind": "EmrJobRun",
        "metadata": {
            "generateName": "load-",
            "namespace": tool.namespace,
            "annotations": {"argocd.argoproj.io/hook": "PreSync"},
        },
        "spec": spark_pi(jobs.cluster, "run=0"),
    }
    names = []
    for _ in range(2):
        made = world.cluster.kubectl("create", "-f", "-", "-o", "json", input=json.dumps(hook))
        names.append(json.loads(made.stdout)["metadata"]["name"])
        jobs.shows(lambda seen: "Complete" in situation(seen), "is complete", names[-1])

    jobs.one_run_each(tool.list())
    calls = len(jobs.calls())
    for name in names:
        tool.delete(name)
        jobs.gone(name)
    assert len(jobs.calls()) == calls


def _heal(tool: GitOps, name: str) -> None:
    """Argo CD and Flux take what is in Git, whoever set it."""
    if tool.tool.server_side:
        query = {"fieldManager": tool.tool.manager, "force": "true"}
        tool.patch(name, tool.git[name], kind="apply", query=query)
    else:
        tool.apply(name)

"""`ttlSecondsAfterFinished`: the object goes when its time is up, unless a tool would create it again."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from kubernetes.config import load_kube_config

from emrjobs.adapters.job_run.objects import resource_of
from emrjobs.adapters.kube import ConflictError, Kube
from emrjobs.adapters.kube_session import Configuration
from tests.integration.lifecycle_table import finish_long_ago
from tests.sandbox.rights import USER
from tests.sandbox.world import World
from tests.support.fixtures import StartOperator
from tests.support.jobs import Jobs, situation, spark_pi
from tests.support.kube import ApiError, Json
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

shared = pytest.mark.usefixtures("operator")

ARGO, FLUX, HELM = "Argo CD", "Flux", "Helm"
MANAGED: list[tuple[str, Json]] = [
    (ARGO, {"annotations": {"argocd.argoproj.io/tracking-id": "app:emrjobs.dev/EmrJobRun:ns/job"}}),
    (FLUX, {"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}),
    (FLUX, {"labels": {"helm.toolkit.fluxcd.io/name": "apps"}}),
    (HELM, {"annotations": {"meta.helm.sh/release-name": "apps"}}),
    (HELM, {"labels": {"app.kubernetes.io/managed-by": "Helm"}}),
]
HOOK: Json = {
    "annotations": {
        "argocd.argoproj.io/tracking-id": "app:emrjobs.dev/EmrJobRun:ns/job",
        "argocd.argoproj.io/hook": "Sync",
    }
}


def finish(jobs: Jobs, script: str = "run=0", *, ttl: int = 60, **metadata: Any) -> Json:
    """A job that is over; a time to live of 0 stands for none."""
    members = {"ttlSecondsAfterFinished": ttl} if ttl else {}
    job = jobs.runs.create("job", spark_pi(jobs.cluster, script, **members), **metadata)
    jobs.shows(lambda seen: "Finished" in situation(seen), "is over")
    return job


def owner(world: World, namespace: str) -> Json:
    """An object that may own others, and a reference to it."""
    body = {"metadata": {"name": "owner"}}
    made = world.kube.request("POST", f"/api/v1/namespaces/{namespace}/configmaps", body)
    return {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": made["metadata"]["uid"]}


def kept_events(world: World, namespace: str) -> list[str]:
    return [event["message"] for event in world.kube.events(namespace, "job") if event["reason"] == "Kept"]


@shared
@pytest.mark.parametrize("script", ["run=0", "reason=USER_ERROR;run=0", "outcome=CANCELLED;run=0"])
def test_it_goes_when_its_time_is_up(world: World, jobs: Jobs, namespace: str, script: str) -> None:
    finish(jobs, script)
    before = len(jobs.calls())

    finish_long_ago(jobs)

    jobs.gone()
    assert len(jobs.calls()) == before

    def deletions() -> list[str]:
        writes = world.cluster.audit.writes(user=USER, resource="emrjobruns")
        return [event.verb for event in writes if event.namespace == namespace and event.verb == "delete"]

    # The log is written a little after the answers.
    until(lambda: deletions() == ["delete"], 10, lambda: f"one deletion: {deletions()}")


@shared
def test_it_stays_until_then(jobs: Jobs) -> None:
    """An edit makes the operator look at it, and it is there all the same."""
    finish(jobs, ttl=60)
    jobs.runs.patch_spec("job", deletionPolicy="Retain")

    jobs.shows(lambda seen: seen["observedGeneration"] == 2, "is acknowledged")

    assert "deletionTimestamp" not in jobs.runs.get("job")["metadata"]


@shared
def test_without_it_an_object_stays(jobs: Jobs) -> None:
    finish(jobs, ttl=0)
    finish_long_ago(jobs)
    jobs.runs.patch_spec("job", deletionPolicy="Retain")

    jobs.shows(lambda seen: seen["observedGeneration"] == 2, "is acknowledged")

    assert "deletionTimestamp" not in jobs.runs.get("job")["metadata"]


@shared
def test_it_may_be_given_after_the_end(jobs: Jobs) -> None:
    finish(jobs, ttl=0)
    finish_long_ago(jobs)

    jobs.runs.patch_spec("job", ttlSecondsAfterFinished=60)

    jobs.gone()
    assert len(jobs.at_endpoint()) == 1


@shared
@pytest.mark.parametrize(("ttl", "why"), [(59, "greater than or equal to 60"), (0, "greater than or equal to 60")])
def test_the_shortest_is_a_minute(jobs: Jobs, ttl: int, why: str) -> None:
    with pytest.raises(ApiError, match=why):
        jobs.submit(ttlSecondsAfterFinished=ttl)


@shared
@pytest.mark.parametrize(("tool", "metadata"), MANAGED)
def test_what_a_tool_would_create_again_is_kept(
    world: World, jobs: Jobs, namespace: str, tool: str, metadata: Json
) -> None:
    finish(jobs, **metadata)
    finish_long_ago(jobs)

    def said(status: Json) -> bool:
        return any(f"since {tool} would create it again" in c["message"] for c in status["conditions"])

    status = jobs.shows(said, "says why it is kept")
    assert status["state"] == "COMPLETED"
    # Something else changes: it is not said again.
    jobs.runs.patch_spec("job", ttlSecondsAfterFinished=61)
    jobs.shows(lambda seen: seen["observedGeneration"] == 2, "is acknowledged")
    until(lambda: kept_events(world, namespace), 10, "an event says so")
    assert len(kept_events(world, namespace)) == 1
    assert "deletionTimestamp" not in jobs.runs.get("job")["metadata"]


@shared
def test_without_the_mark_of_the_tool_it_goes(jobs: Jobs) -> None:
    finish(jobs, labels={"kustomize.toolkit.fluxcd.io/name": "apps"})
    finish_long_ago(jobs)
    jobs.shows(lambda seen: any("Flux" in c["message"] for c in seen["conditions"]), "says why it is kept")

    jobs.runs.patch("job", {"metadata": {"labels": None}})

    jobs.gone()
    assert len(jobs.at_endpoint()) == 1


@shared
def test_a_hook_of_argo_cd_goes(jobs: Jobs) -> None:
    finish(jobs, **HOOK)

    finish_long_ago(jobs)

    jobs.gone()
    assert len(jobs.at_endpoint()) == 1


@shared
def test_what_an_owner_made_goes(world: World, jobs: Jobs, namespace: str) -> None:
    managed: Json = {"labels": {"app.kubernetes.io/managed-by": "Helm"}}
    finish(jobs, ownerReferences=[owner(world, namespace)], **managed)

    finish_long_ago(jobs)

    jobs.gone()
    assert len(jobs.at_endpoint()) == 1


@shared
def test_a_foreign_finalizer_may_hold_it(jobs: Jobs) -> None:
    finish(jobs, finalizers=["example.com/theirs"])
    finish_long_ago(jobs)
    until(lambda: "deletionTimestamp" in jobs.runs.get("job")["metadata"], 20, "it is deleted")

    jobs.runs.release("job")

    jobs.gone()


def test_its_time_comes_while_no_operator_is_there(jobs: Jobs, start_operator: StartOperator) -> None:
    first = start_operator(**ENVIRONMENT)
    finish(jobs)
    until(lambda: "finalizers" not in jobs.runs.get("job")["metadata"], 10, "nothing holds it")
    first.terminate()
    finish_long_ago(jobs)

    start_operator(**ENVIRONMENT)

    jobs.gone()


@pytest.mark.parametrize("stale", [{"resource_version": "1"}, {"uid": "8c1b8a2e-5a3f-4f5e-9d59-2f6f2a9f6c11"}], ids=str)
def test_only_the_very_version_that_was_judged_is_deleted(world: World, jobs: Jobs, stale: dict[str, str]) -> None:
    """What was changed, or created anew under the same name, in the meantime is another object."""
    seen = replace(resource_of(jobs.submit(suspend=True)), **stale)  # type: ignore[arg-type]  # both are strings
    configuration = Configuration()
    load_kube_config(str(world.operator_kubeconfig), client_configuration=configuration)

    async def delete() -> None:
        async with Kube(configuration, connections=1) as kube:
            await kube.delete(seen)

    with pytest.raises(ConflictError):
        asyncio.run(delete())

    assert "deletionTimestamp" not in jobs.runs.get("job")["metadata"]

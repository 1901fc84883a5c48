"""A tenant with `edit` in one namespace: has its jobs run there, and reaches nothing else."""

import pytest

from tests.integration.tenants.roles import Account
from tests.sandbox.rights import NAMESPACE
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import ApiError

# The first use may build Helm.
pytestmark = pytest.mark.timeout(600)

VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
OF_THE_OPERATOR = (
    ("get", "", "secrets"),
    ("create", "", "serviceaccounts/token"),
    ("update", "coordination.k8s.io", "leases"),
    ("delete", "apps", "deployments"),
    ("get", "", "pods/log"),
)


@pytest.mark.usefixtures("operator")
def test_its_jobs_run_and_are_cancelled_on_its_word(editor: Account, jobs: Jobs) -> None:
    editor.runs.create("short", jobs.spec("run=0"))
    editor.runs.create("long", jobs.spec(FOR_EVER))
    jobs.reaches("COMPLETED", "short")
    jobs.reaches("RUNNING", "long")
    assert editor.runs.get("long")["status"]["state"] == "RUNNING"

    editor.runs.delete("long")

    jobs.gone("long")
    assert {run["state"] for run in jobs.at_endpoint()} == {"COMPLETED", "CANCELLED"}


def test_rbac_gives_it_its_own_namespace_and_no_status(editor: Account, neighbour: str) -> None:
    own = editor.namespace
    assert all(editor.may(verb, "emrjobruns", own) for verb in VERBS)
    assert not any(editor.may(verb, "emrjobruns", neighbour) for verb in VERBS)
    assert editor.may("get", "emrjobruns", own, subresource="status")
    assert not any(editor.may(verb, "emrjobruns", own, subresource="status") for verb in ("update", "patch"))
    assert not any(editor.may(verb, "emrjobpolicies", "") for verb in VERBS), "policies are the platform team's"
    for verb, group, resource in OF_THE_OPERATOR:
        name, _, subresource = resource.partition("/")
        assert not editor.may(verb, name, NAMESPACE, group=group, subresource=subresource), resource


@pytest.mark.usefixtures("start_operator")
def test_a_status_in_what_it_creates_and_updates_is_dropped(editor: Account, jobs: Jobs) -> None:
    """No operator runs: what is there afterwards is what the API server let in."""
    forged = {"state": "COMPLETED", "clientToken": "x", "id": "0"}
    path = f"/apis/emrjobs.dev/v1alpha1/namespaces/{editor.namespace}/emrjobruns"
    body = {"apiVersion": "emrjobs.dev/v1alpha1", "kind": "EmrJobRun", "metadata": {"name": "job"}}
    editor.kube.request("POST", path, {**body, "spec": jobs.spec(suspend=True), "status": forged})
    editor.runs.patch("job", {"status": forged})
    assert forged.keys().isdisjoint(editor.runs.get("job").get("status", {}))
    with pytest.raises(ApiError, match="403"):
        editor.runs.patch("job", {"status": forged}, subresource="status")

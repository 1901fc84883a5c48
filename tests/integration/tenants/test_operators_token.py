"""Somebody who holds the operator's token: cannot make anybody's job another one."""

import json
import random
import secrets

import pytest

from emrjobs.api.job_policy.kind import EMR_JOB_POLICY
from tests.integration.tenants.roles import Account, as_account
from tests.sandbox.rights import ACCOUNT, NAMESPACE
from tests.sandbox.world import World
from tests.support.fixtures import StartOperator
from tests.support.job_policies import MERGE, Policies
from tests.support.jobs import Jobs
from tests.support.kube import ApiError, Json
from tests.support.poll import until

# The first use may build Helm.
pytestmark = pytest.mark.timeout(600)

OURS = "emrjobs.dev/job-run"
THEIRS = "example.com/theirs"
FINISHED = {"conditions": [{"type": "Finished", "status": "True", "lastTransitionTime": "2020-01-01T00:00:00Z"}]}

REWRITES: dict[str, tuple[Json, str]] = {
    "another role": ({"spec": {"executionRoleArn": "arn:aws:iam::123456789012:role/admin"}}, "spec"),
    "one argument": ({"spec": {"jobDriver": {"sparkSubmitJobDriver": {"entryPointArguments": ["x"]}}}}, "spec"),
    "a wish": ({"spec": {"cancel": True}}, "spec"),
    "a label": ({"metadata": {"labels": {"team": "other"}}}, "labels"),
    "a label less": ({"metadata": {"labels": {"kept": None}}}, "labels"),
    "no labels": ({"metadata": {"labels": None}}, "labels"),
    "an annotation": ({"metadata": {"annotations": {"kopf.zalando.org/last": "{}"}}}, "annotations"),
    "an owner": (
        {"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x"}]}},
        "ownerReferences",
    ),
    "another's finalizer less": ({"metadata": {"finalizers": [OURS]}}, "finalizer"),
    "no finalizers": ({"metadata": {"finalizers": None}}, "finalizer"),
    "another's finalizer more": ({"metadata": {"finalizers": [THEIRS, OURS, "example.com/new"]}}, "finalizer"),
}


@pytest.fixture
def thief(installed: World, namespace: str, start_operator: StartOperator) -> Account:
    """No operator runs meanwhile, so that each change is the thief's."""
    del start_operator
    return as_account(installed, NAMESPACE, ACCOUNT, namespace)


@pytest.fixture
def tenants_job(jobs: Jobs, thief: Account) -> Json:
    """A job that waits, with somebody's finalizer and label."""
    return jobs.runs.create("job", jobs.spec(suspend=True), finalizers=[THEIRS], labels={"kept": "yes"})


@pytest.mark.usefixtures("tenants_job")
def test_it_rewrites_nothing_of_an_object(thief: Account, jobs: Jobs) -> None:
    before = jobs.runs.get("job")
    for what, (patch, named) in REWRITES.items():
        with pytest.raises(ApiError) as refused:
            thief.runs.patch("job", patch)
        assert "the operator may" in refused.value.message, what
        assert named in refused.value.message, what
    assert jobs.runs.get("job") == before


def test_it_widens_no_policy(thief: Account, world: World) -> None:
    policies = Policies(world)
    spec = {"namespaces": {"names": [thief.namespace]}}
    before = policies.create("a", spec)
    path = EMR_JOB_POLICY.path(None, policies.name("a"))
    own = {"metadata": {"finalizers": [EMR_JOB_POLICY.finalizer]}}
    refused: list[Json] = [
        {"spec": {"allow": {"executionRoleArns": ["arn:aws:iam::123456789012:role/*"]}}},
        {"spec": {"namespaces": {"names": ["*"]}}},
        {"metadata": {"labels": {"team": "other"}}},
        {"metadata": {"finalizers": [THEIRS]}},
    ]
    try:
        for patch in refused:
            with pytest.raises(ApiError, match="the operator may"):
                thief.kube.request("PATCH", path, patch, content_type=MERGE)
        with pytest.raises(ApiError, match="forbidden"):
            thief.kube.request("DELETE", path)
        assert thief.kube.request("PATCH", path, own, content_type=MERGE)["spec"] == before["spec"]
    finally:
        policies.delete_all()


@pytest.mark.usefixtures("tenants_job")
def test_it_deletes_only_what_has_finished_and_asked_for_it(thief: Account, jobs: Jobs) -> None:
    """Deleting is what cancels a run."""
    jobs.runs.create("kept", jobs.spec(suspend=True))
    jobs.runs.create("brief", jobs.spec(suspend=True, ttlSecondsAfterFinished=60))
    for name in ("job", "kept", "brief"):
        with pytest.raises(ApiError, match="may delete only"):
            delete(thief, name)
    for name in ("kept", "brief"):
        thief.runs.patch(name, {"status": FINISHED}, subresource="status")
    with pytest.raises(ApiError, match="may delete only"):
        delete(thief, "kept")
    delete(thief, "brief")
    jobs.gone("brief")


def delete(account: Account, name: str) -> None:
    account.kube.request("DELETE", f"/apis/emrjobs.dev/v1alpha1/namespaces/{account.namespace}/emrjobruns/{name}")


def test_it_gives_no_object_the_token_of_another(thief: Account, jobs: Jobs, tenants_job: Json) -> None:
    uid = tenants_job["metadata"]["uid"]
    for token in ("64acab23-3127-4c91-8db0-c743bf82503a", f"x{uid}", uid[:-1]):
        with pytest.raises(ApiError, match=r"must begin with metadata\.uid"):
            thief.runs.patch("job", {"status": {"clientToken": token}}, subresource="status")
    for own in (uid, f"{uid}-2"):
        thief.runs.patch("job", {"status": {"clientToken": own}}, subresource="status")


def test_what_the_operator_itself_writes_passes_whatever_the_object_holds(thief: Account, jobs: Jobs) -> None:
    """Other finalizers, labels and annotations in any number, and the largest spec that is stored."""
    draw = random.Random(1)
    for number in range(6):
        name = f"any-{number}"
        marks = {f"example.com/m{index}": "x" * draw.randint(0, 500) for index in range(draw.choice((0, 1, 40)))}
        others = [f"example.com/f{index}" for index in range(draw.choice((1, 20)) if number else 0)]
        extra: Json = {"annotations": marks, "finalizers": others} if number else {}
        leaf = {"classification": "spark-env", "properties": {f"k{index}": "v" * 1000 for index in range(90)}}
        overrides = {"applicationConfiguration": [leaf] * draw.choice((1, 2, 14))}
        size = len(
            json.dumps(jobs.runs.create(name, jobs.spec(suspend=True, configurationOverrides=overrides), **extra))
        )
        for finalizers in ([*others, OURS], others):
            found = thief.runs.patch(name, {"metadata": {"finalizers": finalizers}})
            assert found["metadata"].get("finalizers", []) == finalizers, size


@pytest.mark.usefixtures("installed")
def test_an_object_with_a_foreign_token_from_before_is_not_stuck(thief: Account, jobs: Jobs, world: World) -> None:
    """Stored before the policy, or restored from a backup: the operator goes on to tell what it makes of it."""
    jobs.runs.create("old", jobs.spec(suspend=True))
    without = "validatingadmissionpolicybinding/emrjobs-status-is-the-operators"
    stored = json.loads(world.cluster.kubectl("get", without, "-o", "json").stdout)
    world.cluster.kubectl("delete", without)

    def write_foreign() -> bool:
        try:
            jobs.runs.patch("old", {"status": {"clientToken": "elsewhere", "state": "RUNNING"}}, subresource="status")
        except ApiError:
            return False
        return True

    until(write_foreign, 30, "the policy is off")
    again = {"apiVersion": stored["apiVersion"], "kind": stored["kind"], "spec": stored["spec"]}
    metadata = {"metadata": {"name": stored["metadata"]["name"]}}
    world.cluster.kubectl("create", "-f", "-", input=json.dumps({**again, **metadata}))

    def refuses_a_new_one() -> bool:
        # One that is stored already passes.
        new = {"status": {"clientToken": secrets.token_hex(4)}}
        try:
            thief.runs.patch("old", new, subresource="status", query={"dryRun": "All"})
        except ApiError:
            return True
        return False

    until(refuses_a_new_one, 30, "the policy is back")
    thief.runs.patch("old", {"status": {"state": "SUSPENDED"}}, subresource="status")
    thief.runs.patch("old", {"status": {"clientToken": None}}, subresource="status")
    status = jobs.status("old")
    assert (status["state"], status.get("clientToken")) == ("SUSPENDED", None)

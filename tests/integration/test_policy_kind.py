"""EmrJobPolicies of the cluster: what their status says, what their changes do, and what happens without them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.test_policies import five_lines, policy_of
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.rights import ACCOUNT, NAMESPACE
from tests.sandbox.world import World
from tests.support.fixtures import StartOperator
from tests.support.job_policies import MERGE, Policies
from tests.support.jobs import FOR_EVER, Jobs, ready
from tests.support.kube import ApiError, Json
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

RBAC = "/apis/rbac.authorization.k8s.io/v1"


@pytest.fixture
def policies(world: World) -> Iterator[Policies]:
    found = Policies(world)
    yield found
    found.delete_all()


@pytest.fixture
def start(start_operator: StartOperator) -> Callable[..., OperatorProcess]:
    """Start an operator that requires policies."""

    def begin(**environment: str) -> OperatorProcess:
        return start_operator(**{**ENVIRONMENT, "EMRJOBS_POLICY": "required", **environment})

    return begin


def test_five_lines_run_under_a_policy_that_tells_that_it_counts(
    jobs: Jobs, policies: Policies, start: Callable[..., OperatorProcess]
) -> None:
    start()
    made = policies.create("a", policy_of(jobs))
    policies.shows("a", "Accepted")
    run = jobs.runs.create("job", five_lines(jobs))
    status = jobs.reaches("COMPLETED")
    assert status["policy"] == {"name": policies.name("a"), "generation": made["metadata"]["generation"]}
    assert jobs.run_of(run)["tags"]["emrjobs.dev/policy"] == policies.name("a")


def test_a_policy_that_comes_changes_and_goes_is_felt_by_what_waits(
    jobs: Jobs, policies: Policies, start: Callable[..., OperatorProcess]
) -> None:
    start()
    run = jobs.runs.create("early", five_lines(jobs, FOR_EVER))
    jobs.explains("NoPolicy", "early")
    policies.create("a", policy_of(jobs))
    jobs.reaches("RUNNING", "early")

    policies.patch("a", {"allow": {"entryPoints": ["s3://elsewhere/"]}})
    policies.shows("a", "Accepted")
    jobs.runs.create("refused", five_lines(jobs))
    jobs.explains("NotAllowed", "refused")
    policies.delete("a")
    jobs.explains("NoPolicy", "refused")

    policies.create("b", policy_of(jobs))
    jobs.reaches("COMPLETED", "refused")
    assert jobs.status("early")["state"] == "RUNNING"
    assert jobs.run_of(run)["state"] == "RUNNING"


def test_a_policy_that_cannot_be_kept_opens_nothing_where_policies_are_optional(
    jobs: Jobs, policies: Policies, start: Callable[..., OperatorProcess]
) -> None:
    policies.create("a", policy_of(jobs, namespaces={"names": [jobs.runs.namespace], "selector": {}}))
    start(EMRJOBS_POLICY="optional")
    told = policies.shows("a", "NamespacesNotReadable")
    assert told["status"] == "False"
    jobs.runs.create("job", five_lines(jobs))
    jobs.explains("PolicyNotReady")
    policies.patch("a", {"namespaces": {"selector": None}})
    jobs.reaches("COMPLETED")


@pytest.fixture
def namespaces_readable(world: World) -> Iterator[None]:
    """As the chart grants it with policy.selectors."""
    name = "emrjobs-selectors"
    rule = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list", "watch"]}
    head = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": name}}
    subject = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": NAMESPACE}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
    world.kube.request("POST", f"{RBAC}/clusterroles", {**head, "kind": "ClusterRole", "rules": [rule]})
    binding = {**head, "kind": "ClusterRoleBinding", "roleRef": reference, "subjects": [subject]}
    world.kube.request("POST", f"{RBAC}/clusterrolebindings", binding)
    yield
    world.kube.request("DELETE", f"{RBAC}/clusterrolebindings/{name}")
    world.kube.request("DELETE", f"{RBAC}/clusterroles/{name}")


def test_labels_of_a_namespace_choose_its_policy(
    world: World,
    jobs: Jobs,
    policies: Policies,
    start: Callable[..., OperatorProcess],
    namespaces_readable: None,
) -> None:
    def label(value: str | None) -> None:
        body = {"metadata": {"labels": {"example.com/team": value}}}
        world.kube.request("PATCH", f"/api/v1/namespaces/{jobs.runs.namespace}", body, content_type=MERGE)

    selector = {"matchLabels": {"example.com/team": policies.name("a")}}
    policies.create("a", policy_of(jobs, namespaces={"selector": selector}))
    start(EMRJOBS_POLICY_SELECTORS="true")
    policies.shows("a", "Accepted")
    jobs.runs.create("job", five_lines(jobs, FOR_EVER))
    jobs.explains("NoPolicy")
    label(policies.name("a"))
    jobs.reaches("RUNNING")
    label(None)
    jobs.runs.create("later", five_lines(jobs))
    jobs.explains("NoPolicy", "later")
    assert jobs.status()["state"] == "RUNNING"


REFUSED_BY_THE_SCHEMA: dict[str, tuple[Any, str]] = {
    "no namespaces": ({"allow": {}}, "spec.namespaces"),
    "a star in a bucket": (
        {"namespaces": {"names": ["a"]}, "allow": {"entryPoints": ["s3://team-*/"]}},
        "spec.allow.entryPoints",
    ),
    "an external id without a role": (
        {"namespaces": {"names": ["a"]}, "aws": {"externalId": "secret"}},
        "aws.externalId needs aws.roleArn",
    ),
    "a default that its own list excludes": (
        {
            "namespaces": {"names": ["a"]},
            "defaults": {"virtualClusterId": "abc"},
            "allow": {"virtualClusterIds": ["def"]},
        },
        "defaults.virtualClusterId must be in allow.virtualClusterIds",
    ),
}


@pytest.mark.parametrize(("spec", "said"), REFUSED_BY_THE_SCHEMA.values(), ids=REFUSED_BY_THE_SCHEMA)
def test_the_api_server_refuses_a_mistake_by_name(spec: Json, said: str, policies: Policies) -> None:
    with pytest.raises(ApiError) as refused:
        policies.create("a", spec)
    assert refused.value.code == 422
    assert said in refused.value.message


def name_of(job: Json) -> str:
    return str(job["metadata"]["name"])


def runs_and_waits(jobs: Jobs, *, running: int, waiting: int) -> None:
    """So many are RUNNING, and so many say that they wait for the limit."""

    def probe() -> bool:
        statuses = [item.get("status", {}) for item in jobs.runs.list()]
        told = [ready(status)["reason"] for status in statuses if status.get("conditions")]
        states = [status.get("state") for status in statuses]
        return (states.count("RUNNING"), told.count("LimitReached")) == (running, waiting)

    until(probe, 30, lambda: f"{running} run and {waiting} wait, not {jobs.states()}")


def test_as_many_run_at_once_as_the_policy_allows_also_after_a_crash(
    jobs: Jobs, policies: Policies, start: Callable[..., OperatorProcess], world: World
) -> None:
    policies.create("a", policy_of(jobs, limits={"maxActiveRuns": 2}))
    first = start()
    made = [jobs.runs.create(f"job-{number}", five_lines(jobs, FOR_EVER)) for number in range(5)]
    runs_and_waits(jobs, running=2, waiting=3)

    first.kill()
    world.forget_leases()
    world.operator(**{**ENVIRONMENT, "EMRJOBS_POLICY": "required"})
    ended, suspended = (name_of(job) for job in made if jobs.status(name_of(job))["state"] == "RUNNING")
    jobs.runs.patch_spec(ended, cancel=True)
    runs_and_waits(jobs, running=2, waiting=2)
    jobs.runs.patch_spec(suspended, suspend=True)
    runs_and_waits(jobs, running=2, waiting=1)
    assert len(jobs.at_endpoint()) == 4
    policies.patch("a", {"limits": {"maxActiveRuns": 3}})
    runs_and_waits(jobs, running=3, waiting=0)
    jobs.one_run_each(made)
    until(lambda: policies.status("a").get("activeRuns") == 3, 60, "the policy shows what is active")

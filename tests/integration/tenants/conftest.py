"""What a platform team installs: the chart's roles and its admission policies."""

import json
import secrets
from collections.abc import Iterator

import pytest

from tests.integration.tenants.roles import Account, with_cluster_role
from tests.sandbox.rights import STATUS
from tests.sandbox.world import World
from tests.support.charts import Chart
from tests.support.jobs import spark_pi
from tests.support.kube import ApiError
from tests.support.poll import until

OF_THE_CLUSTER = ("ClusterRole", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")


@pytest.fixture
def neighbour(world: World) -> Iterator[str]:
    """The namespace of another team."""
    name = f"neighbour-{secrets.token_hex(4)}"
    world.kube.create_namespace(name)
    yield name
    world.remove_namespace(name)


@pytest.fixture
def installed(world: World, chart: Chart, namespace: str) -> Iterator[World]:
    """A world with the chart's objects of the cluster, in force. Afterwards tests may write statuses again."""
    objects = chart.render().of(*OF_THE_CLUSTER)
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    world.cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input=listed)
    world.kube.runs(namespace).create("probe", spark_pi("probe", suspend=True))
    try:
        until(lambda: not takes_a_status(world, namespace), 30, "nobody but the operator writes a status")
        yield world
    finally:
        policies = "validatingadmissionpolicies,validatingadmissionpolicybindings"
        world.cluster.kubectl("delete", policies, STATUS)
        until(lambda: takes_a_status(world, namespace), 30, "tests write statuses again")


@pytest.fixture
def editor(installed: World, namespace: str) -> Account:
    """A tenant: the built-in role `edit` in one namespace, which the chart's roles add to."""
    return with_cluster_role(installed, namespace, "edit")


def takes_a_status(world: World, namespace: str) -> bool:
    """Whether the admin could write a status, tried without doing it."""
    body = {"status": {"state": "QUEUED"}}
    try:
        world.kube.runs(namespace).patch("probe", body, subresource="status", query={"dryRun": "All"})
    except ApiError as error:
        return "status is written by the operator alone" not in error.message
    return True

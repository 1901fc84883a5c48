"""People and programs with the rights of a role: each is a ServiceAccount with a token of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.sandbox.world import World
from tests.support.kube import ApiError, Json, Kube, Runs
from tests.support.poll import until

_RBAC: Final = "rbac.authorization.k8s.io"

EVERYTHING_OF_OURS: Final[Json] = {"apiGroups": ["emrjobs.dev"], "resources": ["*"], "verbs": ["*"]}
"""The rule of many a home-made role: it gives the status too."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who acts in one namespace."""

    kube: Kube
    namespace: str

    @property
    def runs(self) -> Runs:
        return self.kube.runs(self.namespace)

    def may(
        self, verb: str, resource: str, namespace: str, *, group: str = "emrjobs.dev", subresource: str = ""
    ) -> bool:
        """What the API server's authorizer says of this account."""
        attributes = {
            "verb": verb,
            "group": group,
            "resource": resource,
            "subresource": subresource,
            "namespace": namespace,
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        review = self.kube.request("POST", path, {"spec": {"resourceAttributes": attributes}})
        return bool(review["status"]["allowed"])


def with_cluster_role(world: World, namespace: str, role: str) -> Account:
    """An account that a RoleBinding gives one of the cluster's roles in its namespace, such as `edit`."""
    return _bound(world, namespace, role, {"kind": "ClusterRole", "name": role})


def with_rules(world: World, namespace: str, name: str, rules: Sequence[Json]) -> Account:
    """An account with a Role of its own."""
    path = f"/apis/{_RBAC}/v1/namespaces/{namespace}/roles"
    world.kube.request("POST", path, {"metadata": {"name": name}, "rules": list(rules)})
    return _bound(world, namespace, name, {"kind": "Role", "name": name})


def as_account(world: World, namespace: str, name: str, acts_in: str) -> Account:
    """Somebody who has got hold of a token of an account that is there."""
    kubeconfig = world.cluster.kubeconfig_for_service_account(namespace, name)
    return Account(Kube.from_kubeconfig(kubeconfig), acts_in)


def _bound(world: World, namespace: str, name: str, role: Json) -> Account:
    kube = world.kube
    kube.request("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": name}})
    binding = {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": _RBAC, **role},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
    }
    kube.request("POST", f"/apis/{_RBAC}/v1/namespaces/{namespace}/rolebindings", binding)
    account = as_account(world, namespace, name, namespace)
    until(lambda: account.may("get", "emrjobruns", namespace), 30, f"{name} has its rights")
    return account


def refusal(error: ApiError) -> str:
    """Why the API server refused, in its own words."""
    return f"{error.code} {error.message}"

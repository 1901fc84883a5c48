"""The operator's rights as Kubernetes objects, made from the one rules file. Pure, apart from reading it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.sandbox.paths import ADMISSION, RULES

NAMESPACE = "emrjobs-system"
ACCOUNT = "emrjobs"
USER = f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}"
"""The operator's name at the API server, as its audit log shows it."""
CONFINED = "emrjobs-operator-confined"
STATUS = "emrjobs-status-is-the-operators"
"""The two ValidatingAdmissionPolicies and their bindings. Tests write statuses themselves, so only some apply this."""

Json = dict[str, Any]


def objects(namespaces: Sequence[str] = (), rules: Path = RULES) -> list[Json]:
    """Return namespace, account, roles and bindings; with `namespaces`, rights in these and nowhere else.

    As with the chart, what confines the operator is an object of the cluster, and so is left out where those are.
    """
    given = yaml.safe_load(rules.read_text(encoding="utf-8"))
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": ACCOUNT, "namespace": NAMESPACE},
    }
    found = [_namespace(name) for name in (NAMESPACE, *namespaces)]
    found += [account, *_granted("emrjobs-lease", NAMESPACE, given["leaseRules"])]
    if not namespaces:
        return found + _granted(ACCOUNT, None, [*given["rules"], *given["clusterRules"]]) + admission_policy(CONFINED)
    for namespace in namespaces:
        found += _granted(ACCOUNT, namespace, given["rules"])
    return found


def admission_policy(name: str) -> list[Json]:
    """Return a policy of the plain manifest with its binding."""
    items: list[Json] = yaml.safe_load(ADMISSION.read_text(encoding="utf-8"))["items"]
    return [item for item in items if item["metadata"]["name"] == name]


def _namespace(name: str) -> Json:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _granted(name: str, namespace: str | None, rules: list[Json]) -> list[Json]:
    """Return a role and its binding to the operator's account: of the cluster where no namespace is given."""
    prefix = "" if namespace else "Cluster"
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    version = "rbac.authorization.k8s.io/v1"
    role = {"apiVersion": version, "kind": f"{prefix}Role", "metadata": metadata, "rules": rules}
    binding = {
        "apiVersion": version,
        "kind": f"{prefix}RoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": f"{prefix}Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": NAMESPACE}],
    }
    return [role, binding]

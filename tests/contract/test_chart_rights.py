"""The chart's rights: the one rules file and nothing else, and nothing of the cluster where namespaces are named."""

from typing import Any

import pytest
import yaml

from tests.chart.variants import BARE, NAMED, NAMESPACE, RELEASE, VARIANTS
from tests.sandbox.paths import RULES
from tests.support.charts import Chart, Json, Rendered

pytestmark = pytest.mark.timeout(600)

GIVEN: Json = yaml.safe_load(RULES.read_text(encoding="utf-8"))
OF_THE_CLUSTER = ("ClusterRole", "ClusterRoleBinding")
NAMED_ONLY = {"watch": {"namespaces": list(NAMED)}}
WITH_NAMES = {name: values for name, values in VARIANTS.items() if "watch" in values}


def places(rendered: Rendered, kind: str) -> set[tuple[str, str]]:
    """Namespace and name of each object that belongs to the release; those of hooks do not."""
    return {
        (item["metadata"].get("namespace", ""), item["metadata"]["name"])
        for item in rendered.of(kind)
        if "helm.sh/hook" not in item["metadata"].get("annotations", {})
    }


def hook(item: Json) -> str:
    return str(item["metadata"]["annotations"]["helm.sh/hook"])


def test_the_whole_cluster_takes_one_role_with_the_rules_of_the_file(chart: Chart) -> None:
    rendered = chart.render()
    assert rendered.one("ClusterRole", RELEASE)["rules"] == [*GIVEN["rules"], *GIVEN["clusterRules"]]
    assert places(rendered, "ClusterRoleBinding") == {("", RELEASE)}
    assert places(rendered, "Role") == places(rendered, "RoleBinding") == {(NAMESPACE, f"{RELEASE}-lease")}


def test_namespaces_may_be_read_only_where_policies_select_by_labels(chart: Chart) -> None:
    rules = chart.render({"policy": {"selectors": True}}).one("ClusterRole", RELEASE)["rules"]
    assert rules == [*GIVEN["rules"], *GIVEN["clusterRules"], *GIVEN["selectorRules"]]


@pytest.mark.parametrize("readable", [False, True])
def test_policies_are_read_by_the_built_in_roles_only_where_that_is_asked_for(chart: Chart, readable: bool) -> None:
    rendered = chart.render({"policy": {"readable": readable}})
    for name in ("view", "edit", "admin"):
        rules = rendered.one("ClusterRole", f"{RELEASE}-{name}")["rules"]
        found = [rule["verbs"] for rule in rules if "emrjobpolicies" in rule["resources"]]
        assert found == ([["get", "list", "watch"]] if readable else [])


def test_only_the_operators_own_lease_may_be_read_and_changed(chart: Chart) -> None:
    """Another one in the same namespace may say who leads something else."""
    for settings, name in ({}, RELEASE), ({"leaseName": "mine"}, "mine"):
        rules = chart.render({"settings": settings}).one("Role", f"{RELEASE}-lease")["rules"]
        named = [{**rule, "resourceNames": [name]} if "resourceNames" in rule else rule for rule in GIVEN["leaseRules"]]
        assert rules == named
        assert {verb for rule in rules for verb in rule["verbs"] if "resourceNames" not in rule} == {"create"}


def test_named_namespaces_take_a_role_each_and_nothing_of_the_cluster(chart: Chart) -> None:
    rendered = chart.render({**NAMED_ONLY, "crds": {"install": False}})
    expected = {*((namespace, RELEASE) for namespace in NAMED), (NAMESPACE, f"{RELEASE}-lease")}
    assert places(rendered, "Role") == places(rendered, "RoleBinding") == expected
    assert rendered.of(*OF_THE_CLUSTER, "CustomResourceDefinition") == []
    assert all(item["metadata"].get("namespace") for item in rendered.objects)
    roles = [role for role in rendered.of("Role") if role["metadata"]["name"] == RELEASE]
    assert [role["rules"] for role in roles] == [GIVEN["rules"]] * len(NAMED)


@pytest.mark.parametrize("values", WITH_NAMES.values(), ids=WITH_NAMES)
def test_no_variant_with_named_namespaces_has_a_role_of_the_cluster(values: Json, chart: Chart) -> None:
    rendered = chart.render(values)
    assert rendered.of(*OF_THE_CLUSTER) == []
    assert {item["roleRef"]["kind"] for item in rendered.of("RoleBinding")} == {"Role"}


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_every_binding_is_to_the_operators_account_which_all_pods_use(values: Json, chart: Chart) -> None:
    rendered = chart.render(values)
    accounts = {spec["serviceAccountName"] for spec in rendered.pod_specs().values()}
    assert len(accounts) == 1
    subject = {"kind": "ServiceAccount", "name": accounts.pop(), "namespace": NAMESPACE}
    for binding in rendered.of("RoleBinding", "ClusterRoleBinding"):
        assert binding["subjects"] == [subject]
        role = rendered.of(binding["roleRef"]["kind"])
        names = {(item["metadata"].get("namespace"), item["metadata"]["name"]) for item in role}
        assert (binding["metadata"].get("namespace"), binding["roleRef"]["name"]) in names


def test_people_with_the_built_in_roles_get_what_these_say(chart: Chart) -> None:
    rendered = chart.render()
    verbs: dict[str, set[str]] = {}
    for role in ("view", "edit", "admin"):
        found = rendered.one("ClusterRole", f"{RELEASE}-{role}")
        aggregation = {k: v for k, v in found["metadata"]["labels"].items() if k.startswith("rbac")}
        assert aggregation == {f"rbac.authorization.k8s.io/aggregate-to-{role}": "true"}
        assert {tuple(rule["resources"]) for rule in found["rules"]} == {("emrjobruns",), ("emrjobruns/status",)}
        assert [rule["verbs"] for rule in found["rules"] if rule["resources"] == ["emrjobruns/status"]] == [["get"]]
        verbs[role] = set(found["rules"][0]["verbs"])
    assert verbs["view"] == {"get", "list", "watch"}
    assert (
        verbs["edit"] == verbs["admin"] == verbs["view"] | {"create", "update", "patch", "delete", "deletecollection"}
    )


def test_each_of_these_roles_can_be_left_out(chart: Chart) -> None:
    rendered = chart.render({"rbac": {"aggregateTo": {"edit": False, "admin": False}}})
    assert places(rendered, "ClusterRole") == {("", RELEASE), ("", f"{RELEASE}-view")}


def test_rights_can_be_brought(chart: Chart) -> None:
    rendered = chart.render({**BARE, "uninstall": {"release": True}, "tests": {"enabled": True}})
    assert rendered.of(*OF_THE_CLUSTER, "Role", "RoleBinding", "ServiceAccount") == []
    assert {spec["serviceAccountName"] for spec in rendered.pod_specs().values()} == {"brought"}


def test_an_account_that_is_brought_has_a_name(chart: Chart) -> None:
    assert "serviceAccount.name is needed" in chart.refusal({"serviceAccount": {"create": False}})


def test_the_account_carries_the_annotations_and_lends_no_token_by_itself(chart: Chart) -> None:
    annotations = {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/emrjobs"}
    (account,) = chart.render({"serviceAccount": {"annotations": annotations, "name": "given"}}).of("ServiceAccount")
    assert account["metadata"]["annotations"] == annotations
    assert account["metadata"]["name"] == "given"
    assert account["automountServiceAccountToken"] is False
    assert "annotations" not in chart.render().of("ServiceAccount")[0]["metadata"]


@pytest.mark.parametrize("values", [{}, NAMED_ONLY], ids=["whole cluster", "named namespaces"])
def test_uninstalling_adds_three_rights_in_the_releases_namespace_while_it_lasts(values: Json, chart: Chart) -> None:
    rendered = chart.render(values)
    role = rendered.one("Role", f"{RELEASE}-release")
    assert role["rules"] == [
        {
            "apiGroups": ["apps"],
            "resources": ["deployments/scale"],
            "resourceNames": [RELEASE],
            "verbs": ["patch"],
        },
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
        {
            "apiGroups": ["coordination.k8s.io"],
            "resources": ["leases"],
            "resourceNames": [RELEASE],
            "verbs": ["delete"],
        },
    ]
    for item in (role, rendered.one("RoleBinding", f"{RELEASE}-release")):
        assert item["metadata"]["namespace"] == NAMESPACE
        assert hook(item) == "pre-delete"
        policy = item["metadata"]["annotations"]["helm.sh/hook-delete-policy"].split(",")
        assert set(policy) == {"before-hook-creation", "hook-succeeded", "hook-failed"}


def test_a_lease_elsewhere_or_none_is_not_deleted(chart: Chart) -> None:
    for settings in ({"leaseNamespace": "leases"}, {"leaderElection": False}):
        rendered = chart.render({"settings": settings, "replicaCount": 1})
        assert len(rendered.one("Role", f"{RELEASE}-release")["rules"]) == 2
        args = rendered.pod_specs()["release"]["containers"][0]["args"]
        assert not [argument for argument in args if argument.startswith("--delete-lease")]


def test_the_test_may_read_this_one_deployment(chart: Chart) -> None:
    rendered = chart.render()
    rule = {"apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": [RELEASE], "verbs": ["get"]}
    assert rendered.one("Role", f"{RELEASE}-check")["rules"] == [rule]
    assert hook(rendered.one("Role", f"{RELEASE}-check")) == "test"


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_nothing_may_read_secrets_or_config_maps_and_nothing_is_a_wildcard(values: Json, chart: Chart) -> None:
    rendered = chart.render(values)
    rules: list[Any] = [rule for item in rendered.of("Role", "ClusterRole") for rule in item["rules"]]
    for rule in rules:
        assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
        assert not {"secrets", "configmaps"} & set(rule["resources"])
    assert rendered.of("Secret", "ValidatingWebhookConfiguration") == []

"""The chart's admission policies: the plain manifest under the release's names, where cluster objects may be made."""

import pytest
import yaml

from tests.chart.variants import BARE, NAMED, NAMESPACE, RELEASE
from tests.sandbox.paths import ADMISSION
from tests.sandbox.rights import USER
from tests.support.charts import Chart, Json, Rendered

pytestmark = pytest.mark.timeout(600)

KINDS = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
WITHOUT: dict[str, Json] = {
    "switched off": {"admission": {"enabled": False}},
    "named namespaces": {"watch": {"namespaces": list(NAMED)}},
}


def specs(items: list[Json]) -> dict[tuple[str, str], Json]:
    return {(item["kind"], item["metadata"]["name"]): item["spec"] for item in items}


def status_writers(rendered: Rendered) -> str:
    """The expression that says who writes the status."""
    policy = rendered.one(KINDS[0], f"{RELEASE}-status-is-the-operators")
    return str(policy["spec"]["validations"][0]["expression"])


def test_with_the_usual_names_the_chart_makes_what_the_plain_manifest_says(chart: Chart) -> None:
    plain = yaml.safe_load(ADMISSION.read_text(encoding="utf-8"))["items"]
    assert (RELEASE, NAMESPACE) == ("emrjobs", "emrjobs-system")
    assert specs(chart.render().of(*KINDS)) == specs(plain)


def test_another_release_has_policies_of_its_own_for_its_own_account(chart: Chart) -> None:
    rendered = chart.render({"fullnameOverride": "blue", "serviceAccount": {"name": "robot"}})
    found = specs(rendered.of(*KINDS))
    assert {name for _, name in found} == {"blue-operator-confined", "blue-status-is-the-operators"}
    assert all(found[KINDS[1], name]["policyName"] == name for _, name in found)
    text = yaml.safe_dump(list(found.values()))
    assert USER not in text
    assert text.count(f"system:serviceaccount:{NAMESPACE}:robot") == len(found) // 2


@pytest.mark.parametrize("values", WITHOUT.values(), ids=WITHOUT)
def test_there_are_none(values: Json, chart: Chart) -> None:
    assert chart.render(values).of(*KINDS) == []


def test_an_account_that_is_brought_is_confined_too(chart: Chart) -> None:
    brought = chart.render({**BARE, "admission": {"enabled": True}})
    assert f"system:serviceaccount:{NAMESPACE}:brought" in yaml.safe_dump(brought.of(*KINDS))


def test_with_a_default_ttl_the_operator_may_delete_whatever_has_finished(chart: Chart) -> None:
    asked = "oldObject.spec.ttlSecondsAfterFinished"
    with_default = yaml.safe_dump(chart.render({"settings": {"defaultTtl": 86400}}).of(*KINDS), width=10_000)
    assert asked in yaml.safe_dump(chart.render().of(*KINDS), width=10_000)
    assert asked not in with_default
    assert "condition.type == 'Finished'" in with_default.replace("''", "'")


def test_more_may_write_the_status_where_the_values_name_them(chart: Chart) -> None:
    assert status_writers(chart.render()) == f"request.userInfo.username in ['{USER}']"
    other = "system:serviceaccount:green:emrjobs"
    written = status_writers(chart.render({"admission": {"statusWriters": [other]}}))
    assert written == f"request.userInfo.username in ['{USER}', '{other}']"


def test_a_name_cannot_end_the_expression(chart: Chart) -> None:
    assert "statusWriters" in chart.refusal({"admission": {"statusWriters": ["x'] || true || '' in ['"]}})

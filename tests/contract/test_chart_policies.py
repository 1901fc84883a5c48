"""Policies in the chart's values: the file that the operator reads is made of them as they are."""

from typing import Any

import pytest
import yaml

from emrjobs.core.job_policy.manifests import read_policies
from tests.chart.variants import RELEASE
from tests.support.charts import Chart, Json, Rendered

# The first use may build Helm.
pytestmark = pytest.mark.timeout(600)

POLICIES: list[Json] = [
    {
        "name": "team-a",
        "spec": {
            "namespaces": {"names": ["team-a", "team-a-*"]},
            "defaults": {"releaseLabel": "emr-7.9.0-latest", "tags": {"on": "yes", "template": "{{ .Values }}"}},
            "allow": {"entryPoints": ["s3://bucket/code/"]},
            "limits": {"maxActiveDeadlineSeconds": 2592000},
        },
    },
    {"name": "team-b", "spec": {"namespaces": {"names": ["team-b"]}, "allow": {}}},
]


def file_of(rendered: Rendered) -> str:
    """What a pod finds in the place that the operator's variable names."""
    container, environment = rendered.container(), rendered.environment()
    folder, _, name = environment["EMRJOBS_POLICY_FILE"].rpartition("/")
    (mount,) = (mount for mount in container["volumeMounts"] if mount["mountPath"] == folder)
    assert "subPath" not in mount, "a change would not reach a pod that runs"
    volumes = rendered.deployment()["spec"]["template"]["spec"]["volumes"]
    (volume,) = (volume for volume in volumes if volume["name"] == mount["name"])
    text: str = rendered.one("ConfigMap", volume["configMap"]["name"])["data"][name]
    return text


def test_the_operators_file_holds_the_policies_as_they_are_given(chart: Chart) -> None:
    text = file_of(chart.render({"policy": {"inline": POLICIES}}))
    documents = list(yaml.safe_load_all(text))
    assert [{"name": item["metadata"]["name"], "spec": item["spec"]} for item in documents] == POLICIES
    assert [policy.name for policy in read_policies(text)] == ["team-a", "team-b"]


def test_without_policies_there_is_no_file(chart: Chart) -> None:
    rendered = chart.render()
    assert not rendered.of("ConfigMap")
    assert "EMRJOBS_POLICY_FILE" not in rendered.environment()
    assert f"{RELEASE}-policies" not in str(rendered.deployment())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"settings": {"policy": "required"}, "watch": {"namespaces": ["team-a"]}},
            "settings.policy=required needs policy.inline or settings.policyFile where watch.namespaces are named",
        ),
        (
            {"settings": {"policyFile": "/mine"}, "policy": {"inline": POLICIES}},
            "policy.inline and settings.policyFile exclude each other",
        ),
        ({"policy": {"inline": [{"name": "no-spec"}]}}, "missing property 'spec'"),
        ({"policy": {"inline": [{"spec": {}}]}}, "missing property 'name'"),
    ],
)
def test_values_that_contradict_each_other_are_refused(values: dict[str, Any], said: str, chart: Chart) -> None:
    assert said in chart.refusal(values)

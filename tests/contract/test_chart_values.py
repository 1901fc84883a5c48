"""The chart's values: strict, described, and everything that is made of them up to date."""

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from emrjobs.core.quota import AWS_DEFAULTS
from tests.chart.__main__ import main, outdated
from tests.chart.comments import comments
from tests.chart.variants import VARIANTS
from tests.sandbox.paths import CHART, CRDS, ROOT
from tests.support.charts import Chart, Json

# The first use may build Helm.
pytestmark = pytest.mark.timeout(600)

VALUES: Json = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
SCHEMA: Json = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))


def groups(schema: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all maps whose keys are known."""
    if schema.get("additionalProperties") is False:
        yield path
        for name, member in schema["properties"].items():
            yield from groups(member, (*path, name))


def members(schema: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    for name, member in schema["properties"].items():
        place = f"{path}.{name}".lstrip(".")
        if "properties" in member and "description" not in member:
            yield from members(member, place)
        else:
            yield place, member


def nested(path: tuple[str, ...], value: Any) -> Any:
    return nested(path[:-1], {path[-1]: value}) if path else value


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_helm_finds_nothing_wrong(values: Json, chart: Chart) -> None:
    (chart.folder / "lint.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    said = chart.helm.run("lint", "--strict", str(CHART), "--values", str(chart.folder / "lint.yaml")).stdout
    assert "1 chart(s) linted, 0 chart(s) failed" in said


@pytest.mark.parametrize("path", list(groups(SCHEMA)), ids=lambda path: ".".join(path) or "at the top")
def test_an_unknown_value_is_refused_with_its_name(path: tuple[str, ...], chart: Chart) -> None:
    said = chart.refusal(nested(path, {"mistaken": 1}))
    assert f"at '{''.join(f'/{part}' for part in path)}'" in said
    assert "'mistaken' not allowed" in said


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("replicaCount", "two"),
        ("replicaCount", -1),
        ("image.digest", "sha256:123"),
        ("image.pullPolicy", "Sometimes"),
        ("watch.namespaces", ["Team A"]),
        ("watch.namespaces", ["a", "a"]),
        ("watch.namespaces", "team-a"),
        ("aws.region", "Ireland"),
        ("aws.stsRegionalEndpoints", "global"),
        ("settings.quotas", "none"),
        ("settings.quotas", {"StartJob": [1, 1]}),
        ("settings.quotas", {"StartJobRun": [1]}),
        ("settings.quotaShare", 1.5),
        ("settings.httpPort", 0),
        ("settings.logFormat", "xml"),
        ("settings.grace", "5m"),
        ("settings.workers", 1.5),
        ("podDisruptionBudget.maxUnavailable", "some"),
        ("metrics.serviceMonitor.interval", 30),
        ("commonLabels", {"count": 1}),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(path: str, value: object, chart: Chart) -> None:
    assert f"at '/{path.replace('.', '/')}" in chart.refusal(nested(tuple(path.split(".")), value))


def test_a_chart_may_depend_on_this_one(chart: Chart) -> None:
    """Helm hands over what is global, and the condition's value."""
    parent = chart.folder / "parent"
    shutil.copytree(CHART, parent / "charts" / "emrjobs")
    dependency = {"name": "emrjobs", "version": ">=0.0.0", "condition": "emrjobs.enabled"}
    described = {"apiVersion": "v2", "name": "parent", "version": "1.0.0", "dependencies": [dependency]}
    (parent / "Chart.yaml").write_text(yaml.safe_dump(described), encoding="utf-8")
    values = {"emrjobs": {"enabled": True, "replicaCount": 5}, "global": {"team": "data"}}
    (parent / "values.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    said = chart.helm.run("template", "all", str(parent)).stdout
    assert "replicas: 5" in said


def test_a_default_can_be_taken_away(chart: Chart) -> None:
    """As platforms need it that choose users and limits themselves."""
    texts = ("commonLabels", "commonAnnotations", "podLabels", "podAnnotations")
    gone = dict.fromkeys((*texts, "podSecurityContext", "startupProbe", "livenessProbe", "readinessProbe"))
    rendered = chart.render({**gone, "resources": {"limits": None}, "settings": {"workers": None}})
    assert "securityContext" not in rendered.deployment()["spec"]["template"]["spec"]
    assert rendered.container()["resources"].keys() == {"requests"}
    assert not [member for member in rendered.container() if member.endswith("Probe")]
    assert "EMRJOBS_WORKERS" not in rendered.environment()


def test_every_value_has_a_description_and_a_default_in_the_schema() -> None:
    found = {path: member for path, member in members(SCHEMA) if path not in ("global", "enabled")}
    assert len(found) > 80
    for path, member in found.items():
        assert member["description"].endswith("."), path
        default = VALUES
        for part in path.split("."):
            default = default[part]
        assert member["default"] == default, path


def test_every_description_is_in_the_table_of_values() -> None:
    text = (CHART / "README.md").read_text(encoding="utf-8")
    said = comments((CHART / "values.yaml").read_text(encoding="utf-8"), {})
    assert all(f"| `{path}` | " in text for path in said)
    assert text.count("\n| `") >= len(said)


def test_what_is_generated_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("values.yaml", "  # -- Objects worked on at the same time.\n  workers: 32\n", ""),
        ("values.yaml", "replicaCount: 2", "replicaCount: 3"),
        ("values.schema.json", '"additionalProperties": false', '"additionalProperties": true'),
        ("README.md", "| `replicaCount` | `2` |", "| `replicaCount` | `1` |"),
        ("files/settings.yaml", "environment: EMRJOBS_WORKERS", "environment: EMRJOBS_WORKER"),
        ("templates/crd-emrjobruns.yaml", "shortNames", "shortNamez"),
    ],
)
def test_a_change_by_hand_is_noticed(file: str, old: str, new: str, tmp_path: Path) -> None:
    copy = tmp_path / "emrjobs"
    shutil.copytree(CHART, copy)
    assert outdated(copy, CRDS) == []
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    assert outdated(copy, CRDS) != []


def test_the_copy_of_a_crd_that_is_gone_is_noticed(tmp_path: Path) -> None:
    copy = tmp_path / "emrjobs"
    shutil.copytree(CHART, copy)
    (copy / "templates" / "crd-gone.yaml").touch()
    assert outdated(copy, CRDS) == [copy / "templates" / "crd-gone.yaml"]


def test_the_chart_is_of_the_operators_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    described = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert described["appVersion"] == project["version"]
    assert described["description"] == project["description"]


def test_an_older_kubernetes_is_refused(chart: Chart) -> None:
    done = chart.helm.run("template", str(CHART), "--kube-version", "1.29.9", check=False)
    assert done.returncode != 0
    assert "incompatible with Kubernetes v1.29.9" in done.stderr
    for newer in ("1.30.0", "v1.33.4-eks-1a2b3c4"):
        assert chart.render(None, "--kube-version", newer).objects


def test_the_packed_chart_renders_the_same(chart: Chart) -> None:
    said = chart.helm.run("package", str(CHART), "--destination", str(chart.folder)).stdout
    archive = said.strip().rsplit(" ", 1)[-1]
    packed, unpacked = (chart.helm.run("template", "emrjobs", source).stdout for source in (archive, str(CHART)))
    assert packed == unpacked


def test_every_operation_with_a_quota_has_its_place_in_the_schema() -> None:
    assert set(SCHEMA["properties"]["settings"]["properties"]["quotas"]["properties"]) == set(AWS_DEFAULTS)

"""The chart as Helm renders it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.variants import NAMESPACE, RELEASE
from tests.sandbox.helm import Helm, program
from tests.sandbox.paths import CHART
from tests.support.built import built_or_skipped

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """All objects of one rendering, hooks included."""

    objects: list[Json]

    def of(self, *kinds: str) -> list[Json]:
        return [item for item in self.objects if item["kind"] in kinds]

    def one(self, kind: str, name: str) -> Json:
        """The object; there must be exactly one."""
        (found,) = (item for item in self.of(kind) if item["metadata"]["name"] == name)
        return found

    def deployment(self) -> Json:
        (found,) = self.of("Deployment")
        return found

    def container(self) -> Json:
        """The operator's container."""
        (found,) = self.deployment()["spec"]["template"]["spec"]["containers"]
        return dict(found)

    def environment(self) -> dict[str, str]:
        """The operator's variables. A later one of the same name wins, as in a pod."""
        return {item["name"]: item["value"] for item in self.container()["env"]}

    def pod_specs(self) -> dict[str, Json]:
        """By component: the operator's, and those of hooks."""
        pods = {item["metadata"]["labels"]["app.kubernetes.io/component"]: item["spec"] for item in self.of("Pod")}
        for item in self.of("Deployment", "Job"):
            pods[item["metadata"]["labels"]["app.kubernetes.io/component"]] = item["spec"]["template"]["spec"]
        return pods


@dataclass(frozen=True, slots=True)
class Chart:
    """Helm and a folder for the files that it is given."""

    helm: Helm
    folder: Path

    def render(self, values: Json | None = None, *args: str) -> Rendered:
        """Raises `HelmFailed` where Helm refuses."""
        said = self.helm.run("template", RELEASE, str(CHART), *self._given(values), *args).stdout
        return Rendered(_objects(yaml.safe_load_all(said)))

    def refusal(self, values: Json) -> str:
        """What Helm says about values that it must refuse."""
        done = self.helm.run("template", RELEASE, str(CHART), *self._given(values), check=False)
        assert done.returncode != 0, f"accepted: {values}"
        return done.stderr

    def _given(self, values: Json | None) -> list[str]:
        path = self.folder / "values.yaml"
        path.write_text(yaml.safe_dump(values or {}), encoding="utf-8")
        return ["--namespace", NAMESPACE, "--values", str(path)]


def _objects(documents: Iterable[Json | None]) -> list[Json]:
    return [document for document in documents if document]


@pytest.fixture(scope="session")
def helm_program(pytestconfig: pytest.Config) -> Path:
    return built_or_skipped(pytestconfig, program, "Helm")


@pytest.fixture
def chart(helm_program: Path, tmp_path: Path) -> Chart:
    return Chart(Helm(helm_program, tmp_path), tmp_path)

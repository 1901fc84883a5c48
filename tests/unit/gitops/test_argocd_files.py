"""The generated files of gitops/argocd say what the scripts say."""

import yaml

from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.kind import GROUP
from tests.sandbox.argocd import ACTIONS, text
from tests.support.argocd_files import FRAGMENT, out_of_date


def test_they_are_up_to_date() -> None:
    assert out_of_date() == [], "run python -m tests.support.argocd_files"


def test_argo_cd_reads_the_scripts_out_of_the_fragment() -> None:
    found = yaml.safe_load(FRAGMENT.read_text(encoding="utf-8"))
    data = found["data"]

    actions = yaml.safe_load(data.pop(f"resource.customizations.actions.{GROUP}_{EMR_JOB_RUN.kind}"))

    assert data == {f"resource.customizations.health.{GROUP}_{EMR_JOB_RUN.kind}": text("health.lua")}
    assert (found["kind"], found["metadata"]["name"]) == ("ConfigMap", "argocd-cm")
    assert actions == {
        "discovery.lua": text("actions/discovery.lua"),
        "definitions": [{"name": name, "action.lua": text(f"actions/{name}/action.lua")} for name in ACTIONS],
    }

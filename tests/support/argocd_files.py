"""Writes the generated files of gitops/argocd: ``python -m tests.support.argocd_files``; ``--check`` only compares.

The scripts are the one place of their text. From them comes the fragment for `argocd-cm`, and from the golden
documents come the objects on which Argo CD's own tests of customizations run.
"""

import sys
import textwrap
from pathlib import Path
from typing import Any, Final

import yaml

from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.kind import API_VERSION
from tests.sandbox.argocd import ACTIONS, SCRIPTS, text
from tests.support.golden import FOLDER as GOLDEN
from tests.support.jobs import spark_pi

FRAGMENT: Final = SCRIPTS.parents[1] / "argocd-cm.yaml"
_KEY: Final = "emrjobs.dev_EmrJobRun"
_HEAD: Final = """\
# What Argo CD must know about EmrJobRun. Generated from the scripts beside it. Put it into a living Argo CD with
#   kubectl -n argocd patch configmap argocd-cm --patch-file gitops/argocd/argocd-cm.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cm
  namespace: argocd
data:
"""

DOCUMENTS: Final = {
    "between-attempts": "between-attempts",
    "cancelled": "cancelled",
    "completed": "completed",
    "failed": "failed",
    "held": "held",
    "lost": "lost",
    "pending": "pending",
    "refused": "request-refused",
    "running": "running",
}
"""Name of an object -> the golden document that is its status. Three more are made below."""

_WORDS: Final = {
    "<TIME>": "2026-11-02T08:30:00Z",
    "<UID>": "64acab23-3127-4c91-8db0-c743bf82503a",
    "<CLUSTER>": "0b0example0cluster0sandbx",
    "<RUN>": "00000030714ur9hgns3",
    "<RUN1>": "00000030714ur9hgns3",
    "<ANY>": "JobRun completed successfully. It ran for 2 Minutes 8 Seconds",
}
_CHANGED: Final = {"cancelled": {"cancel": True}, "held": {"suspend": True}}


def files() -> dict[Path, str]:
    """Every generated file and what belongs into it."""
    objects = {name: example(name) for name in DOCUMENTS}
    objects["new"] = {**example("running"), "status": {"observedGeneration": -1}}
    objects["running_cancelled"] = _with(objects["running"], cancel=True)
    objects["running_suspended"] = _with(objects["running"], suspend=True)
    objects["held_resumed"] = _with(objects["held"], suspend=False)
    written = {path: _yaml(objects[name]) for name in objects for path in _reservations(name)}
    return {FRAGMENT: fragment(), **written}


def fragment() -> str:
    """The ConfigMap; its values hold the scripts as they stand."""
    actions = f"discovery.lua: |\n{_indented(text('actions/discovery.lua'), 2)}definitions:\n"
    for name in ACTIONS:
        script = _indented(text(f"actions/{name}/action.lua"), 4)
        actions += f"- name: {name}\n  action.lua: |\n{script}"
    return (
        _HEAD
        + f"  resource.customizations.health.{_KEY}: |\n{_indented(text('health.lua'), 4)}"
        + f"  resource.customizations.actions.{_KEY}: |\n{_indented(actions, 4)}"
    )


def example(name: str) -> dict[str, Any]:
    """An object with the status of a golden document."""
    said = (GOLDEN / f"{DOCUMENTS[name]}.yaml").read_text(encoding="utf-8")
    for word, meant in _WORDS.items():
        alone = f': "{meant}"' if word == "<TIME>" else f": {meant}"
        said = said.replace(f": {word}\n", f"{alone}\n").replace(word, meant)
    status = yaml.safe_load(said)
    return {
        "apiVersion": API_VERSION,
        "kind": EMR_JOB_RUN.kind,
        "metadata": {
            "name": "job",
            "namespace": "default",
            "uid": _WORDS["<UID>"],
            "generation": status["observedGeneration"],
        },
        "spec": {**spark_pi(_WORDS["<CLUSTER>"]), "deletionPolicy": "Cancel", **_CHANGED.get(name, {})},
        "status": status,
    }


def out_of_date() -> list[Path]:
    """The files that are not what they should be."""
    return [path for path, meant in files().items() if not path.exists() or path.read_text("utf-8") != meant]


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` compare: 1 if a file is out of date."""
    stale = out_of_date()
    meant = files()
    for path in stale:
        sys.stdout.write(f"{'out of date' if '--check' in arguments else 'written'}: {path}\n")
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(meant[path], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


def _reservations(name: str) -> list[Path]:
    """Argo CD wants the objects of actions in a folder beside these."""
    reservations = [SCRIPTS / "testdata" / f"{name}.yaml"]
    beside = SCRIPTS / "actions" / "testdata" / f"{name}.yaml"
    if "_" in name:
        return [beside]
    return [*reservations, beside] if name in ("running", "held", "completed") else reservations


def _with(item: dict[str, Any], **members: object) -> dict[str, Any]:
    return {**item, "spec": {**item["spec"], **members}}


def _indented(script: str, spaces: int) -> str:
    return textwrap.indent(script, " " * spaces)


def _yaml(item: dict[str, Any]) -> str:
    said: str = yaml.safe_dump(item, sort_keys=False, width=110, allow_unicode=True)
    return said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

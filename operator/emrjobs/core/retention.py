"""Which objects must not be deleted when their time is up: a tool would create them again, and so run them again.

Pure. The marks are those that the tools put on what they manage.
"""

from collections.abc import Mapping
from typing import Any, Final

_ANNOTATIONS: Final[Mapping[str, str]] = {
    "argocd.argoproj.io/tracking-id": "Argo CD",
    "meta.helm.sh/release-name": "Helm",
}
_LABELS: Final[Mapping[str, str]] = {
    "argocd.argoproj.io/instance": "Argo CD",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
}
_HOOK: Final = "argocd.argoproj.io/hook"
"""A hook's deletion is part of its life: Argo CD does not create it again before the next sync."""


def recreated_by(metadata: Mapping[str, Any]) -> str | None:
    """The tool that would create the object again, if one would."""
    annotations, labels = metadata.get("annotations") or {}, metadata.get("labels") or {}
    if metadata.get("ownerReferences") or _HOOK in annotations:
        return None
    found = [tool for mark, tool in _ANNOTATIONS.items() if mark in annotations]
    found += [tool for mark, tool in _LABELS.items() if mark in labels]
    if labels.get("app.kubernetes.io/managed-by") == "Helm":
        found.append("Helm")
    return found[0] if found else None

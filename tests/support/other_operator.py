"""Somebody else's kopf operator for EmrJobRuns: it handles deletions, so kopf puts its finalizer on every object."""

from typing import Any

import kopf


@kopf.on.delete("emrjobs.dev", "v1alpha1", "emrjobruns")
def deleted(**_: Any) -> None:
    """Nothing: the finalizer is what it is for."""


@kopf.on.update("emrjobs.dev", "v1alpha1", "emrjobruns")
def updated(**_: Any) -> None:
    """Nothing: kopf annotates what it compares."""

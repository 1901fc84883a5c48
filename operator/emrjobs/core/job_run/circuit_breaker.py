"""What stands in the way of every request to a virtual cluster, or with a role: one object probes. Pure values."""

from dataclasses import dataclass
from datetime import datetime

from emrjobs.api.job_run.spec import EmrJobRunSpec
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.large_spec import LargeSpec
from emrjobs.core.job_run.resource import Resource

Key = tuple[Verdict, str, str]
"""A full or stopped virtual cluster stands in everybody's way; a missing right in that of one role."""


@dataclass(frozen=True, slots=True)
class OpenCircuit:
    """A refusal that others would meet too."""

    verdict: Verdict
    probe: str
    """Uid of the object that tries again; the others wait for it."""
    message: str
    since: datetime
    until: datetime
    """When the probe tries again; past it, anybody may."""


def keys(resource: Resource) -> tuple[Key, ...]:
    """Under which open circuits that concern the object's request are kept."""
    spec = resource.spec
    if not isinstance(spec, EmrJobRunSpec | LargeSpec):
        return ()
    cluster, role = spec.virtual_cluster_id, spec.execution_role_arn or ""
    return ((Verdict.BUSY, cluster, ""), (Verdict.DENIED, cluster, role))

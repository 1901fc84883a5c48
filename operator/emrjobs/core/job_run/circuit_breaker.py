"""A refusal that other requests would meet too: one object probes, the others wait for it. Pure values.

It says what was refused and until when, and nothing in AWS's words: those may hold what one namespace asked for.
"""

from dataclasses import dataclass
from datetime import datetime

from emrjobs.api.job_run.spec import EmrJobRunSpec
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.large_spec import LargeSpec
from emrjobs.core.job_run.resource import Resource


@dataclass(frozen=True, slots=True)
class CircuitKey:
    """All that the refusal may depend on. Requests that differ in any of it say nothing about each other."""

    verdict: Verdict
    cluster: str
    namespace: str = ""
    role: str = ""
    template: str = ""
    tagged: bool = False


@dataclass(frozen=True, slots=True)
class OpenCircuit:
    """A refusal that others would meet too."""

    verdict: Verdict
    code: str
    """AWS's error code, from the table of failures."""
    probe: str
    """Uid of the object that tries again; the others wait for it."""
    since: datetime
    until: datetime
    """When the probe tries again; past it, anybody may."""


def keys(resource: Resource) -> tuple[CircuitKey, ...]:
    """Under which open circuits that concern the object's request are kept.

    A full or stopped virtual cluster stands in everybody's way. A missing right may be one on the role, the template
    or the tagging, by conditions that name any of them; each namespace finds out for itself.
    """
    spec = resource.spec
    match spec:
        case EmrJobRunSpec():
            tagged = bool(spec.tags)
        case LargeSpec():
            tagged = spec.tagged
        case _:
            return ()
    cluster, role, template = spec.virtual_cluster_id, spec.execution_role_arn or "", spec.job_template_id or ""
    if cluster is None:
        return ()
    denied = CircuitKey(Verdict.DENIED, cluster, resource.namespace, role, template, tagged)
    return (CircuitKey(Verdict.BUSY, cluster), denied)

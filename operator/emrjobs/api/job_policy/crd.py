"""The CustomResourceDefinition of EmrJobPolicy. Pure."""

from typing import Final

from emrjobs.api.crd import Column, CustomResource
from emrjobs.api.job_policy.kind import EMR_JOB_POLICY
from emrjobs.api.job_policy.spec import EmrJobPolicySpec
from emrjobs.api.job_policy.status import EmrJobPolicyStatus
from emrjobs.api.structural import lower

_READY: Final = '.status.conditions[?(@.type=="Ready")]'
_COLUMNS: Final = (
    Column("Ready", "string", f"{_READY}.status", "Whether requests are judged by it."),
    Column("Reason", "string", f"{_READY}.reason", "Why it is, or is not."),
    Column("Active", "integer", ".status.activeRuns", "Job runs that it allowed and that have not ended."),
    Column("Queued", "integer", ".status.queuedRuns", "Objects that wait for limits.maxActiveRuns."),
    Column("Namespaces", "integer", ".status.namespaces", "Namespaces with EmrJobRuns that it is for."),
    Column("Age", "date", ".metadata.creationTimestamp", "When it was created."),
    Column("Message", "string", f"{_READY}.message", "The reason for people.", 1),
)


def custom_resource() -> CustomResource:
    """All that the API server is told of the kind."""
    return CustomResource(
        kind=EMR_JOB_POLICY,
        description="What the EmrJobRuns of some namespaces may ask for, and what they are given.",
        spec=lower(EmrJobPolicySpec),
        status=lower(EmrJobPolicyStatus, enums=False),
        columns=_COLUMNS,
    )

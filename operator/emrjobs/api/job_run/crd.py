"""The CustomResourceDefinition of EmrJobRun. Pure."""

from typing import Final

from emrjobs.api.crd import Column, CustomResource
from emrjobs.api.immutability import immutable
from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.job_run.spec import PartialSpec
from emrjobs.api.job_run.status import EmrJobRunStatus
from emrjobs.api.structural import lower

_COLUMNS: Final = (
    Column("State", "string", ".status.state", "The run in one word."),
    Column("Attempt", "integer", ".status.attempt", "Number of the current attempt."),
    Column("Job Run ID", "string", ".status.id", "Id of the job run at AWS."),
    Column("Started", "date", ".status.startedAt", "When this attempt was first seen RUNNING."),
    Column("Finished", "date", ".status.finishedAt", "When the run ended."),
    Column("Age", "date", ".metadata.creationTimestamp", "When the object was created."),
    Column("Virtual Cluster", "string", ".spec.virtualClusterId", "Where it runs.", 1),
    Column("Policy", "string", ".status.policy.name", "The EmrJobPolicy that allowed it.", 1),
    Column("Reason", "string", '.status.conditions[?(@.type=="Ready")].reason', "Why it is where it is.", 1),
)


def custom_resource() -> CustomResource:
    """All that the API server is told of the kind."""
    return CustomResource(
        kind=EMR_JOB_RUN,
        description="One job run of EMR on EKS: started once, followed to its end, cancelled if deleted.",
        spec=lower(PartialSpec),
        status=lower(EmrJobRunStatus, enums=False),
        columns=_COLUMNS,
        rules=tuple(immutable(PartialSpec.request_members())),
    )

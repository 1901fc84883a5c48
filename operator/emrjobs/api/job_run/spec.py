"""The spec of an EmrJobRun: the members of StartJobRun under the API's own names, and ours. Pure."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import ConfigDict, Field, model_validator

from emrjobs.api.job_run.configuration import Configuration
from emrjobs.api.job_run.job_driver import JobDriver
from emrjobs.api.job_run.lifecycle import LONGEST_SECONDS, Duration, ResubmitPolicy
from emrjobs.api.job_run.monitoring import MonitoringConfiguration
from emrjobs.api.request_model import NO_NULLS, OWN, WHOLE, RequestModel, refuse, rules
from emrjobs.api.text import JobName, ParameterName, ReleaseLabel, ResourceId, RoleArn, TagKey, TagValue, Word

_CANCEL_STAYS: Final = "!has(oldSelf.cancel) || !oldSelf.cancel || (has(self.cancel) && self.cancel)"
_CANCEL_IS_FINAL: Final = "cancel cannot be taken back; create the object anew to run it again"
_VIRTUAL_CLUSTER: Final = (
    "Id of the virtual cluster to run in, see 'aws emr-containers list-virtual-clusters'. "
    "Optional where an EmrJobPolicy has a default."
)
_TEMPLATE_OR_REQUEST: Final = "jobTemplateId is required, or executionRoleArn, releaseLabel and jobDriver together"

TimeToLive = Annotated[int, Field(ge=60, le=LONGEST_SECONDS), WHOLE]


class DeletionPolicy(StrEnum):
    """What deleting the object means for a run that has not ended."""

    CANCEL = "Cancel"
    """The run is cancelled, and the object goes when it has ended."""
    RETAIN = "Retain"
    """The run goes on."""


class ConfigurationOverrides(RequestModel):
    application_configuration: Annotated[list[Configuration], Field(max_length=100)] | None = Field(
        default=None,
        description="Classifications that override the defaults of the release or the template, at most 100.",
    )
    monitoring_configuration: MonitoringConfiguration | None = Field(
        default=None, description="Where logs go and whether the Spark UI is kept."
    )


class RetryPolicyConfiguration(RequestModel):
    max_attempts: Annotated[int, Field(ge=1, le=2147483647), WHOLE] = Field(
        description=(
            "How often EMR itself starts the driver at most, the first time included. Needs release 6.9.0 or "
            "newer. All of these belong to one job run."
        )
    )


class PartialSpec(RequestModel):
    """The job run to start; a policy may supply members. What AWS is sent is immutable once it was submitted."""

    model_config = ConfigDict(json_schema_extra=rules((_CANCEL_STAYS, _CANCEL_IS_FINAL)))

    name: JobName | None = Field(
        default=None,
        description="Name of the job run at AWS. Absent: the object's name, shortened if need be.",
    )
    virtual_cluster_id: ResourceId | None = Field(default=None, description=_VIRTUAL_CLUSTER)
    execution_role_arn: RoleArn | None = Field(
        default=None,
        description=(
            "ARN of the IAM role of the job's pods. Optional with jobTemplateId, "
            "and where an EmrJobPolicy has a default."
        ),
    )
    release_label: ReleaseLabel | None = Field(
        default=None,
        description=(
            "EMR release, such as emr-7.9.0-latest. Optional with jobTemplateId, "
            "and where an EmrJobPolicy has a default."
        ),
    )
    job_driver: JobDriver | None = Field(
        default=None, description="What runs; exactly one kind of driver. Required without jobTemplateId."
    )
    configuration_overrides: ConfigurationOverrides | None = Field(
        default=None, description="Spark and Hadoop settings of this run, and where its logs go."
    )
    tags: Annotated[dict[TagKey, TagValue], Field(max_length=50), NO_NULLS] | None = Field(
        default=None, description="AWS tags of the job run, at most 50."
    )
    job_template_id: ResourceId | None = Field(
        default=None,
        description="Id of the job template to start from. Members given beside it are merged by AWS.",
    )
    job_template_parameters: Annotated[dict[ParameterName, Word], Field(max_length=100), NO_NULLS] | None = Field(
        default=None, description="Values for the parameters of the job template, at most 100."
    )
    retry_policy_configuration: RetryPolicyConfiguration | None = Field(
        default=None, description="EMR's own restarts of a failed driver. Absent: one attempt."
    )
    deletion_policy: Annotated[DeletionPolicy, OWN] = Field(
        default=DeletionPolicy.CANCEL,
        strict=False,
        description=(
            "What deleting this object does to a run that has not ended. Cancel: the run is cancelled, and "
            "the object goes when it has ended. Retain: the run goes on. Absent: Cancel. May be changed at any time."
        ),
    )

    suspend: Annotated[bool | None, OWN] = Field(
        default=None,
        description=(
            "true before submission: hold it. true while running: cancel the run, and hold it. Back to false: a "
            "new attempt of the same request. May be changed at any time."
        ),
    )
    cancel: Annotated[bool | None, OWN] = Field(
        default=None,
        description="true: cancel the run for good; the object stays. Cannot be taken back.",
    )
    active_deadline_seconds: Annotated[Duration | None, OWN] = Field(
        default=None,
        description=(
            "Seconds from AWS's acceptance of the first run to the end, over all attempts and back-offs; past them "
            "the run is cancelled. Counts anew when resumed. May be changed at any time. Absent: what an EmrJobPolicy "
            "or the operator (EMRJOBS_DEFAULT_ACTIVE_DEADLINE) says, or else no limit."
        ),
    )
    start_deadline_seconds: Annotated[Duration | None, OWN] = Field(
        default=None,
        description=(
            "Seconds from creation or resumption until the run must be RUNNING, waiting in queues included; past "
            "them it is cancelled or never sent. May be changed at any time. Absent: what an EmrJobPolicy or the "
            "operator (EMRJOBS_DEFAULT_START_DEADLINE) says, or else no limit."
        ),
    )
    ttl_seconds_after_finished: Annotated[TimeToLive | None, OWN] = Field(
        default=None,
        description=(
            "Seconds after the end until this object is deleted. An object that Argo CD, Flux or Helm would create "
            "again is kept. May be changed at any time. Absent: what an EmrJobPolicy or the operator "
            "(EMRJOBS_DEFAULT_TTL) says, or else it stays."
        ),
    )
    resubmit_policy: Annotated[ResubmitPolicy | None, OWN] = Field(
        default=None,
        description="New attempts after a failure, each a job run of its own. May be changed at any time.",
    )


class EmrJobRunSpec(PartialSpec):
    """The job run to start: a spec that lacks nothing."""

    virtual_cluster_id: ResourceId = Field(description=_VIRTUAL_CLUSTER)

    @model_validator(mode="after")
    def _template_or_request(self) -> "EmrJobRunSpec":
        request = (self.execution_role_arn, self.release_label, self.job_driver)
        if self.job_template_id is None and None in request:
            raise refuse(_TEMPLATE_OR_REQUEST)
        return self

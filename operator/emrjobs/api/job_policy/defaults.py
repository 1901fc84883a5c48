"""What a policy gives to requests that say nothing. Pure."""

from typing import Annotated

from pydantic import Field

from emrjobs.api.job_run.lifecycle import Duration
from emrjobs.api.job_run.spec import ConfigurationOverrides, DeletionPolicy, RetryPolicyConfiguration, TimeToLive
from emrjobs.api.request_model import NO_NULLS, RequestModel
from emrjobs.api.text import ReleaseLabel, ResourceId, RoleArn, TagKey, TagValue


class Defaults(RequestModel):
    """Members of an EmrJobRun's spec, under the same names. The user's own value wins, and is then judged."""

    virtual_cluster_id: ResourceId | None = Field(default=None, description="Id of the virtual cluster.")
    execution_role_arn: RoleArn | None = Field(default=None, description="ARN of the IAM role of the job's pods.")
    release_label: ReleaseLabel | None = Field(default=None, description="EMR release.")
    configuration_overrides: ConfigurationOverrides | None = Field(
        default=None,
        description="By classification and property, and by member of monitoringConfiguration.",
    )
    retry_policy_configuration: RetryPolicyConfiguration | None = Field(
        default=None, description="EMR's own restarts of a failed driver."
    )
    tags: Annotated[dict[TagKey, TagValue], Field(max_length=50), NO_NULLS] | None = Field(
        default=None, description="Tags, by key."
    )
    active_deadline_seconds: Duration | None = Field(default=None, description="Seconds a run may take.")
    ttl_seconds_after_finished: TimeToLive | None = Field(
        default=None, description="Seconds after the end until the object is deleted."
    )
    deletion_policy: Annotated[DeletionPolicy, Field(strict=False)] | None = Field(
        default=None, description="What deleting an object means for its run."
    )

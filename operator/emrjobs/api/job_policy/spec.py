"""The spec of an EmrJobPolicy: who may run what, where, as whom, with which defaults. Pure."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import ConfigDict, Field, model_validator

from emrjobs.api.job_policy.allow import Allow
from emrjobs.api.job_policy.defaults import Defaults
from emrjobs.api.job_policy.namespaces import Namespaces
from emrjobs.api.job_policy.text import ExternalId, PropertyGlob, Region, SubmitRole
from emrjobs.api.job_run.lifecycle import Duration
from emrjobs.api.request_model import NO_NULLS, WHOLE, RequestModel, given, refuse, rules
from emrjobs.api.text import TagKey, TagValue

_EXTERNAL_ID_NEEDS_ROLE: Final = "aws.externalId needs aws.roleArn"
_NO_DEFAULT: Final = "!has(self.defaults) || !has(self.defaults.virtualClusterId)"
_NO_LIST: Final = "!has(self.allow) || !has(self.allow.virtualClusterIds)"
_DEFAULT_CLUSTER: Final = "defaults.virtualClusterId must be in allow.virtualClusterIds, or that list absent"

Count = Annotated[int, Field(ge=0, le=1_000_000), WHOLE]


class SparkBaseline(StrEnum):
    """Whether the built-in list of properties that nobody may set holds."""

    ENFORCED = "Enforced"
    OFF = "Off"


class Aws(RequestModel):
    """The account and Region of the runs."""

    model_config = ConfigDict(
        json_schema_extra=rules((f"!{given('externalId')} || {given('roleArn')}", _EXTERNAL_ID_NEEDS_ROLE))
    )

    region: Region | None = Field(
        default=None, description="Region of the virtual clusters. Absent: the operator's own."
    )
    role_arn: SubmitRole | None = Field(
        default=None,
        description="Role that the operator assumes to submit and follow the runs. Absent: its own identity.",
    )
    external_id: ExternalId | None = Field(
        default=None, description="External id that the role's trust policy asks for. Absent: none is sent."
    )

    @model_validator(mode="after")
    def _external_id_needs_role(self) -> "Aws":
        if self.external_id is not None and self.role_arn is None:
            raise refuse(_EXTERNAL_ID_NEEDS_ROLE)
        return self


class Enforce(RequestModel):
    """What every run has. A user may leave it out or say the same; anything else is refused."""

    tags: Annotated[dict[TagKey, TagValue], Field(max_length=20), NO_NULLS] | None = Field(
        default=None, description="Tags of every run, at most 20."
    )


class Spark(RequestModel):
    """Properties of Spark, Hadoop and EMR on EKS, wherever a request sets them."""

    baseline: SparkBaseline = Field(
        default=SparkBaseline.ENFORCED,
        strict=False,
        description=(
            "Enforced: nobody sets properties that decide whose identity, secrets, nodes or pods a job uses; "
            "docs/policies.md lists them. Off: only the list below holds. Absent: Enforced."
        ),
    )
    deny: Annotated[list[PropertyGlob], Field(max_length=200)] | None = Field(
        default=None,
        description="Names that nobody may set, as globs; 'core-site:NAME' for one classification only. At most 200.",
    )
    exempt: Annotated[list[PropertyGlob], Field(max_length=200)] | None = Field(
        default=None, description="Names on the baseline that may be set all the same, as globs. At most 200."
    )


class Limits(RequestModel):
    """Absent members are without limit."""

    max_active_runs: Count | None = Field(
        default=None, description="Runs of this policy that may be active at once; others wait. 0: none starts."
    )
    max_active_runs_per_namespace: Count | None = Field(
        default=None, description="The same for each namespace. Namespaces take turns."
    )
    max_driver_attempts: Annotated[int, Field(ge=1, le=2147483647), WHOLE] | None = Field(
        default=None, description="The largest retryPolicyConfiguration.maxAttempts."
    )
    max_active_deadline_seconds: Duration | None = Field(
        default=None, description="The largest activeDeadlineSeconds, which is also given where there is none."
    )


class EmrJobPolicySpec(RequestModel):
    """What the namespaces that it is for may run."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            (
                f"{_NO_DEFAULT} || {_NO_LIST} || self.defaults.virtualClusterId in self.allow.virtualClusterIds",
                _DEFAULT_CLUSTER,
            )
        )
    )

    namespaces: Namespaces = Field(description="For whom this is: by names, by labels, or either.")
    aws: Aws = Field(default=Aws(), description="Account and Region. Absent: the operator's own.")
    defaults: Defaults = Field(
        default=Defaults(), description="Given where the user says nothing. What stands here is allowed by that."
    )
    enforce: Enforce = Field(default=Enforce(), description="What every run has.")
    allow: Allow = Field(default=Allow(), description="What requests may name beside the defaults.")
    spark: Spark = Field(default=Spark(), description="Which properties may be set.")
    limits: Limits = Field(default=Limits(), description="How much may run at once, and for how long.")
    tag_runs: bool = Field(
        default=True, description="Tag runs with namespace, name and policy under emrjobs.dev/. Absent: true."
    )

    @model_validator(mode="after")
    def _default_cluster_is_allowed(self) -> "EmrJobPolicySpec":
        listed, default = self.allow.virtual_cluster_ids, self.defaults.virtual_cluster_id
        if default is not None and listed is not None and default not in listed:
            raise refuse(_DEFAULT_CLUSTER)
        return self

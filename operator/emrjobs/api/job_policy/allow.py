"""What requests may name under a policy. Pure."""

from typing import Annotated, Final

from pydantic import Field

from emrjobs.api.job_policy.text import (
    ClassificationName,
    GroupGlob,
    ImageGlob,
    KeyGlob,
    LabelGlob,
    RoleGlob,
    S3Glob,
    UriGlob,
)
from emrjobs.api.job_run.spec import DeletionPolicy
from emrjobs.api.request_model import RequestModel
from emrjobs.api.text import ResourceId

MOST: Final = 50


class Allow(RequestModel):
    """Lists of which one entry must match. * is any run without /, ** any run; a URI that ends in / is all below it."""

    virtual_cluster_ids: Annotated[list[ResourceId], Field(max_length=MOST)] | None = Field(
        default=None, description="Ids of virtual clusters, exact. Absent: the default only."
    )
    execution_role_arns: Annotated[list[RoleGlob], Field(max_length=MOST)] | None = Field(
        default=None,
        description="ARNs of execution roles; partition and account are exact. Absent: the default only.",
    )
    job_template_ids: Annotated[list[ResourceId], Field(max_length=MOST)] | None = Field(
        default=None, description="Ids of job templates, exact. Absent: none."
    )
    release_labels: Annotated[list[LabelGlob], Field(max_length=MOST)] | None = Field(
        default=None, description="EMR releases, such as emr-7.*. Absent: any."
    )
    entry_points: Annotated[list[UriGlob], Field(max_length=MOST)] | None = Field(
        default=None,
        description="Where code comes from: entry points, jars, files and archives. Buckets are exact. Absent: any.",
    )
    log_uris: Annotated[list[S3Glob], Field(max_length=MOST)] | None = Field(
        default=None, description="Where logs go in S3. Buckets are exact. Absent: anywhere."
    )
    log_groups: Annotated[list[GroupGlob], Field(max_length=MOST)] | None = Field(
        default=None, description="Log groups of CloudWatch. Absent: any."
    )
    kms_key_arns: Annotated[list[KeyGlob], Field(max_length=MOST)] | None = Field(
        default=None, description="KMS keys for logs. Absent: none."
    )
    images: Annotated[list[ImageGlob], Field(max_length=MOST)] | None = Field(
        default=None, description="Container images. Absent: only those of the release."
    )
    pod_templates: Annotated[list[S3Glob], Field(max_length=MOST)] | None = Field(
        default=None, description="Pod templates, as s3:// URIs. Absent: none."
    )
    classifications: Annotated[list[ClassificationName], Field(max_length=20)] | None = Field(
        default=None,
        description=(
            "Classifications of applicationConfiguration. Absent: those whose properties can all be judged, "
            "spark-defaults and core-site among them."
        ),
    )
    deletion_policies: Annotated[list[Annotated[DeletionPolicy, Field(strict=False)]], Field(max_length=2)] | None = (
        Field(default=None, description="Cancel, Retain or both. Absent: both.")
    )

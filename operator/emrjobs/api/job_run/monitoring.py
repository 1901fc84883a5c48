"""Where a run's logs go and whether its Spark UI is kept. Pure."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from emrjobs.api.request_model import WHOLE, RequestModel, refuse, rules
from emrjobs.api.text import ROTATION_SIZE, URI_TEXT, KmsKeyArn, LogGroupName, LogStreamPrefix

_S3_URI: Final = "logUri must begin with s3://"

Switch = Literal["ENABLED", "DISABLED"]


def _begins_with_s3(uri: str) -> str:
    if not uri.startswith("s3://"):
        raise refuse(_S3_URI)
    return uri


LogUri = Annotated[
    str,
    Field(
        min_length=1,
        max_length=10280,
        pattern=URI_TEXT,
        json_schema_extra=rules(("self.startsWith('s3://')", _S3_URI)),
    ),
    AfterValidator(_begins_with_s3),
]


_SIZES: Final = "rotationSize must be from 2KB to 2GB"
_UNITS: Final = {"K": 1024.0, "M": 1048576.0, "G": 1073741824.0}
_NUMBER: Final = re.compile(r"([0-9.]+)([KMG])")


def _of_a_rotatable_size(text: str) -> str:
    found = _NUMBER.match(text)
    if found is None or not 2048.0 <= float(found[1]) * _UNITS[found[2]] <= 2147483648.0:
        raise refuse(_SIZES)
    return text


_FACTOR: Final = "(self.contains('K') ? 1024.0 : self.contains('M') ? 1048576.0 : 1073741824.0)"
_BYTES: Final = f"double(self.find('^[0-9.]+')) * {_FACTOR}"
RotationSize = Annotated[
    str,
    Field(
        min_length=3,
        max_length=12,
        pattern=ROTATION_SIZE,
        json_schema_extra=rules((f"{_BYTES} >= 2048.0 && {_BYTES} <= 2147483648.0", _SIZES)),
    ),
    AfterValidator(_of_a_rotatable_size),
]


class ManagedLogs(RequestModel):
    allow_aws_to_retain_logs: Switch | None = Field(
        default=None,
        alias="allowAWSToRetainLogs",
        description="Whether AWS may keep the logs of the run in its own storage, for the Spark UI.",
    )
    encryption_key_arn: KmsKeyArn | None = Field(
        default=None, description="ARN of the KMS key that encrypts the logs that AWS keeps."
    )


class CloudWatchMonitoringConfiguration(RequestModel):
    log_group_name: LogGroupName = Field(description="The log group. It must exist already.")
    log_stream_name_prefix: LogStreamPrefix | None = Field(
        default=None, description="What the names of the run's log streams begin with."
    )


class S3MonitoringConfiguration(RequestModel):
    log_uri: LogUri = Field(
        description="Where in S3 the logs go, as s3://bucket/prefix. The run's own folder is made below it."
    )
    encryption_key_arn: KmsKeyArn | None = Field(
        default=None, description="ARN of the KMS key that encrypts the logs in the bucket."
    )


class ContainerLogRotationConfiguration(RequestModel):
    rotation_size: RotationSize = Field(
        description="Size at which a log file is rotated: a number and K, M or G, such as 10MB (2KB to 2GB)."
    )
    max_files_to_keep: Annotated[int, Field(ge=1, le=50), WHOLE] = Field(
        description="How many rotated files to keep, 1 to 50."
    )


class MonitoringConfiguration(RequestModel):
    managed_logs: ManagedLogs | None = Field(default=None, description="Logs that AWS keeps for you.")
    persistent_app_ui: Switch | None = Field(
        default=None,
        alias="persistentAppUI",
        description="Whether the Spark UI can be opened after the run has ended. AWS's default: ENABLED.",
    )
    cloud_watch_monitoring_configuration: CloudWatchMonitoringConfiguration | None = Field(
        default=None, description="Send the logs of driver and executors to CloudWatch."
    )
    s3_monitoring_configuration: S3MonitoringConfiguration | None = Field(
        default=None, description="Send the logs of driver and executors to S3."
    )
    container_log_rotation_configuration: ContainerLogRotationConfiguration | None = Field(
        default=None,
        description="Rotate the log files inside the containers, so that long runs do not fill the disk.",
    )

"""Our own members of the spec: they act on the run's life, and may change after submission. Pure."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from emrjobs.api.request_model import WHOLE, RequestModel

LONGEST_SECONDS = 2147483647
"""The largest duration that these members take; the same bound as in ``batch/v1``."""

Duration = Annotated[int, Field(ge=1, le=LONGEST_SECONDS), WHOLE]


class FailureReason(StrEnum):
    """AWS's ``failureReason``s (botocore's model)."""

    INTERNAL_ERROR = "INTERNAL_ERROR"
    USER_ERROR = "USER_ERROR"
    VALIDATION_ERROR = "VALIDATION_ERROR"
    CLUSTER_UNAVAILABLE = "CLUSTER_UNAVAILABLE"


Reasons = Annotated[list[Annotated[FailureReason, Field(strict=False)]], Field(min_length=1, max_length=4)]


class ResubmitPolicy(RequestModel):
    """New job runs after a failure. Restarts of the driver inside one job run are ``retryPolicyConfiguration``."""

    limit: Annotated[int, Field(ge=0, le=100), WHOLE] | None = Field(
        default=None,
        description=(
            "How many new attempts are made at most, each a job run of its own. Absent: 0. Counts anew when resumed."
        ),
    )
    failure_reasons: Reasons | None = Field(
        default=None,
        description=(
            "The failureReasons after which a new attempt is made. Absent: INTERNAL_ERROR and CLUSTER_UNAVAILABLE. "
            "Never when EMR only lost sight of the run, since its driver may still be alive."
        ),
    )
    backoff_seconds: Duration | None = Field(
        default=None, description="Seconds before the first new attempt, doubled for each further one. Absent: 30."
    )
    max_backoff_seconds: Duration | None = Field(
        default=None, description="Seconds between two attempts at most. Absent: 600."
    )

"""The status of an EmrJobRun: what the operator writes and people, kubectl and GitOps tools read."""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from emrjobs.api.conditions import Condition, find_condition
from emrjobs.api.interning import Instant, Word, shared
from emrjobs.api.model import StatusModel
from emrjobs.api.text import RESOURCE_ID

RunId = Annotated[str, Field(min_length=1, max_length=64, pattern=RESOURCE_ID)]
"""Ids become parts of the API's URLs, and others may write a status."""
ClusterId = Annotated[RunId, AfterValidator(shared)]


class State(StrEnum):
    """One word for columns, jsonpath and people. The first seven are EMR's own."""

    PENDING = "PENDING"
    SUBMITTED = "SUBMITTED"
    RUNNING = "RUNNING"
    CANCEL_PENDING = "CANCEL_PENDING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    QUEUED = "QUEUED"
    """Waiting for our own rate limit, a back-off, or because AWS's queue is full."""
    SUBMITTING = "SUBMITTING"
    """Being sent, or perhaps sent."""
    SUSPENDED = "SUSPENDED"
    REJECTED = "REJECTED"
    """AWS or policy refused the request; the message says why."""
    LOST = "LOST"
    """AWS has no record of the id any more."""


OURS: Final = frozenset({State.QUEUED, State.SUBMITTING, State.SUSPENDED, State.REJECTED, State.LOST})
"""States that only we set. The rules lean on that: a word of AWS's must never pass for one of these."""


class RetryPolicyExecution(StatusModel):
    """EMR's own restarts of the driver inside one run."""

    current_attempt_count: int | None = Field(default=None, description="The driver attempt that EMR is at, from 1.")


class Cancellation(StatusModel):
    """The recorded decision to cancel. It is written before CancelJobRun is sent."""

    reason: Word = Field(description="Deleted, Cancelled, Suspended, DeadlineExceeded or StartDeadlineExceeded.")
    requested_at: Instant = Field(description="When the decision was recorded.")
    attempt: int = Field(default=1, description="The attempt that is to be cancelled.")


class LogLocations(StatusModel):
    """Where the logs of the run are, worked out from the request alone."""

    s3_uri: str | None = Field(default=None, description="The S3 prefix of the run's logs.")
    cloud_watch_log_group: str | None = Field(default=None, description="The CloudWatch log group.")
    cloud_watch_log_stream_prefix: str | None = Field(
        default=None, description="What the names of the run's CloudWatch log streams begin with."
    )


class PolicyReference(StatusModel):
    """The policy that allowed a request."""

    name: Word = Field(description="Name of the EmrJobPolicy.")
    generation: int | None = Field(default=None, description="Its generation then; absent for one from a file.")


class AwsLocation(StatusModel):
    """Where a run is that is not in the operator's own account and Region."""

    account: Word | None = Field(
        default=None, description="The AWS account; absent where it is the operator's own identity that calls AWS."
    )
    region: Word | None = Field(default=None, description="The Region.")


Supplied = Annotated[dict[str, Any], Field(json_schema_extra={"x-kubernetes-preserve-unknown-fields": True})]


class Attempt(StatusModel):
    """An attempt that ended and was followed by another."""

    attempt: int = Field(description="Number of the attempt, from 1.")
    id: str | None = Field(default=None, description="Id of the job run at AWS.")
    state: Word | None = Field(default=None, description="The state in which it ended.")
    reason: Word | None = Field(default=None, description="AWS's failureReason, or why it was cancelled.")
    created_at: Instant | None = Field(default=None, description="AWS's createdAt.")
    started_at: Instant | None = Field(default=None, description="When it was first seen RUNNING.")
    finished_at: Instant | None = Field(default=None, description="AWS's finishedAt.")


class EmrJobRunStatus(StatusModel):
    """Most recently observed status of the job run. Written by the operator only."""

    observed_generation: int | None = Field(
        default=None, description="The newest generation of the spec that the operator has acted on."
    )
    state: Word | None = Field(
        default=None,
        description=(
            "The run in one word. EMR's own: PENDING, SUBMITTED, RUNNING, CANCEL_PENDING, COMPLETED, FAILED, "
            "CANCELLED. While there is no run to speak of: QUEUED, SUBMITTING, SUSPENDED, REJECTED, LOST."
        ),
    )
    id: RunId | None = Field(default=None, description="Id of the job run at AWS.")
    arn: str | None = Field(default=None, description="ARN of the job run.")
    name: str | None = Field(default=None, description="Name of the job run at AWS.")
    virtual_cluster_id: ClusterId | None = Field(
        default=None, description="The virtual cluster that the request was or will be sent to."
    )
    client_token: str | None = Field(
        default=None,
        description=(
            "The idempotency token of the request. Recorded before the request is first sent; "
            "from then on the request part of the spec is immutable."
        ),
    )
    attempt: int | None = Field(default=None, description="Number of the current attempt, from 1.")
    submitted_generation: int | None = Field(
        default=None, description="Generation of the spec that the request was made from."
    )
    submission_started_at: Instant | None = Field(
        default=None, description="When the intent to submit this attempt was recorded."
    )
    policy: PolicyReference | None = Field(
        default=None, description="The policy that allowed the request, if one was needed."
    )
    defaults: Supplied | None = Field(
        default=None,
        description="What that policy added to the spec, as a JSON merge patch; spec and this make the request.",
    )
    request_digest: Word | None = Field(
        default=None, description="SHA-256 of the request as it was recorded, without its token."
    )
    aws: AwsLocation | None = Field(
        default=None,
        description="Account and Region of the run, where that policy names them; absent: the operator's own.",
    )
    state_details: Word | None = Field(default=None, description="AWS's own details about the state.")
    failure_reason: Word | None = Field(
        default=None,
        description="AWS's failureReason: INTERNAL_ERROR, USER_ERROR, VALIDATION_ERROR or CLUSTER_UNAVAILABLE.",
    )
    created_at: Instant | None = Field(default=None, description="When AWS accepted the run (its createdAt).")
    created_by: Word | None = Field(default=None, description="Who started the run, as AWS says it.")
    started_at: Instant | None = Field(default=None, description="When this attempt was first seen RUNNING.")
    finished_at: Instant | None = Field(default=None, description="When the run ended (AWS's finishedAt).")
    retry_policy_execution: RetryPolicyExecution | None = Field(
        default=None, description="How far EMR's own retry policy has got."
    )
    cancellation: Cancellation | None = Field(
        default=None, description="Why and since when the run is to be cancelled, if it is."
    )
    wanted_since: Instant | None = Field(
        default=None, description="Since when the object wants to run (creation or resumption)."
    )
    active_since: Instant | None = Field(
        default=None, description="AWS's createdAt of the first accepted run since wantedSince."
    )
    resubmissions: int | None = Field(
        default=None, description="New attempts made under resubmitPolicy since wantedSince."
    )
    logs: LogLocations | None = Field(default=None, description="Where the logs of the run are.")
    attempts: tuple[Attempt, ...] = Field(
        default=(), description="Earlier attempts that have ended, the newest 10, oldest first."
    )
    conditions: tuple[Condition, ...] = Field(
        default=(), description="Ready, Reconciling, Stalled, Complete, Failed, Suspended, Finished."
    )

    def condition(self, type_: str) -> Condition | None:
        """The condition of that type, if it is set."""
        return find_condition(self.conditions, type_)

    @property
    def between_attempts(self) -> bool:
        """Whether the attempt that the status speaks of has ended, and another may follow."""
        return self.id is not None and self.state in (State.QUEUED, State.SUSPENDED, State.REJECTED)

    @property
    def finished(self) -> bool:
        """Whether the object has reached its end for good."""
        found = self.condition("Finished")
        return found is not None and found.status == "True"

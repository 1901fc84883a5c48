"""Condition types and reasons: every word that can stand in ``status.conditions`` or in an event."""

from enum import StrEnum


class ConditionType(StrEnum):
    """``Reconciling`` and ``Stalled`` are absent when they do not apply, as kstatus expects."""

    READY = "Ready"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    COMPLETE = "Complete"
    FAILED = "Failed"
    SUSPENDED = "Suspended"
    FINISHED = "Finished"


class Reason(StrEnum):
    """Why the object is where it is. The reason of a refusal tells a restarted operator what to try again."""

    # On the way
    QUEUED = "Queued"
    """Waiting for our own rate limit."""
    BACKING_OFF = "BackingOff"
    """AWS could not be asked just now; the same request is sent again."""
    CLUSTER_BUSY = "ClusterBusy"
    """The virtual cluster takes no run now: its queue is full, or it is not RUNNING."""
    WAITING_FOR_PERMISSION = "WaitingForPermission"
    """AWS denied the request a short time ago; IAM changes take time to spread."""
    SUBMITTING = "Submitting"
    """The request is being sent, or has perhaps been sent."""
    ACCEPTED = "Accepted"
    """AWS accepted the request."""
    SUBMITTED = "Submitted"
    """EMR handed the run to the Kubernetes cluster."""
    RUNNING = "Running"
    """The driver runs."""
    CANCELLING = "Cancelling"
    """The run is being cancelled."""
    FOLLOWING = "Following"
    """AWS reports a state that this version does not know."""

    RESUBMITTING = "Resubmitting"
    """The last attempt failed; a new one follows."""
    RESUMED = "Resumed"
    """No longer suspended; a new attempt follows."""
    SUSPENDED = "Suspended"
    """Held, or cancelled to be resumed later."""

    # The end
    COMPLETED = "Completed"
    """The run completed."""
    JOB_FAILED = "JobFailed"
    """The run failed; ``failureReason`` and ``stateDetails`` are AWS's own."""
    CANCELLED = "Cancelled"
    """The run was cancelled as the object asked."""
    CANCELLED_EXTERNALLY = "CancelledExternally"
    """The run was cancelled by somebody else."""
    DELETED = "Deleted"
    """The run was cancelled because the object was deleted."""
    DEADLINE_EXCEEDED = "DeadlineExceeded"
    """activeDeadlineSeconds passed."""
    START_DEADLINE_EXCEEDED = "StartDeadlineExceeded"
    """startDeadlineSeconds passed before the run was RUNNING."""
    LOST = "Lost"
    """AWS has no record of the run any more."""

    # Refusals
    INVALID_SPEC = "InvalidSpec"
    """The spec cannot be read, or its values cannot be sent. Tried again when the spec changes."""
    REQUEST_REFUSED = "RequestRefused"
    """AWS refused the request for good. Tried again when the spec changes."""
    REFUSED_UNCLEAR = "RefusedUnclear"
    """AWS refused in words that may pass. Tried again with back-off."""
    NOT_FOUND = "NotFound"
    """The virtual cluster or template does not exist. Tried again every few minutes."""
    ACCESS_DENIED = "AccessDenied"
    """The operator may not make this request. Tried again every few minutes."""

    # Troubles beside the way
    REQUEST_MISMATCH = "RequestMismatch"
    """The run found under our token was started from another request."""
    LOOK_FAILED = "LookFailed"
    """AWS cannot be asked about the run; its last known state stays."""
    CANCEL_FAILED = "CancelFailed"
    """AWS refuses to cancel the run; it is tried again."""
    KEPT = "Kept"
    """ttlSecondsAfterFinished passed, and the object is kept since a tool would create it again."""
    STATUS_REFUSED = "StatusRefused"
    """The API server refuses the status, since the stored object does not fit the CRD. Only an event can say so."""
    RUN_ORPHANED = "RunOrphaned"
    """A run lost its object; it is cancelled."""

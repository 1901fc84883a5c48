"""The client token of an attempt. Pure.

It follows from the uid and the attempt. A status is a record that others may write: its token counts for nothing.
"""

from emrjobs.api.job_run.status import EmrJobRunStatus


def client_token(uid: str, attempt: int) -> str:
    """The idempotency token of StartJobRun: the object's uid, and for attempt n >= 2 ``<uid>-<n>``.

    A uid has 36 characters and the service takes 64 (botocore's model), so every attempt fits.
    """
    if attempt < 1:
        raise ValueError(f"attempts count from 1, not {attempt}")
    return uid if attempt == 1 else f"{uid}-{attempt}"


def current_attempt(status: EmrJobRunStatus) -> int:
    """The number of the current attempt, or between attempts of the next one."""
    return max(status.attempt or 1, 1) + status.between_attempts


def current_token(uid: str, status: EmrJobRunStatus) -> str:
    """The token of that attempt."""
    return client_token(uid, current_attempt(status))

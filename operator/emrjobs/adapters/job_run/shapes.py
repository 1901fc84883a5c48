"""The service's answers as values. Every text is bounded here: a status has room for 1.5 MB, and we for less. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from emrjobs.api.interning import shared
from emrjobs.core.job_run.outcomes import ClusterView
from emrjobs.core.job_run.runs import JobRun

LONGEST_DETAILS: Final = 2048
"""Characters of a text for people. AWS documents no bound for ``stateDetails``."""
LONGEST_NAME: Final = 64
LONGEST_ARN: Final = 2048
"""The bounds of botocore's model for names and ARNs."""
_STATE: Final = re.compile(r"[A-Z_]{1,64}")
_REQUEST_MEMBERS: Final = ("executionRoleArn", "releaseLabel", "jobDriver")


def bounded(text: str | None, longest: int) -> str | None:
    """The text, cut and marked where it is longer than that."""
    return text if text is None or len(text) <= longest else f"{text[: longest - 1]}…"


def job_run(shape: Mapping[str, Any], *, with_request: bool = False) -> JobRun:
    """The service's JobRun as a value. Members that are missing stay missing."""
    retries = shape.get("retryPolicyExecution") or {}
    return JobRun(
        id=shape["id"],
        state=_state(shape.get("state")),
        arn=bounded(shape.get("arn"), LONGEST_ARN),
        name=bounded(shape.get("name"), LONGEST_NAME),
        virtual_cluster_id=shape.get("virtualClusterId"),
        client_token=shape.get("clientToken"),
        state_details=bounded(shape.get("stateDetails"), LONGEST_DETAILS),
        failure_reason=bounded(shape.get("failureReason"), LONGEST_NAME),
        created_at=_utc(shape.get("createdAt")),
        created_by=_shared(bounded(shape.get("createdBy"), LONGEST_ARN)),
        finished_at=_utc(shape.get("finishedAt")),
        current_attempt_count=retries.get("currentAttemptCount"),
        request={m: shape[m] for m in _REQUEST_MEMBERS if m in shape} if with_request else None,
        tags=shape.get("tags") if with_request else None,
    )


def progress(shape: Mapping[str, Any]) -> JobRun:
    """The members that say how far a run is. Of thousands of runs, the rest is in their objects already."""
    run = job_run(shape)
    return replace(run, state=shared(run.state), arn=None, name=None, virtual_cluster_id=None)


def claim(shape: Mapping[str, Any]) -> JobRun:
    """The members that say how far a run is, and whose it is."""
    return replace(progress(shape), tags=shape.get("tags"))


def cluster_view(shape: Mapping[str, Any]) -> ClusterView:
    """What DescribeVirtualCluster says about taking more runs."""
    limits = shape.get("schedulerConfiguration") or {}
    used = shape.get("schedulerStatus") or {}
    most, queued = limits.get("maxInQueueJobRuns"), used.get("currentInQueueJobRuns")
    full = most is not None and queued is not None and queued >= most
    return ClusterView(state=shape.get("state") or "UNKNOWN", queue_full=full)


def realm(arn: str | None) -> str:
    """Partition, service, Region and account of an ARN."""
    return ":".join((arn or "").split(":")[:5])


def _state(word: str | None) -> str:
    """One that is no word of the service's kind is none that we know."""
    return word if word is not None and _STATE.fullmatch(word) else "UNKNOWN"


def _shared(word: str | None) -> str | None:
    return shared(word) if word is not None else None


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None

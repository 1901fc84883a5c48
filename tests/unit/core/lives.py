"""Observations for the tables of lifecycle rules: a readable object at noon, changed by keyword."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from emrjobs.adapters.job_run.objects import resource_of
from emrjobs.core.job_run.memory import Memory, Sends
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.runs import JobRun, ObservedRun, Source
from emrjobs.core.job_run.timing import Timing

NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
UID: Final = "8c1b8a2e-5a3f-4f5e-9d59-2f6f2a9f6c11"
SPEC: Final[Mapping[str, Any]] = {
    "virtualClusterId": "0b0example0cluster0one",
    "executionRoleArn": "arn:aws:iam::123456789012:role/job",
    "releaseLabel": "emr-7.9.0-latest",
    "jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "s3://b/job.py"}},
}
INTENT: Final[Mapping[str, Any]] = {
    "clientToken": UID,
    "attempt": 1,
    "name": "job",
    "virtualClusterId": SPEC["virtualClusterId"],
    "submittedGeneration": 1,
    "submissionStartedAt": "2026-01-01T11:00:00Z",
}
RUN: Final[Mapping[str, Any]] = {**INTENT, "id": "run1", "createdAt": "2026-01-01T11:00:01Z"}
FAILED: Final[Mapping[str, Any]] = {
    **RUN,
    "state": "QUEUED",
    "failureReason": "INTERNAL_ERROR",
    "stateDetails": "It failed.",
    "startedAt": "2026-01-01T11:30:00Z",
    "finishedAt": "2026-01-01T11:59:50Z",
    "activeSince": "2026-01-01T11:00:01Z",
    "resubmissions": 1,
    "conditions": [
        {"type": "Ready", "status": "False", "reason": "Resubmitting"},
        {"type": "Reconciling", "status": "True", "reason": "Resubmitting"},
    ],
}
"""Between two attempts: the first failed ten seconds ago."""


def at(clock: str) -> datetime:
    """That time of the day, in the spelling of a clock: ``at("11:30")``."""
    return datetime.fromisoformat(f"2026-01-01T{clock}+00:00")


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def cancelled_for(reason: str, attempt: int = 1) -> dict[str, Any]:
    return {"cancellation": {"reason": reason, "requestedAt": "2026-01-01T11:58:00Z", "attempt": attempt}}


def look(
    status: Mapping[str, Any],
    *,
    deleting: bool = False,
    generation: int = 1,
    memory: Memory | None = None,
    metadata: Mapping[str, Any] | None = None,
    **members: Any,
) -> Observation:
    """An object with that status, and a spec with those members of ours."""
    raw = {
        "metadata": {
            "uid": UID,
            "namespace": "team-a",
            "name": "job",
            "resourceVersion": "1",
            "generation": generation,
            "creationTimestamp": "2026-01-01T10:59:00Z",
            **({"deletionTimestamp": "2026-01-01T11:59:00Z"} if deleting else {}),
            **(metadata or {}),
        },
        "spec": {**SPEC, **members},
        "status": {"observedGeneration": 1, **status},
    }
    return Observation(NOON, resource_of(raw), memory or Memory(), Timing())


def seeing(o: Observation, state: str, **facts: Any) -> Observation:
    """As that, and the endpoint has just shown the run in that state."""
    run = JobRun(id="run1", state=state, created_at=at("11:00:01"), **facts)
    shown = ObservedRun(run, NOON, Source.DESCRIBE)
    return replace(o, memory=replace(o.memory, observed_run=shown, confirmed_run=run.id))


def refused_only() -> Memory:
    """This process recorded the intent, and nothing it sent can have been accepted."""
    return Memory(sends=Sends(UID, made=1, doubtful=0, inherited=False))

"""Every situation that an object can be in, brought about on purpose, and what GitOps tools should make of it.

Each object has a virtual cluster of its own, so that nothing that holds one up touches another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.sandbox.argocd import HOOK_FINALIZER
from tests.support.jobs import FOR_EVER, Jobs, situation
from tests.support.kube import Json

FOREIGN_FINALIZER: Final = "example.com/backup"
NEVER_ENDS: Final = f"{FOR_EVER};cancel=100000"


def cluster_of(jobs: Jobs, name: str) -> str:
    """The virtual cluster of that object alone."""
    return f"{jobs.cluster[:16]}{name.replace('-', '')}"


def submit(jobs: Jobs, name: str, script: str | None = FOR_EVER, **members: object) -> Json:
    return jobs.submit(name, script, virtualClusterId=cluster_of(jobs, name), **members)


def new(jobs: Jobs, name: str) -> Json:
    """As the API server answers, before anybody else has seen it."""
    return submit(jobs, name)


def queued(jobs: Jobs, name: str) -> None:
    jobs.sim.put_cluster(cluster_of(jobs, name), schedulerConfiguration={"maxInQueueJobRuns": 0})
    submit(jobs, name)


def waiting_for_permission(jobs: Jobs, name: str) -> Json:
    """Patience ends within seconds, so the object is kept as it was."""
    denied(jobs, name)
    jobs.explains("WaitingForPermission", name)
    return jobs.runs.get(name)


def denied(jobs: Jobs, name: str) -> None:
    jobs.sim.fault("denied", "StartJobRun", virtual_cluster_id=cluster_of(jobs, name))
    submit(jobs, name)


def submitting(jobs: Jobs, name: str) -> None:
    jobs.sim.fault("unavailable", "StartJobRun", virtual_cluster_id=cluster_of(jobs, name))
    submit(jobs, name)


def pending(jobs: Jobs, name: str) -> None:
    submit(jobs, name, "stuck=PENDING")


def submitted(jobs: Jobs, name: str) -> None:
    submit(jobs, name, "stuck=SUBMITTED")


def running(jobs: Jobs, name: str) -> None:
    submit(jobs, name)


def in_an_unknown_state(jobs: Jobs, name: str) -> None:
    submit(jobs, name, "show=RESIZING;run=100000")


def cancelling(jobs: Jobs, name: str) -> None:
    submit(jobs, name, NEVER_ENDS)
    jobs.reaches("RUNNING", name)
    jobs.runs.patch_spec(name, cancel=True)


def between_attempts(jobs: Jobs, name: str) -> None:
    submit(jobs, name, "reason=INTERNAL_ERROR", resubmitPolicy={"limit": 1, "backoffSeconds": 600})


def completed(jobs: Jobs, name: str) -> None:
    submit(jobs, name, "run=0")


def failed(jobs: Jobs, name: str) -> None:
    submit(jobs, name, "reason=USER_ERROR;run=0")


def cancelled(jobs: Jobs, name: str) -> None:
    submit(jobs, name)
    jobs.reaches("RUNNING", name)
    jobs.runs.patch_spec(name, cancel=True)


def past_its_deadline(jobs: Jobs, name: str) -> None:
    submit(jobs, name, activeDeadlineSeconds=1)


def lost(jobs: Jobs, name: str) -> None:
    submit(jobs, name)
    jobs.sim.forget(jobs.reaches("RUNNING", name)["id"])


def refused(jobs: Jobs, name: str) -> None:
    jobs.sim.fault("too-large", "StartJobRun", virtual_cluster_id=cluster_of(jobs, name))
    submit(jobs, name)


def edited(jobs: Jobs, name: str) -> Json:
    """A refused object is corrected, and the operator has not seen that yet."""
    refused(jobs, name)
    jobs.reaches("REJECTED", name)
    jobs.shows(lambda status: "clientToken" not in status, "is open to change", name)
    return jobs.runs.patch_spec(name, releaseLabel="emr-7.8.0-latest")


def held(jobs: Jobs, name: str) -> None:
    submit(jobs, name, suspend=True)


def held_after_a_run(jobs: Jobs, name: str) -> None:
    submit(jobs, name)
    jobs.reaches("RUNNING", name)
    jobs.runs.patch_spec(name, suspend=True)


def deleting(jobs: Jobs, name: str) -> None:
    submit(jobs, name, NEVER_ENDS)
    jobs.reaches("RUNNING", name)
    jobs.runs.delete(name)


def finished_and_kept_by(finalizer: str) -> Callable[[Jobs, str], None]:
    """It completes, is deleted, and somebody else's finalizer keeps it."""

    def arrange(jobs: Jobs, name: str) -> None:
        spec = jobs.spec("run=0", virtualClusterId=cluster_of(jobs, name))
        jobs.runs.create(name, spec, finalizers=[finalizer])
        jobs.shows(lambda seen: "Finished" in situation(seen), "is over", name)
        jobs.runs.delete(name)

    return arrange


@dataclass(frozen=True, slots=True)
class Situation:
    """`arrange` returns the object where it is kept as it was; else the newest one counts."""

    arrange: Callable[[Jobs, str], Json | None]
    state: str
    argo: str
    kstatus: str


SITUATIONS: Final = {
    "new": Situation(new, "", "Progressing", "InProgress"),
    "queued": Situation(queued, "QUEUED", "Progressing", "InProgress"),
    "denied-a-moment-ago": Situation(waiting_for_permission, "QUEUED", "Progressing", "InProgress"),
    "submitting": Situation(submitting, "SUBMITTING", "Progressing", "InProgress"),
    "pending": Situation(pending, "PENDING", "Progressing", "InProgress"),
    "submitted": Situation(submitted, "SUBMITTED", "Progressing", "InProgress"),
    "running": Situation(running, "RUNNING", "Progressing", "InProgress"),
    "in-an-unknown-state": Situation(in_an_unknown_state, "RESIZING", "Progressing", "InProgress"),
    "cancelling": Situation(cancelling, "CANCEL_PENDING", "Progressing", "InProgress"),
    "between-attempts": Situation(between_attempts, "QUEUED", "Progressing", "InProgress"),
    "completed": Situation(completed, "COMPLETED", "Healthy", "Current"),
    "failed": Situation(failed, "FAILED", "Degraded", "Failed"),
    "cancelled": Situation(cancelled, "CANCELLED", "Degraded", "Failed"),
    "past-its-deadline": Situation(past_its_deadline, "CANCELLED", "Degraded", "Failed"),
    "lost": Situation(lost, "LOST", "Degraded", "Failed"),
    "refused": Situation(refused, "REJECTED", "Degraded", "Failed"),
    "denied": Situation(denied, "REJECTED", "Degraded", "Failed"),
    "edited-after-a-refusal": Situation(edited, "REJECTED", "Progressing", "InProgress"),
    "held": Situation(held, "SUSPENDED", "Suspended", "Current"),
    "held-after-a-run": Situation(held_after_a_run, "SUSPENDED", "Suspended", "Current"),
    "deleted-the-run-goes-on": Situation(deleting, "CANCEL_PENDING", "Progressing", "Terminating"),
    "deleted-and-kept-by-others": Situation(
        finished_and_kept_by(FOREIGN_FINALIZER), "COMPLETED", "Progressing", "Terminating"
    ),
    "a-hook-deleted-after-its-end": Situation(
        finished_and_kept_by(HOOK_FINALIZER), "COMPLETED", "Healthy", "Terminating"
    ),
}

"""The table of rights: each verb that the operator is granted, and whether it uses it.

``python -m tests.integration.rights_table`` has an operator do all that operators do, with rights everywhere and then
with rights in two namespaces only, and prints what the API server's audit log says: which rights, and which fields.
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from emrjobs.api.job_policy.kind import EMR_JOB_POLICY
from tests.integration.lifecycle_table import finish_long_ago
from tests.sandbox.paths import RULES
from tests.sandbox.rights import USER
from tests.sandbox.rights_audit import HEADS, Audit, audit
from tests.sandbox.table import table
from tests.sandbox.world import World
from tests.sandbox.written_fields import HEADS as FIELD_HEADS
from tests.sandbox.written_fields import written_fields
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import ApiError
from tests.support.poll import TimedOut, until
from tests.support.shared_operator import ENVIRONMENT

TEAMS: Final = ("team-a", "team-b")
VARIANTS: Final[dict[str, tuple[str, ...]]] = {"ClusterRole": (), "Roles only": TEAMS}
# A renewal within the time of the test.
QUICK: Final = {
    **ENVIRONMENT,
    "EMRJOBS_LEASE_DURATION": "3",
    "EMRJOBS_LEASE_RENEW_DEADLINE": "2",
    "EMRJOBS_LEASE_RETRY": "0.5",
}
PATIENCE: Final = 30.0


def exercise(world: World, rules: Path = RULES, patience: float = PATIENCE, *, cluster_wide: bool = True) -> Audit:
    """Everything that needs a right, in every namespace that is watched; `rules` are those of the world."""

    def found() -> Audit:
        return audit(world.cluster.audit_events(), rules, cluster_wide=cluster_wide)

    for name in TEAMS:
        _ensure_namespace(world, name)
    operator = world.operator(**QUICK)
    for name in TEAMS:
        jobs = Jobs(world.kube.runs(name), world.sim)
        jobs.submit("going", FOR_EVER)
        jobs.submit("job", "run=0", ttlSecondsAfterFinished=60)
        jobs.reaches("COMPLETED")
        jobs.reaches("RUNNING", "going")
        finish_long_ago(jobs)
        jobs.gone()
        jobs.runs.delete("going")
        jobs.gone("going")
        _disturb(world, jobs)
    if cluster_wide:
        _disturb_a_policy(world)
        _have_a_policy_held(world)
    # The renewal of the Lease comes after a while, and the log a little after the answers.
    with suppress(TimedOut):
        until(lambda: not found().unused, patience, "every right is used")
    operator.terminate()
    return found()


def _disturb(world: World, jobs: Jobs) -> None:
    """Edit an object again and again, until a patch of the operator's is late and it has to read the object anew."""
    namespace = jobs.runs.namespace

    def was_read() -> bool:
        events = world.cluster.audit_events()
        return any(event.verb == "get" and event.namespace == namespace and event.user == USER for event in events)

    def provoked() -> bool:
        jobs.submit("disturbed", "pending=0;submitted=0;run=0")
        for number in range(40):
            jobs.runs.patch("disturbed", {"metadata": {"annotations": {"edited": str(number)}}})
        jobs.runs.delete("disturbed")
        jobs.gone("disturbed")
        return was_read()

    until(provoked, PATIENCE, f"the operator reads an object in {namespace}")


def _disturb_a_policy(world: World) -> None:
    """The same of a policy, which is for no namespace that there is."""
    head = {"apiVersion": EMR_JOB_POLICY.api_version, "kind": EMR_JOB_POLICY.kind, "metadata": {"name": "disturbed"}}
    path = EMR_JOB_POLICY.path(None, "disturbed")

    def was_read() -> bool:
        events = world.cluster.audit_events()
        return any(e.verb == "get" and e.resource == EMR_JOB_POLICY.plural and e.user == USER for e in events)

    def provoked() -> bool:
        world.kube.request("POST", EMR_JOB_POLICY.path(), {**head, "spec": {"namespaces": {"names": ["nobody"]}}})
        for number in range(40):
            patch = {"metadata": {"annotations": {"edited": str(number)}}}
            world.kube.request("PATCH", path, patch, content_type="application/merge-patch+json")
        world.kube.request("DELETE", path)
        return was_read()

    until(provoked, PATIENCE, "the operator reads a policy")


def _have_a_policy_held(world: World) -> None:
    """One that names a Region gets the operator's finalizer."""
    head = {"apiVersion": EMR_JOB_POLICY.api_version, "kind": EMR_JOB_POLICY.kind, "metadata": {"name": "held"}}
    spec = {"namespaces": {"names": ["nobody"]}, "aws": {"region": "us-east-1"}}
    world.kube.request("POST", EMR_JOB_POLICY.path(), {**head, "spec": spec})
    path = EMR_JOB_POLICY.path(None, "held")
    until(lambda: "finalizers" in world.kube.request("GET", path)["metadata"], PATIENCE, "the operator holds a policy")


def _ensure_namespace(world: World, name: str) -> None:
    try:
        world.kube.create_namespace(name)
    except ApiError as error:
        if error.code != 409:
            raise


def told(found: Audit) -> str:
    """The table, and what is wrong in words."""
    said = [table(HEADS, found.rows())]
    said += [f"Granted and never used: {right.verb} {right.resource}" for right in sorted(found.unused)]
    said += [f"Not granted: {right.verb} {right.resource}" for right in sorted(found.missing)]
    return "\n".join(said if found.unused or found.missing else [*said, "Granted is what is used."])


def main() -> int:
    """Print the tables; 1 if a right is unused or missing."""
    wrong = False
    for title, namespaces in VARIANTS.items():
        with World(namespaces=namespaces) as world:
            found = exercise(world, cluster_wide=not namespaces)
            written = table(FIELD_HEADS, written_fields(world.cluster.audit_events()))
        sys.stdout.write(f"{title}\n{told(found)}\n\n{written}\n\n")
        wrong = wrong or bool(found.unused or found.missing)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())

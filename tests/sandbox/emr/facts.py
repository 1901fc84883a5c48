"""What the admin interface tells: the whole truth, in the simulator's own words. Pure."""

from collections.abc import Iterable
from typing import Any

from tests.sandbox.emr.clusters import Cluster
from tests.sandbox.emr.faults import Armed
from tests.sandbox.emr.life import Moment, Run
from tests.sandbox.emr.region import Region


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "at": moment.at,
        "state": moment.state,
        "details": moment.details,
        "reason": moment.reason,
        "attempt": moment.attempt,
    }


def of_run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "arn": run.arn,
        "virtual_cluster_id": run.cluster,
        "client_token": run.token,
        "name": run.request.get("name"),
        "state": run.now.state,
        "details": run.now.details,
        "reason": run.now.reason,
        "attempt": run.attempt,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
        "created_by": run.created_by,
        "history": [_moment(moment) for moment in run.history],
        "sends": run.sends,
        "cancels": run.cancels,
        "forgotten": run.forgotten,
        "tags": run.tags,
        "received": run.received,
        "request": run.request,
    }


def tokens(runs: Iterable[Run]) -> list[dict[str, Any]]:
    """By token over all virtual clusters and regions: more than one run is a broken promise."""
    found: dict[str, dict[str, Any]] = {}
    for run in runs:
        entry = found.setdefault(run.token, {"client_token": run.token, "runs": [], "sends": 0})
        entry["runs"].append(run.id)
        entry["sends"] += run.sends
    return list(found.values())


def of_fault(armed: Armed) -> dict[str, Any]:
    return {"id": armed.id, "seen": armed.seen, "struck": armed.struck, **armed.fault.model_dump()}


def of_cluster(region: Region, cluster: Cluster, now: float) -> dict[str, Any]:
    queued, running = region.counts(cluster)
    return {
        "id": cluster.id,
        "arn": cluster.arn,
        "account": region.account,
        "region": region.name,
        "state": cluster.state_at(now),
        "scheduler": cluster.scheduler,
        "queued": queued,
        "running": running,
    }

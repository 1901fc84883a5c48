"""All that the service keeps for one account and region. Pure."""

from collections.abc import Callable
from typing import Any

from tests.sandbox.emr import demands
from tests.sandbox.emr.buckets import Buckets
from tests.sandbox.emr.clusters import Cluster, Clusters, not_running
from tests.sandbox.emr.errors import validation
from tests.sandbox.emr.ids import cluster_arn
from tests.sandbox.emr.life import Moment, Run
from tests.sandbox.emr.runs import Runs
from tests.sandbox.emr.schedule import Schedule
from tests.sandbox.emr.settings import Settings
from tests.sandbox.emr.templates import Templates


class Region:
    def __init__(self, account: str, region: str, now: float, settings: Callable[[], Settings]) -> None:
        self.account, self.name = account, region
        self._settings = settings
        self.clusters = Clusters(account, region, now)
        self.templates = Templates(account, region)
        for name, data in settings().job_templates.items():
            given = {"name": name, "clientToken": name, "jobTemplateData": data}
            self.templates.create(name, given, now, settings().principal)
        self.buckets = Buckets()
        self.runs = Runs(self._schedule)

    def _schedule(self, happened: Callable[[Run, Moment], None]) -> Schedule:
        return Schedule(self._limit_of, lambda: self._settings().durations.slot_timeout, happened)

    def _limit_of(self, cluster_id: str) -> int | None:
        cluster = self.clusters.get(cluster_id)
        if cluster is None or cluster.scheduler is None:
            return None
        return cluster.scheduler.get("maxConcurrentJobRuns", self._settings().default_concurrency)

    def settle(self, now: float) -> None:
        self.runs.schedule.settle(now)
        self.runs.expire(now, self._settings().retention)

    def arn(self, cluster_id: str) -> str:
        return cluster_arn(self.account, self.name, cluster_id)

    def counts(self, cluster: Cluster) -> tuple[int, int]:
        return self.runs.in_queue(cluster.id), self.runs.running(cluster.id)

    def put_cluster(self, cluster_id: str, change: dict[str, Any], now: float) -> None:
        """`state` and `schedulerConfiguration`; a cluster that is not there is made."""
        cluster = self.clusters.get(cluster_id) or self.clusters.invent(cluster_id, now)
        cluster.state = change.get("state", cluster.state)
        if "schedulerConfiguration" in change:
            cluster.scheduler = change["schedulerConfiguration"]
            self.runs.schedule.admit(cluster_id, now)

    def open_cluster(self, cluster_id: str, now: float) -> Cluster:
        """The virtual cluster, if it takes new runs."""
        cluster = self.clusters.find(cluster_id, now, self._settings().any_virtual_cluster)
        if cluster.state_at(now) != "RUNNING":
            raise not_running(cluster, now)
        limit = (cluster.scheduler or {}).get("maxInQueueJobRuns")
        if limit is not None and self.runs.in_queue(cluster_id) >= limit:
            raise validation(self._settings().queue_full.format(id=cluster_id, limit=limit))
        return cluster

    def refuse_foreign_role(self, request: dict[str, Any], principal: str) -> None:
        if not self._settings().same_account_role:
            return
        error = demands.foreign_role(request, self.account, principal, self.arn(request["virtualClusterId"]))
        if error is not None:
            raise error

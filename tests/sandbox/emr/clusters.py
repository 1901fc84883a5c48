"""Virtual clusters of one account and region: states, scheduler limits, namespaces. Pure."""

from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.emr.errors import ServiceError, not_found, validation
from tests.sandbox.emr.ids import DEFAULT_VIRTUAL_CLUSTER, cluster_arn


@dataclass(slots=True, eq=False)
class Cluster:
    id: str
    arn: str
    name: str
    provider: dict[str, Any]
    created_at: float
    state: str = "RUNNING"
    tags: dict[str, str] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)  # members that are only kept and shown
    scheduler: dict[str, int] | None = None
    terminates_at: float | None = None
    tokens: set[str] = field(default_factory=set)  # of updates

    def state_at(self, now: float) -> str:
        if self.state == "TERMINATING" and self.terminates_at is not None and now >= self.terminates_at:
            return "TERMINATED"
        return self.state

    def namespace(self) -> tuple[str, str | None]:
        info = self.provider.get("info", {}).get("eksInfo", {})
        return self.provider["id"], info.get("namespace")


class Clusters:
    def __init__(self, account: str, region: str, now: float) -> None:
        self._account, self._region = account, region
        self._by_id: dict[str, Cluster] = {}
        self._by_token: dict[str, Cluster] = {}
        self.invent(DEFAULT_VIRTUAL_CLUSTER, now)

    def invent(self, cluster_id: str, now: float) -> Cluster:
        """A RUNNING virtual cluster under an id that somebody made up."""
        provider = {
            "type": "EKS",
            "id": "sandbox-eks",
            "info": {"eksInfo": {"namespace": f"emr-{cluster_id[:25]}"}},
        }
        cluster = Cluster(cluster_id, self._arn(cluster_id), f"sandbox-{cluster_id[:25]}", provider, now)
        self._by_id[cluster_id] = cluster
        return cluster

    def _arn(self, cluster_id: str) -> str:
        return cluster_arn(self._account, self._region, cluster_id)

    def get(self, cluster_id: str) -> Cluster | None:
        return self._by_id.get(cluster_id)

    def all(self) -> list[Cluster]:
        return list(self._by_id.values())

    def find(self, cluster_id: str, now: float, invent: bool) -> Cluster:
        cluster = self._by_id.get(cluster_id)
        if cluster is None and invent:
            return self.invent(cluster_id, now)
        if cluster is None:
            raise not_found(f"Virtual cluster {cluster_id} doesn't exist.")
        return cluster

    def create(self, new_id: str, request: dict[str, Any], now: float) -> Cluster:
        token = request["clientToken"]
        if token in self._by_token:
            return self._by_token[token]
        cluster = Cluster(
            new_id,
            self._arn(new_id),
            request["name"],
            request["containerProvider"],
            now,
            tags=dict(request.get("tags", {})),
            extras={k: request[k] for k in ("securityConfigurationId", "sessionEnabled") if k in request},
            scheduler=request.get("schedulerConfiguration"),
        )
        self._refuse_taken_namespace(cluster, now)
        self._by_id[new_id] = self._by_token[token] = cluster
        return cluster

    def _refuse_taken_namespace(self, new: Cluster, now: float) -> None:
        namespace = new.namespace()
        for other in self._by_id.values():
            if namespace[1] and other.namespace() == namespace and other.state_at(now) != "TERMINATED":
                raise validation("A virtual cluster already exists in the given namespace")

    def delete(self, cluster_id: str, now: float, takes: float) -> Cluster:
        cluster = self._by_id.get(cluster_id)
        if cluster is None:
            raise validation(f"Virtual cluster {cluster_id} doesn't exist.")
        if cluster.state_at(now) not in {"RUNNING", "ARRESTED"}:
            raise validation("VirtualCluster is not in RUNNING or ARRESTED state")
        cluster.state = "TERMINATING"
        cluster.terminates_at = now + takes
        return cluster

    def update(self, request: dict[str, Any], now: float) -> Cluster:
        cluster = self.find(request["id"], now, invent=False)
        if request["clientToken"] in cluster.tokens:
            return cluster
        cluster.tokens.add(request["clientToken"])
        cluster.scheduler = request.get("schedulerConfiguration")
        return cluster


def not_running(cluster: Cluster, now: float) -> ServiceError:
    state = cluster.state_at(now)
    return validation(f"Virtual cluster state {state} is not valid to create resource JobRun.")

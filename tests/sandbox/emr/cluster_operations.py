"""Create, describe, update, delete and list virtual clusters on one region's state. Pure."""

from tests.sandbox.emr import documents, listing
from tests.sandbox.emr.clusters import Cluster
from tests.sandbox.emr.context import Context, Document, between, page_document


def create_virtual_cluster(c: Context) -> Document:
    cluster = c.region.clusters.create(c.ids.long(), c.request, c.now)
    return {"id": cluster.id, "name": cluster.name, "arn": cluster.arn}


def _shown(c: Context, cluster: Cluster) -> Document:
    return documents.virtual_cluster(cluster, c.now, c.settings.timestamp_digits, c.region.counts(cluster))


def describe_virtual_cluster(c: Context) -> Document:
    cluster = c.region.clusters.find(c.request["id"], c.now, c.settings.any_virtual_cluster)
    return {"virtualCluster": _shown(c, cluster)}


def update_virtual_cluster(c: Context) -> Document:
    cluster = c.region.clusters.update(c.request, c.now)
    c.region.runs.schedule.admit(cluster.id, c.now)
    return {"virtualCluster": _shown(c, cluster)}


def delete_virtual_cluster(c: Context) -> Document:
    takes = c.settings.durations.cluster_termination
    return {"id": c.region.clusters.delete(c.request["id"], c.now, takes).id}


def list_virtual_clusters(c: Context) -> Document:
    def keep(cluster: Cluster) -> bool:
        provider = cluster.provider
        return (
            c.request.get("containerProviderId", provider["id"]) == provider["id"]
            and c.request.get("containerProviderType", provider["type"]) == provider["type"]
            and (not c.request.get("states") or cluster.state_at(c.now) in c.request["states"])
            and between(c.request, cluster.created_at)
        )

    found, following = listing.page_of(c.request, c.settings.page_limit, c.region.clusters.all(), keep)
    digits = c.settings.timestamp_digits
    items = [documents.virtual_cluster(cluster, c.now, digits) for cluster in found]
    return page_document("virtualClusters", items, following)

"""Which function carries out which operation. Pure."""

from collections.abc import Callable

from tests.sandbox.emr import cluster_operations, run_operations, tagging, template_operations
from tests.sandbox.emr.context import Context, Document

HANDLERS: dict[str, Callable[[Context], Document]] = {
    "StartJobRun": run_operations.start_job_run,
    "DescribeJobRun": run_operations.describe_job_run,
    "CancelJobRun": run_operations.cancel_job_run,
    "ListJobRuns": run_operations.list_job_runs,
    "CreateVirtualCluster": cluster_operations.create_virtual_cluster,
    "DescribeVirtualCluster": cluster_operations.describe_virtual_cluster,
    "UpdateVirtualCluster": cluster_operations.update_virtual_cluster,
    "DeleteVirtualCluster": cluster_operations.delete_virtual_cluster,
    "ListVirtualClusters": cluster_operations.list_virtual_clusters,
    "CreateJobTemplate": template_operations.create_job_template,
    "DescribeJobTemplate": template_operations.describe_job_template,
    "DeleteJobTemplate": template_operations.delete_job_template,
    "ListJobTemplates": template_operations.list_job_templates,
    "TagResource": lambda c: tagging.tag(c.region, c.request),
    "UntagResource": lambda c: tagging.untag(c.region, c.request),
    "ListTagsForResource": lambda c: tagging.listed(c.region, c.request),
}

"""What the operator really asks of AWS is what `emrjobs iam-policy` grants it, on these resources and as that role."""

from typing import Any

import pytest

from emrjobs.cli.iam_policy import ACTIONS, Scope, policy
from tests.sandbox.emr.admin import CallFacts
from tests.support.iam import allows
from tests.support.jobs import Jobs
from tests.support.situations import SITUATIONS, cluster_of

pytestmark = pytest.mark.usefixtures("operator")

ROLE = "arn:aws:iam::123456789012:role/emr-on-eks-job"
LIVES = ("queued", "cancelled", "lost", "completed")
ON_RUNS = ("DescribeJobRun", "CancelJobRun")


def granted(grants: dict[str, Any], call: CallFacts) -> bool:
    """As IAM would judge it. ListJobRuns and the rest are asked of the virtual cluster."""
    resource = (
        f"arn:aws:emr-containers:{call['region']}:{call['account']}:/virtualclusters/{call['virtual_cluster_id']}"
    )
    if call["operation"] in ON_RUNS:
        resource += f"/jobruns/{call['job_run_id']}"
    context = {"emr-containers:ExecutionRoleArn": ROLE} if call["operation"] == "StartJobRun" else {}
    return allows(grants, f"emr-containers:{call['operation']}", resource, context)


def test_every_call_is_granted_and_every_grant_is_used(jobs: Jobs) -> None:
    for name in LIVES:
        SITUATIONS[name].arrange(jobs, name)
        jobs.reaches(SITUATIONS[name].state, name)
    clusters = [cluster_of(jobs, name) for name in LIVES]
    made = [call for call in jobs.sim.calls() if call["virtual_cluster_id"] in clusters]
    ours, theirs = Scope("eu-west-1", clusters, [ROLE]), Scope("eu-west-1", [jobs.cluster], [ROLE])

    assert [call for call in made if not granted(policy(ours), call)] == []
    assert [call for call in made if granted(policy(theirs), call)] == []
    emr = {name for name, action in ACTIONS.items() if action.startswith("emr-containers:")}
    # Templates are read under a policy only: test_job_templates.
    assert {call["operation"] for call in made} == emr - {"DescribeJobTemplate"}

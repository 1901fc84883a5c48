"""Requests to try the simulator with."""

from typing import Any

from tests.sandbox.emr.ids import DEFAULT_VIRTUAL_CLUSTER
from tests.sandbox.emr.scripts import TAG

ROLE = "arn:aws:iam::123456789012:role/job-execution"


def request(token: str, script: str | None = None, **members: Any) -> dict[str, Any]:
    """A StartJobRun request that the service accepts; a member given as None is left out."""
    complete = {
        "virtualClusterId": DEFAULT_VIRTUAL_CLUSTER,
        "clientToken": token,
        "name": "sample",
        "executionRoleArn": ROLE,
        "releaseLabel": "emr-7.5.0-latest",
        "jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "s3://bucket/job.py"}},
        **members,
    }
    if script is not None:
        complete["tags"] = {TAG: script, **complete.get("tags", {})}
    return {key: value for key, value in complete.items() if value is not None}

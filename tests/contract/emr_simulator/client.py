"""What these tests do with unchanged boto3."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.emr.ids import DEFAULT_VIRTUAL_CLUSTER
from tests.sandbox.emr.samples import request

VC = DEFAULT_VIRTUAL_CLUSTER


def start(emr: Any, token: str, script: str | None = None, **members: Any) -> str:
    """Start a run; its id."""
    return str(emr.start_job_run(**request(token, script, **members))["id"])


def described(emr: Any, run_id: str, vc: str = VC) -> dict[str, Any]:
    """The record of a run."""
    found: dict[str, Any] = emr.describe_job_run(virtualClusterId=vc, id=run_id)["jobRun"]
    return found


def failure(call: Any, **members: Any) -> tuple[int, str, str]:
    """Status, code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**members)
    response = caught.value.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return status, response["Error"]["Code"], response["Error"]["Message"]


def refusal(call: Any, **members: Any) -> tuple[str, str]:
    """Code and message of a call that must fail."""
    return failure(call, **members)[1:]

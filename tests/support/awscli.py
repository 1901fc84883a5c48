"""The real AWS CLI, in an environment of its own: it pins a botocore that is not ours."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.own_environment import CannotInstall as CannotInstall
from tests.support.own_environment import installed as of_its_own

ANSWERED_WITHIN = 60.0


class AwsCli:
    """`aws` against one endpoint."""

    def __init__(self, program: Path, endpoint: str, region: str) -> None:
        self._program = program
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
            "AWS_ENDPOINT_URL_EMR_CONTAINERS": endpoint,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "*",
        }

    def start_job_run(self, flags: Sequence[str]) -> str:
        """Run `aws emr-containers start-job-run`; return the id of the run."""
        done = subprocess.run(
            [str(self._program), "emr-containers", "start-job-run", "--output", "json", *flags],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=ANSWERED_WITHIN,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"aws ended with {done.returncode}: {done.stderr}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return str(answer["id"])


def installed() -> Path:
    """Return the program `aws`."""
    return of_its_own("awscli", "aws")

"""The EmrJobPolicies of one test in the cluster."""

import secrets
from contextlib import suppress

from emrjobs.api.job_policy.kind import EMR_JOB_POLICY
from tests.sandbox.world import World
from tests.support.jobs import Jobs, ready
from tests.support.kube import ApiError, Json
from tests.support.poll import until

MERGE = "application/merge-patch+json"


def submit_role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/emr-submit"


def policy_in(jobs: Jobs, account: str, **aws: str) -> Json:
    """What a platform team gives to a team whose virtual cluster is in that account."""
    return {
        "namespaces": {"names": [jobs.runs.namespace]},
        "aws": {"roleArn": submit_role(account), **aws},
        "defaults": {
            "virtualClusterId": jobs.cluster,
            "executionRoleArn": f"arn:aws:iam::{account}:role/team",
            "releaseLabel": "emr-7.9.0-latest",
        },
        "allow": {"entryPoints": ["local:///usr/lib/spark/examples/"]},
    }


class Policies:
    """The EmrJobPolicies of a test; names are its own."""

    def __init__(self, world: World) -> None:
        self._kube = world.kube
        self._prefix = f"test-{secrets.token_hex(4)}"
        self._made: set[str] = set()
        self._held: set[str] = set()

    def name(self, name: str) -> str:
        return f"{self._prefix}-{name}"

    def create(self, name: str, spec: Json) -> Json:
        head = {"apiVersion": EMR_JOB_POLICY.api_version, "kind": EMR_JOB_POLICY.kind}
        body = {**head, "metadata": {"name": self.name(name)}, "spec": spec}
        made = self._kube.request("POST", EMR_JOB_POLICY.path(), body)
        self._made.add(name)
        return made

    def patch(self, name: str, spec: Json) -> Json:
        return self._kube.request("PATCH", self._path(name), {"spec": spec}, content_type=MERGE)

    def status(self, name: str) -> Json:
        found: Json = self._kube.request("GET", self._path(name)).get("status", {})
        return found

    def shows(self, name: str, reason: str) -> Json:
        """The Ready condition, once it has that reason."""

        def probe() -> Json | None:
            status = self.status(name)
            found = ready(status) if status.get("conditions") else {}
            return found if found.get("reason") == reason else None

        return until(probe, 30, f"policy {name} shows {reason}")

    def delete(self, name: str) -> None:
        self._made.discard(name)
        self._held.add(name)
        self._kube.request("DELETE", self._path(name))

    def gone(self, name: str) -> None:
        """Wait until it does not exist any more."""

        def probe() -> bool:
            try:
                self.status(name)
            except ApiError as error:
                return error.code == 404
            return False

        until(probe, 60, f"policy {name} goes")

    def delete_all(self) -> None:
        """Those that an operator of ours would have let go, too."""
        for name in list(self._made):
            self.delete(name)
        for name in self._held:
            body = {"metadata": {"finalizers": None}}
            with suppress(ApiError):
                self._kube.request("PATCH", self._path(name), body, content_type=MERGE)

    def _path(self, name: str) -> str:
        return EMR_JOB_POLICY.path(None, self.name(name))

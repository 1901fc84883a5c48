"""EmrJobRuns of one test seen from both sides: the API server that shows them, the endpoint that counts."""

import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from tests.sandbox.emr.admin import Admin, CallFacts, RunFacts
from tests.support.kube import Json, Runs
from tests.support.poll import until

SCRIPT = "sim.emrjobs.dev/script"
TERMINAL = ("COMPLETED", "FAILED", "CANCELLED", "LOST")
FOR_EVER = "run=100000"
"""A script: the run stays RUNNING until somebody cancels it."""


def spark_pi(virtual_cluster_id: str, script: str | None = None, **members: object) -> Json:
    """Return a spec; `script` says what the run shall do, `members` are added or put in place of ours."""
    return {
        "virtualClusterId": virtual_cluster_id,
        "executionRoleArn": "arn:aws:iam::123456789012:role/emr-on-eks-job",
        "releaseLabel": "emr-7.9.0-latest",
        "jobDriver": {
            "sparkSubmitJobDriver": {
                "entryPoint": "local:///usr/lib/spark/examples/jars/spark-examples.jar",
                "entryPointArguments": ["1000"],
                "sparkSubmitParameters": "--class org.apache.spark.examples.SparkPi",
            }
        },
        **({"tags": {SCRIPT: script}} if script else {}),
        **members,
    }


class Jobs:
    """The jobs of one test, in a namespace and a virtual cluster of their own."""

    def __init__(self, runs: Runs, sim: Admin) -> None:
        self.runs = runs
        self.sim = sim
        self.cluster = f"test{secrets.token_hex(10)}"

    def submit(self, name: str = "job", /, script: str | None = None, **members: object) -> Json:
        return self.runs.create(name, self.spec(script, **members))

    def spec(self, script: str | None = None, **members: object) -> Json:
        """A request to this test's virtual cluster."""
        return spark_pi(self.cluster, script, **members)

    def submit_all(self, names: Iterable[str], script: str | None = None, **members: object) -> list[Json]:
        """Create many, eight at a time."""
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(lambda name: self.submit(name, script, **members), names))

    # ---- at the API server

    def status(self, name: str = "job") -> Json:
        found: Json = self.runs.get(name).get("status", {})
        return found

    def shows(self, holds: Callable[[Json], object], what: str, name: str = "job", timeout: float = 30) -> Json:
        """Wait until the status satisfies `holds`, and return it."""

        def probe() -> Json | None:
            seen = self.status(name)
            return seen if holds(seen) else None

        return until(probe, timeout, lambda: f"{name} {what}; its status is {self.status(name)}")

    def reaches(self, state: str, name: str = "job", timeout: float = 30) -> Json:
        """Wait for a state, and return the status that shows it."""
        return self.shows(lambda status: status.get("state") == state, f"is {state}", name, timeout)

    def explains(self, reason: str, name: str = "job", timeout: float = 30) -> Json:
        """Wait for a reason of the Ready condition, and return the status that shows it."""
        return self.shows(lambda status: ready(status).get("reason") == reason, f"says {reason}", name, timeout)

    def all_reach(self, state: str, count: int, timeout: float = 60) -> list[Json]:
        """Wait until all objects of the namespace, `count` of them, are in one state."""

        def probe() -> list[Json] | None:
            items = self.runs.list()
            return items if len(items) == count and self._in(state, items) == count else None

        return until(probe, timeout, lambda: f"{count} objects are {state}, not {self.states()}")

    def states(self) -> dict[str, int]:
        """How many objects are in which state."""
        seen = [item.get("status", {}).get("state", "new") for item in self.runs.list()]
        return {state: seen.count(state) for state in sorted(set(seen))}

    def gone(self, name: str = "job", timeout: float = 30) -> None:
        """Wait until the object no longer exists."""
        until(lambda: self.runs.find(name) is None, timeout, lambda: f"{name} goes: {self.runs.find(name)}")

    @staticmethod
    def _in(state: str, items: list[Json]) -> int:
        return sum(item.get("status", {}).get("state") == state for item in items)

    # ---- at the endpoint

    def at_endpoint(self) -> list[RunFacts]:
        """Every run of this test that was ever accepted."""
        return self.sim.runs(virtual_cluster_id=self.cluster)

    def run_of(self, job: Json) -> RunFacts:
        """The one run that was started for this object."""
        found = self.sim.runs(client_token=job["metadata"]["uid"])
        assert len(found) == 1, f"{len(found)} runs under one token"
        return found[0]

    def calls(self, operation: str | None = None) -> list[CallFacts]:
        """What reached the endpoint for this test's virtual cluster."""
        return [call for call in self.sim.calls(operation) if call["virtual_cluster_id"] == self.cluster]

    def one_run_each(self, jobs: Iterable[Json]) -> None:
        """Every object's token has one run, and no run has a token that is no object's."""
        tokens = sorted(run["client_token"] for run in self.at_endpoint())
        assert tokens == sorted(job["metadata"]["uid"] for job in jobs)
        assert self.sim.duplicates() == []

    def statuses_are_true(self) -> None:
        """Every status says of its run what the endpoint says."""
        truth = {run["id"]: (run["client_token"], run["state"]) for run in self.at_endpoint()}
        shown = {item["status"]["id"]: (item["metadata"]["uid"], item["status"]["state"]) for item in self.runs.list()}
        assert shown == truth


def ready(status: Json) -> Json:
    """The Ready condition, or nothing."""
    return next((found for found in status.get("conditions", []) if found["type"] == "Ready"), {})


def situation(status: Json) -> dict[str, str]:
    """Condition types and what they say."""
    return {found["type"]: found["status"] for found in status.get("conditions", [])}

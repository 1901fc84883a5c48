"""Two AWS targets in one process, each with an endpoint of its own: what fails at one touches nothing of the other."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from emrjobs.adapters.aws_session import new_session
from emrjobs.adapters.emr_containers import EmrContainers
from emrjobs.adapters.kube import Kube
from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.core.job_run.resource import Resource
from emrjobs.core.job_run.target import Target, TargetKey
from emrjobs.runtime.aws.connect import Locator, aws_target
from emrjobs.runtime.aws.rate_limiter import RateLimiter
from emrjobs.runtime.aws.target import AwsTarget, AwsTargets
from emrjobs.runtime.event_recorder import EventRecorder
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.health import FailureStreak
from emrjobs.runtime.job_run.job_runs import JobRuns
from emrjobs.runtime.shared import Shared
from emrjobs.runtime.watch_progress import WatchProgress
from emrjobs.settings import Settings
from tests.sandbox.emr.process import REGION, Simulator
from tests.sandbox.world import World
from tests.support.in_process import configuration_of, reach, serve
from tests.support.jobs import FOR_EVER, spark_pi
from tests.support.kube import Runs
from tests.support.shared_operator import ENVIRONMENT

CLUSTER = "samecluster"
"""The same id in both accounts: what belongs to a run must not be found by its cluster alone."""
GOOD, BAD = (TargetKey(role_arn=f"arn:aws:iam::{n}:role/emrjobs", region=REGION) for n in ("1" * 12, "2" * 12))


@pytest.fixture
def endpoints() -> Iterator[dict[TargetKey, Simulator]]:
    with Simulator() as good, Simulator() as bad:
        yield {GOOD: good, BAD: bad}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox", "AWS_REGION": REGION}
    for name, value in {**ENVIRONMENT, **keys, "EMRJOBS_NOT_READY_AFTER": "0.5"}.items():
        monkeypatch.setenv(name, value)


class Session:
    """A boto3 session whose clients call one endpoint."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = new_session(REGION)

    def client(self, service: str, **given: Any) -> Any:
        return self._session.client(service, endpoint_url=self._url, **given)


class Process:
    """The parts that serve EmrJobRuns; an object's name says which target is its own."""

    def __init__(self, world: World, namespace: str, endpoints: dict[TargetKey, Simulator]) -> None:
        settings = Settings(namespace=(namespace,))
        self._endpoints = endpoints
        self.configuration = configuration_of(world.operator_kubeconfig)
        self.kube = Kube(self.configuration, 8)
        self.recorder = EventRecorder(self.kube)
        gate, loaded = Gate(timedelta(seconds=15)), asyncio.Event()
        gate.open()
        shared = Shared(settings, self.kube, gate, self.recorder, FailureStreak("", timedelta(0)))
        self.job_runs = JobRuns(shared, loaded, self._targets, None)
        self.progress = WatchProgress((EMR_JOB_RUN.path(namespace),), loaded, self.job_runs.resync.soon)

    def _targets(self, settings: Settings, _: Locator, wake: Callable[[str], None]) -> AwsTargets:
        def connect(key: TargetKey, wake: Callable[[str], None]) -> AwsTarget:
            emr = EmrContainers(8, lambda: Session(self._endpoints[key].url))
            return aws_target(key, emr, RateLimiter(settings.quotas, settings.quota_share), settings, wake)

        return AwsTargets(_located, connect, wake)

    def problems(self) -> dict[TargetKey, bool]:
        """Whether each target is in trouble."""
        return {target.key: target.health.problem() is not None for target in self.job_runs.targets}


def _located(resource: Resource) -> Target:
    return Target(GOOD if resource.name.startswith("good") else BAD)


@pytest.mark.usefixtures("start_operator")  # the operator that other tests share would act on these objects too
def test_a_target_that_is_away_stops_only_its_own_runs(
    world: World, runs: Runs, endpoints: dict[TargetKey, Simulator]
) -> None:
    def state(name: str) -> str:
        return str(runs.get(name).get("status", {}).get("state"))

    def started(key: TargetKey) -> list[str]:
        return sorted(str(run["name"]) for run in endpoints[key].admin.runs())

    def story(made: Process) -> None:
        for name in ("good-1", "bad-1"):
            runs.create(name, spark_pi(CLUSTER, FOR_EVER))
        for name in ("good-1", "bad-1"):
            reach(lambda name=name: state(name), "RUNNING")  # type: ignore[misc]  # bound at once
        assert (started(GOOD), started(BAD)) == (["good-1"], ["bad-1"])
        endpoints[BAD].process.kill()
        runs.create("bad-2", spark_pi(CLUSTER, "run=0"))
        runs.create("good-2", spark_pi(CLUSTER, "run=0"))
        reach(lambda: state("good-2"), "COMPLETED")
        reach(made.problems, {GOOD: False, BAD: True})
        assert made.job_runs.targets.unhealthy() is None
        # What the good one shows says nothing of the other's run, though their virtual clusters have one id.
        good = endpoints[GOOD].admin
        good.put_state(good.runs(name="good-1")[0]["id"], "COMPLETED")
        reach(lambda: state("good-1"), "COMPLETED")
        assert state("bad-1") == "RUNNING"
        assert (started(GOOD), state("bad-2")) == (["good-1", "good-2"], "SUBMITTING")

    async def play() -> None:
        made = Process(world, runs.namespace, endpoints)
        parts = (*made.job_runs.parts(), made.recorder.run())
        informers = [made.job_runs.informer]
        told = lambda: story(made)  # noqa: E731 - what a thread is given
        await serve(made.kube, made.configuration, informers, made.progress, parts, runs.namespace, told)

    asyncio.run(play())

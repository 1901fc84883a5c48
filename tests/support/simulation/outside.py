"""Everybody but the operator: users, crashes, AWS's forgetfulness. Each happening is one line of a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from emrjobs.api.job_run.spec import DeletionPolicy
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.circuit_breaker import OpenCircuit
from tests.support.simulation.aws import ModelAws
from tests.support.simulation.cluster import CLUSTERS, ModelCluster
from tests.support.simulation.process import Process
from tests.support.simulation.script import Happening

_IN_THE_WAY: Final = timedelta(minutes=3)
_GENEROUS: Final = {"limit": 5, "failureReasons": ["INTERNAL_ERROR", "USER_ERROR"], "backoffSeconds": 5}


@dataclass(slots=True)
class Outside:
    """Acts on the models; time is the story's."""

    cluster: ModelCluster
    aws: ModelAws
    processes: Sequence[Process]
    retained_once: bool
    """Whether the object was ever to let its run go on: then a run may outlive it."""
    forced: bool = False
    """Whether somebody took the finalizers off: then the object may go before its run has ended."""
    now: datetime = field(init=False)

    def do(self, happening: Happening, now: datetime) -> None:
        self.now = now
        does = self._table().get(happening)
        if does is not None:
            does()

    def _table(self) -> Mapping[Happening, Callable[[], object]]:
        first, last, cluster = self.processes[0], self.processes[-1], self.cluster
        return {
            Happening.CRASH: first.restart,
            Happening.CRASH_SOON: first.doom,
            Happening.OTHER_CRASH: last.restart,
            Happening.OTHER_CRASH_SOON: last.doom,
            Happening.HAND_OVER: self._hand_over,
            Happening.FORGET: self._forget,
            Happening.BUSY: lambda: self._stand_in_the_way(Verdict.BUSY),
            Happening.DENIED: lambda: self._stand_in_the_way(Verdict.DENIED),
            Happening.DELETE: lambda: cluster.delete(self.now),
            Happening.FLIP_POLICY: self._flip_policy,
            Happening.EDIT: self._edit,
            Happening.BREAK_SPEC: lambda: cluster.change_spec(releaseLabel=None),
            Happening.TOUCH: cluster.touch,
            Happening.FORCE: self._force,
            Happening.SUSPEND: lambda: cluster.change_spec(suspend=True),
            Happening.RESUME: lambda: cluster.change_spec(suspend=False),
            Happening.CANCEL: lambda: cluster.change_spec(cancel=True),
            Happening.TIGHTEN: lambda: cluster.change_spec(activeDeadlineSeconds=1, startDeadlineSeconds=1),
            Happening.LOOSEN: lambda: cluster.change_spec(activeDeadlineSeconds=None, startDeadlineSeconds=None),
            Happening.RETRY: lambda: cluster.change_spec(resubmitPolicy=_GENEROUS),
            Happening.NO_RETRY: lambda: cluster.change_spec(resubmitPolicy=None),
            Happening.CLEAN_UP: self._flip_time_to_live,
        }

    def _hand_over(self) -> None:
        leaders = [process for process in self.processes if process.leads]
        others = [process for process in self.processes if not process.leads]
        if len(leaders) == len(others) == 1:
            leaders[0].leads = False
            others[0].lead()

    def _forget(self) -> None:
        """Records go long after the end; by then the operator has read the id, if not the end."""
        resource = self.cluster.current
        ended = [run.id for run in self.aws.runs if not run.alive(self.now)]
        if resource is not None and resource.status.id in ended:
            self.aws.forget(resource.status.id)

    def _stand_in_the_way(self, verdict: Verdict) -> None:
        for process in self.processes:
            process.open_circuit = OpenCircuit(verdict, "Code", "another", self.now, self.now + _IN_THE_WAY)

    def _force(self) -> None:
        self.forced = True
        self.cluster.force()

    def _flip_policy(self) -> None:
        resource = self.cluster.current
        if resource is not None:
            self.retained_once = True
            retain = resource.lifecycle.deletion_policy is DeletionPolicy.RETAIN
            self.cluster.change_spec(deletionPolicy="Cancel" if retain else "Retain")

    def _flip_time_to_live(self) -> None:
        resource = self.cluster.current
        if resource is not None:
            self.cluster.change_spec(ttlSecondsAfterFinished=60 if resource.lifecycle.ttl is None else None)

    def _edit(self) -> None:
        if self.cluster.raw is not None:
            other = CLUSTERS[1 - CLUSTERS.index(self.cluster.raw["spec"]["virtualClusterId"])]
            self.cluster.change_spec(virtualClusterId=other, releaseLabel="emr-7.9.0-latest")

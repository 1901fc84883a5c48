"""Metrics that are read before a page is made: how many objects in which state, and how much waits."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from emrjobs.api.job_run.status import State
from emrjobs.core.job_run.resource import Resource
from emrjobs.runtime.job_run.job_runs import JobRuns

_STATES: Final = frozenset(State)


class Gauges(Collector):
    """Costs nothing between scrapes."""

    def __init__(self, job_runs: JobRuns, leads: Callable[[], bool]) -> None:
        self._job_runs = job_runs
        self._leads = leads
        self._read: tuple[GaugeMetricFamily, ...] = ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The levels that were read last. Called in another thread."""
        return self._read

    def read(self) -> None:
        """Read the levels of this moment. Called in the event loop, which owns all that is read."""
        self._read = tuple(self._levels())

    def _levels(self) -> Iterable[GaugeMetricFamily]:
        states = Counter(_state(resource) for resource in self._job_runs.store if resource.exists)
        yield _family("emrjobs_objects", "Objects by state.", "state", states)
        due = len(self._job_runs.controller.queue)
        yield GaugeMetricFamily("emrjobs_due", "Objects that wait for a pass.", value=due)
        yield GaugeMetricFamily("emrjobs_leader", "1 while this process acts.", value=int(self._leads()))
        orphans = "Active job runs of ours whose object is gone, as the last search found them."
        yield GaugeMetricFamily("emrjobs_orphaned_active_runs", orphans, value=len(self._job_runs.orphans))
        active, queued = Counter[str](), Counter[str]()
        for policy in self._job_runs.active_runs.policies():
            active[policy], queued[policy] = self._job_runs.active_runs.counts(policy)
        yield _family("emrjobs_policy_active_runs", "Active runs, by policy.", "policy", active)
        yield _family("emrjobs_policy_queued_runs", "Objects that wait for one to end, by policy.", "policy", queued)
        waiting, tokens = Counter[str](), dict[str, float]()
        for target in self._job_runs.targets:
            waiting.update(target.rate_limiter.waiting())
            for bucket, level in target.rate_limiter.levels().items():
                tokens[bucket] = min(level, tokens.get(bucket, level))
        yield _family("emrjobs_line", "Calls that wait for the rate limit.", "operation", waiting)
        yield _family("emrjobs_quota_tokens", "Calls that may be made at once.", "bucket", tokens)


def _state(resource: Resource) -> str:
    """A word of a closed list: what stands in a status may be anybody's."""
    state = resource.status.state or "NEW"
    return state if state == "NEW" or state in _STATES else "other"


def _family(name: str, meaning: str, label: str, values: Counter[str] | dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family

"""Metrics that are read when they are asked for: how many objects in which state, and how much waits."""

from collections import Counter
from collections.abc import Callable, Iterable

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from emrjobs.runtime.aws.rate_limiter import RateLimiter
from emrjobs.runtime.controller import Controller
from emrjobs.runtime.store import Store


class Gauges(Collector):
    """Costs nothing between scrapes."""

    def __init__(
        self, store: Store, controller: Controller, rate_limiter: RateLimiter, leads: Callable[[], bool]
    ) -> None:
        self._store = store
        self._controller = controller
        self._rate_limiter = rate_limiter
        self._leads = leads

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The levels of this moment."""
        states = Counter(resource.status.state or "NEW" for resource in self._store if resource.exists)
        objects = GaugeMetricFamily("emrjobs_objects", "Objects by state.", labels=["state"])
        for state, count in states.items():
            objects.add_metric([state], count)
        yield objects
        yield GaugeMetricFamily("emrjobs_due", "Objects that wait for a pass.", value=self._controller.depth)
        yield GaugeMetricFamily("emrjobs_leader", "1 while this process acts.", value=int(self._leads()))
        line = GaugeMetricFamily("emrjobs_line", "Calls that wait for the rate limit.", labels=["operation"])
        for operation, count in self._rate_limiter.waiting().items():
            line.add_metric([operation], count)
        yield line
        tokens = GaugeMetricFamily("emrjobs_quota_tokens", "Calls that may be made at once.", labels=["bucket"])
        for bucket, level in self._rate_limiter.levels().items():
            tokens.add_metric([bucket], level)
        yield tokens

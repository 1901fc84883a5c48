"""However many ask for the metrics, they are made once a second and outside of the event loop."""

import asyncio
import threading
from collections.abc import Iterable

import pytest
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily
from prometheus_client.registry import Collector

from emrjobs.runtime import http_server
from emrjobs.runtime.http_server import MetricsPage
from tests.support.clock import Clock, stopped_clock


class Collected(Collector):
    """Counts its collections, and where they were made."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        self.threads.append(threading.get_ident())
        return [GaugeMetricFamily("made", "How often.", value=len(self.threads))]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch, http_server)


def test_eight_hundred_scrapers_at_once_cost_one_page_and_none_in_the_loop(clock: Clock) -> None:
    registry, collected, reads = CollectorRegistry(auto_describe=False), Collected(), list[int]()
    registry.register(collected)
    collected.threads.clear()

    async def play() -> None:
        page = MetricsPage(registry, lambda: reads.append(threading.get_ident()))
        first = await asyncio.gather(*(page.get() for _ in range(800)))
        assert set(first) == {first[0]}
        clock.now += 1
        assert await page.get() != first[0]

    asyncio.run(play())
    assert len(collected.threads) == len(reads) == 2
    assert threading.get_ident() not in collected.threads
    assert set(reads) == {threading.get_ident()}

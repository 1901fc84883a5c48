"""The reader of hints at a real SQS API: whatever the messages are, they are used, counted and deleted, in batches."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from emrjobs.adapters.event_queue import EventQueue
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.job_run.hints import READERS, Hints
from emrjobs.runtime.job_run.run_index import RunIndex
from emrjobs.runtime.metrics import METRICS
from tests.sandbox.world import REGION
from tests.support.builders import TIMING, a_run
from tests.support.event_queue import Queue, Sqs, message, sqs_server
from tests.support.parts import a_run_index, a_store
from tests.support.ports import free_port

RUNS = [f"0000000000000run{number:03d}" for number in range(25)]
DEADLINE = 30.0
Condition = Callable[[], object]


@pytest.fixture(scope="module")
def sqs() -> Iterator[Sqs]:
    with sqs_server() as up:
        yield up


@pytest.fixture
def queue(sqs: Sqs, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """A queue of this test alone, which this process may read as an operator would."""
    again_after = getattr(request, "param", 30)
    made = sqs.queue(f"q{abs(hash(request.node.name))}", again_after)
    keys = {"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox"}
    for name, value in {**made.environment, **keys}.items():
        monkeypatch.setenv(name, value)
    return made


@dataclass
class Reader:
    """Hints over a store of followed runs; the uid of each is its id."""

    index: RunIndex = field(default_factory=a_run_index)
    looked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = a_store(self.index)
        self.gate = Gate(timedelta(seconds=15))
        self.gate.open()
        for run in RUNS:
            world = a_run().running()
            self.store.apply(replace(world.resource, uid=run, status=world.status.model_copy(update={"id": run})))
        self._before = self._counted()

    def until(self, url: str, done: Condition) -> Hints:
        """Read until `done`, and return what read."""
        return asyncio.run(self._until(url, done))

    def due(self, run: str) -> bool:
        """Whether the run is to be described."""
        entry = self.store.get(run)
        return entry is not None and entry.memory.look_at is not None

    @property
    def counted(self) -> Counter[str]:
        """Messages by use, since this reader was made."""
        return Counter({name: now - self._before[name] for name, now in self._counted().items()})

    async def _until(self, url: str, done: Condition) -> Hints:
        queue = EventQueue(url, REGION, READERS)
        hints = Hints(queue, self.store, self.index, self.gate, self.looked.append, TIMING)
        await _while_running(hints.run(), done)
        queue.close()
        return hints

    @staticmethod
    def _counted() -> Counter[str]:
        samples = [s for metric in METRICS.hints.collect() for s in metric.samples if s.name.endswith("_total")]
        return Counter({sample.labels["result"]: int(sample.value) for sample in samples})


async def _while_running(work: Coroutine[Any, Any, None], done: Condition) -> None:
    task = asyncio.create_task(work)
    try:
        async with asyncio.timeout(DEADLINE):
            while not await asyncio.to_thread(done):
                assert not task.done(), "it goes on for ever"
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("kind", ["EMR Job Run State Change", "EmrContainers Job Run State Change"])
def test_both_names_of_a_change_of_state_are_known(queue: Queue, kind: str) -> None:
    reader = Reader()
    queue.send(message(RUNS[0], **{"detail-type": kind}))
    reader.until(queue.url, lambda: not queue.left())
    assert set(reader.looked) == {RUNS[0]}
    assert reader.due(RUNS[0])
    assert reader.counted["taken"] >= 1


def test_doubled_and_reordered_messages_are_used_and_deleted_in_batches(queue: Queue) -> None:
    reader = Reader()
    mixed = RUNS * 2
    random.Random(1).shuffle(mixed)
    queue.send(*map(message, mixed))
    reader.until(queue.url, lambda: not queue.left())
    # SQS may bring one message twice, so these are lower bounds.
    assert Counter(reader.looked) >= Counter(mixed)
    assert reader.counted == Counter(taken=len(reader.looked))


def test_what_is_malformed_or_foreign_is_counted_and_deleted(queue: Queue) -> None:
    reader = Reader()
    broken: list[Any] = ["", "{", "[]", "null", "[" * 5000, '"x"', message(RUNS[0], source="aws.s3")]
    broken += [
        message(RUNS[0], detail=None),
        message(RUNS[0], detail={"id": 7}),
        message(RUNS[0], **{"detail-type": 1}),
        message(RUNS[0], **{"detail-type": ["a"]}),
        message(RUNS[0], detail={"id": ".."}),
    ]
    broken = [body or " " for body in broken]  # SQS takes no empty message
    queue.send(*broken, message("ofsomebodyelse"), message(RUNS[1]))
    reader.until(queue.url, lambda: not queue.left())
    assert set(reader.looked) == {RUNS[1]}
    assert reader.counted >= Counter(malformed=len(broken), foreign=1, taken=1)


def test_a_closed_gate_leaves_the_messages_to_the_one_who_acts(queue: Queue) -> None:
    standby, leader = Reader(), Reader()
    standby.gate.close()
    queue.send(message(RUNS[0]))
    while_it_stands_by = iter([False] * 20 + [True])
    standby.until(queue.url, lambda: next(while_it_stands_by))
    assert standby.looked == []
    assert queue.left() == 1
    leader.until(queue.url, lambda: not queue.left())
    assert set(leader.looked) == {RUNS[0]}


@pytest.mark.parametrize("queue", [1], indirect=True)
def test_a_message_that_was_not_deleted_comes_again(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader()
    real, failures = EventQueue.delete, iter([True])

    async def fails_once(self: EventQueue, messages: Any) -> None:
        if not next(failures, False):
            await real(self, messages)

    monkeypatch.setattr(EventQueue, "delete", fails_once)
    queue.send(message(RUNS[0]))
    # The moment at which a message in flight comes back is nobody's count: both must hold at once.
    reader.until(queue.url, lambda: len(reader.looked) > 1 and not queue.left())
    assert set(reader.looked) == {RUNS[0]}


@pytest.mark.parametrize("why", ["away", "missing"])
def test_a_queue_that_cannot_be_read_is_not_relied_on(queue: Queue, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader()
    if why == "away":
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{free_port()}")
    url = queue.url if why == "away" else f"{queue.url}-of-nobody"
    hints = reader.until(url, lambda: reader.counted["failed"] >= READERS)
    assert not hints.working()
    assert reader.looked == []


def test_a_queue_that_comes_back_is_read_again(queue: Queue, sqs: Sqs) -> None:
    reader = Reader()
    later = queue.url.replace(queue.url.rsplit("/", 1)[-1], "comes-later")

    def there_after_a_failure() -> bool:
        if reader.counted["failed"] and not reader.looked:
            sqs.queue("comes-later").send(json.dumps(message(RUNS[0])))
        return bool(reader.looked)

    assert reader.until(later, there_after_a_failure).working()

"""The end of an outage of AWS's reads ends the waiting of every object at once."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.memory import Memory, Trouble
from emrjobs.core.job_run.memory_updates import Moment, reads_recovered
from emrjobs.runtime.aws.target import AwsTargets
from emrjobs.runtime.health import Outage
from emrjobs.runtime.job_run.job_runs import JobRuns
from tests.support.builders import NOON, TIMING, UID, a_run, seconds
from tests.support.parts import a_store, a_target, one_target

NOW = Moment(NOON, NOON, 0.0, TIMING, 1)


def waiting(verdict: Verdict) -> Memory:
    trouble = Trouble(verdict, "Code", "words", 9, NOON, NOON + seconds(120))
    return Memory(describe=trouble, look_at=trouble.retry_at)


@pytest.mark.parametrize(("failures", "told"), [(0, 0), (2, 0), (3, 1), (50, 1)])
def test_an_outage_is_over_once_with_the_first_answer(failures: int, told: int) -> None:
    ends: list[str] = []
    outage = Outage()
    outage.on_over(lambda: ends.append("over"))
    for _ in range(failures):
        outage.failed()
    outage.ok()
    outage.ok()
    assert len(ends) == told


@pytest.mark.parametrize("verdict", [Verdict.TRANSIENT, Verdict.UNREACHABLE, Verdict.AMBIGUOUS, Verdict.THROTTLED])
def test_what_failed_by_the_outage_is_looked_at_now(verdict: Verdict) -> None:
    after = reads_recovered(waiting(verdict), NOW)
    assert (after.describe, after.look_at) == (None, NOON)


def test_a_missing_right_is_not_mended_by_anothers_answer() -> None:
    assert reads_recovered(waiting(Verdict.DENIED), NOW) == waiting(Verdict.DENIED)


def test_every_object_that_waits_is_looked_at_and_no_other() -> None:
    store, enqueued = a_store(), list[str]()
    for uid in ("waits", "well"):
        store.apply(replace(a_run().running().resource, uid=uid))
    entry = store.get("waits")
    assert entry is not None
    entry.memory = waiting(Verdict.TRANSIENT)
    target = a_target(None)
    targets: AwsTargets = one_target(target)
    settings = SimpleNamespace(timing=lambda: TIMING)
    parts = SimpleNamespace(store=store, targets=targets, _settings=settings, _enqueue=enqueued.append)
    JobRuns._reads_recovered(cast(JobRuns, parts), target)
    assert (enqueued, entry.memory.describe) == (["waits"], None)
    assert UID not in enqueued

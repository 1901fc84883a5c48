"""What an outcome changes in memory, and that it changes nothing else: the whole memory before and after."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Failure, Operation, Verdict
from emrjobs.core.job_policy.templates import Template
from emrjobs.core.job_run.effects import (
    AwsEffect,
    CancelJob,
    ConfirmLoss,
    DescribeJob,
    FindRun,
    InspectCluster,
    ReadTemplate,
    StartJob,
)
from emrjobs.core.job_run.memory import Accepted, Cancelling, Memory, Search, Sends, Trouble
from emrjobs.core.job_run.memory_updates import (
    Moment,
    apply_outcome,
    intent_recorded,
    listed,
    missing,
    new_term,
    seen,
)
from emrjobs.core.job_run.outcomes import CancelTaken, ClusterView, Found, LossChecked, Outcome, Seen, Started
from emrjobs.core.job_run.runs import JobRun, ObservedRun, Source
from tests.support.builders import CLUSTER, NOON, RUN_ID, TIMING, UID, seconds


def at(second: float) -> datetime:
    """Seconds from noon."""
    return NOON + seconds(second)


def trouble(verdict: Verdict, count: int, since: float = -100) -> Trouble:
    return Trouble(verdict, "Old", "old words", count, at(since), at(9))


TEMPLATE = ReadTemplate("0template")
NOW = Moment(at(-1), NOON, 0.5, TIMING, 8, UID)
KNOWN = ObservedRun(JobRun(RUN_ID, State.RUNNING), at(-20), Source.LIST)
FULL = Memory(
    reserved_until=at(1),
    waiting_since=at(-2),
    sends=Sends(UID, made=2, doubtful=1, inherited=False, latest_at=at(-5)),
    start=trouble(Verdict.UNCLEAR, 2),
    refused_generation=7,
    accepted=Accepted(UID, RUN_ID, None, "job", resent=True),
    search=Search(UID, at(-50), 3, at(4), failures=1, code="Older"),
    cancelling=Cancelling("another", at(-30)),
    cancel=trouble(Verdict.TRANSIENT, 1),
    describe=trouble(Verdict.TRANSIENT, 2),
    observed_run=KNOWN,
    confirmed_run=RUN_ID,
    looks=4,
    look_at=at(99),
    gone_once_at=at(-10),
    gone_twice=True,
    loss_checked=True,
)
CALM: dict[str, Any] = {
    "start": None,
    "refused_generation": None,
    "describe": None,
    "gone_once_at": None,
    "gone_twice": False,
    "loss_checked": None,
    "look_at": NOON + TIMING.listing,
}
"""What a record of the run makes of memory."""
START = StartJob({"clientToken": UID, "virtualClusterId": CLUSTER})
DESCRIBE, CANCEL, CONFIRM = DescribeJob(CLUSTER, RUN_ID), CancelJob(CLUSTER, RUN_ID), ConfirmLoss(CLUSTER, None)
FIND, INSPECT = FindRun(CLUSTER, "job", NOON, UID), InspectCluster(CLUSTER)
RECORD = JobRun(RUN_ID, State.RUNNING, request={"name": "job"})
BARE = replace(RECORD, request=None)


def failed(operation: Operation, code: str) -> Failure:
    return Failure(operation, code, "words")


def again(verdict: Verdict, count: int, retry_at: datetime, since: float = 0) -> Trouble:
    return Trouble(verdict, "Code", "words", count, at(since), retry_at)


def sent(doubtful: int) -> Sends:
    return Sends(UID, made=3, doubtful=doubtful, inherited=False, latest_at=NOON)


STARTED = {
    "reserved_until": None,
    "start": None,
    "refused_generation": None,
    "sends": sent(2),
    "confirmed_run": "new",
    "accepted": Accepted(UID, "new", "arn", "name", resent=True, cluster=CLUSTER),
    "look_at": NOON + TIMING.unlisted,
}
DENIED = Trouble(Verdict.DENIED, "AccessDenied", "words", 3, NOON, NOW.after(TIMING.retry, 3))
LOOKED = {**CALM, "observed_run": ObservedRun(RECORD, NOW.asked_at, Source.DESCRIBE, KNOWN.asked_at), "looks": 5}
READ = Accepted(UID, RUN_ID, None, "job", resent=True, read=True)
CANCELLED = {"cancelling": Cancelling(RUN_ID, NOW.asked_at), "cancel": None, "looks": 0, "look_at": NOON}
UNSURE = {"gone_once_at": None, "gone_twice": False, "loss_checked": None, "look_at": NOON + TIMING.gone_again}
FOUND = Accepted(UID, RUN_ID, None, None, resent=True, read=True, cluster=CLUSTER)
SLOW = Trouble(Verdict.TRANSIENT, "Slow", "words", 3, at(-100), NOW.after(TIMING.retry, 3))
CANCEL_SLOW = replace(SLOW, count=2, retry_at=NOW.after(TIMING.retry, 2))

CASES: dict[str, tuple[AwsEffect, Outcome, dict[str, Any]]] = {
    "started": (START, Started("new", "arn", "name"), STARTED),
    "denied": (
        START,
        failed(Operation.START, "AccessDenied"),
        {"reserved_until": None, "start": DENIED, "refused_generation": 8, "sends": sent(1)},
    ),
    "never sent": (START, failed(Operation.START, "NotSent"), {}),
    "template read": (TEMPLATE, Template("0template", {}), {}),
    "template not read": (
        TEMPLATE,
        failed(Operation.READ_TEMPLATE, "AccessDeniedException"),
        {"template": Trouble(Verdict.DENIED, "AccessDeniedException", "words", 1, NOON, NOW.after(TIMING.retry, 1))},
    ),
    "another's outcome": (START, CancelTaken(), {}),
    "described": (DESCRIBE, Seen(RECORD), {**LOOKED, "accepted": READ}),
    "described in vain": (
        DESCRIBE,
        failed(Operation.DESCRIBE, "Slow"),
        {"accepted": READ, "describe": SLOW, "look_at": SLOW.retry_at},
    ),
    "not known again": (
        DESCRIBE,
        failed(Operation.DESCRIBE, "ResourceNotFoundException"),
        {"accepted": READ, "gone_twice": False, "look_at": NOON + TIMING.gone_again},
    ),
    "no word of another endpoint": (CONFIRM, LossChecked(right_endpoint=False), UNSURE),
    "the endpoint cannot be asked": (CONFIRM, failed(Operation.LIST, "Slow"), UNSURE),
    "cancelled": (CANCEL, CancelTaken(), CANCELLED),
    "over already": (CANCEL, failed(Operation.CANCEL, "ValidationException"), CANCELLED),
    "cancelled in vain": (CANCEL, failed(Operation.CANCEL, "Slow"), {"cancel": CANCEL_SLOW, "look_at": NOON}),
    "cancel never sent": (CANCEL, failed(Operation.CANCEL, "NotSent"), {}),
    "found": (FIND, Found(RECORD), {**LOOKED, "accepted": FOUND, "search": None}),
    "not found": (FIND, Found(None), {"search": Search(UID, NOW.asked_at, 4, NOW.after(TIMING.search, 4))}),
    "looked for in vain": (
        FIND,
        failed(Operation.LIST, "Slow"),
        {"search": Search(UID, at(-50), 4, NOW.after(TIMING.search, 4), 2, "Slow")},
    ),
    "a busy cluster": (
        INSPECT,
        ClusterView("RUNNING", queue_full=True),
        {"start": replace(trouble(Verdict.BUSY, 2), retry_at=NOW.after(TIMING.retry, 2))},
    ),
    "a cluster that is not busy": (
        INSPECT,
        ClusterView("RUNNING", queue_full=False),
        {"start": replace(trouble(Verdict.UNCLEAR, 2), retry_at=NOW.after(TIMING.unclear_retry, 2))},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_outcome_changes_what_it_speaks_of_and_nothing_else(case: str) -> None:
    effect, outcome, changes = CASES[case]
    assert apply_outcome(FULL, effect, outcome, NOW) == replace(FULL, **changes)


def test_the_first_trouble_counts_from_one() -> None:
    learnt = apply_outcome(Memory(), START, failed(Operation.START, "ServiceUnavailable"), NOW).start
    first = Trouble(Verdict.TRANSIENT, "ServiceUnavailable", "words", 1, NOON, NOW.after(TIMING.retry, 1))
    assert learnt == first
    assert apply_outcome(Memory(), CANCEL, failed(Operation.CANCEL, "ServiceUnavailable"), NOW).cancel == first


def test_a_first_look_in_vain_found_nothing_at_any_time() -> None:
    search = apply_outcome(Memory(), FIND, failed(Operation.LIST, "Slow"), NOW).search
    assert search is not None
    assert search.asked_at < NOON - timedelta(days=365)
    assert (search.count, search.failures, search.code) == (1, 1, "Slow")


def test_a_request_is_kept_only_until_the_acceptance_is_written_down() -> None:
    later = apply_outcome(replace(FULL, accepted=None), DESCRIBE, Seen(RECORD), NOW).observed_run
    assert later == ObservedRun(BARE, NOW.asked_at, Source.DESCRIBE, KNOWN.asked_at)


def test_the_same_state_again_is_counted_and_another_begins_anew() -> None:
    assert seen(FULL, BARE, Source.DESCRIBE, NOW).looks == 5
    assert seen(FULL, replace(BARE, state=State.COMPLETED), Source.DESCRIBE, NOW).looks == 0
    assert seen(FULL, replace(BARE, id="another"), Source.DESCRIBE, NOW).looks == 0


def test_another_run_is_not_measured_against_what_was_known() -> None:
    """A list moves no state back, but this one speaks of another run."""
    another = JobRun("another", State.PENDING)
    assert seen(FULL, another, Source.LIST, NOW).observed_run == ObservedRun(another, NOW.asked_at, Source.LIST)


def test_a_list_that_shows_the_run_settles_its_acceptance() -> None:
    moved = JobRun(RUN_ID, State.RUNNING, state_details="words")
    for run, kept in ((KNOWN.run, KNOWN.run), (moved, moved)):
        observed_run = ObservedRun(kept, NOW.asked_at, Source.LIST, KNOWN.asked_at)
        expected = {**CALM, "observed_run": observed_run, "looks": 5, "accepted": None}
        assert listed(FULL, run, NOW) == replace(FULL, **expected)
    ours = replace(moved, client_token=UID)
    assert listed(Memory(), ours, NOW).observed_run == ObservedRun(moved, NOW.asked_at, Source.LIST)


def test_a_list_that_shows_what_is_known_keeps_the_record_in_hand() -> None:
    after = listed(FULL, replace(KNOWN.run), NOW).observed_run
    assert after is not None
    assert after.run is KNOWN.run


def test_a_new_attempt_keeps_the_turn_and_the_trouble_of_starting() -> None:
    begun = intent_recorded(FULL, f"{UID}-2")
    assert begun == Memory(
        reserved_until=FULL.reserved_until, start=FULL.start, sends=Sends(f"{UID}-2", inherited=False)
    )
    assert intent_recorded(FULL, UID).search is None


def test_a_new_term_trusts_nothing_that_another_may_have_changed() -> None:
    unsure: dict[str, Any] = {"reserved_until": None, "waiting_since": None, "start": None, "refused_generation": None}
    assert FULL.sends is not None
    assert new_term(FULL) == replace(FULL, sends=replace(FULL.sends, inherited=True), **unsure)


def test_a_run_that_lists_do_not_show_is_described_ever_more_rarely() -> None:
    described = Memory(observed_run=ObservedRun(BARE, NOW.asked_at, Source.DESCRIBE), looks=2)
    due = NOW.asked_at + TIMING.poll.delay(3, NOW.sample)
    assert missing(described, NOW).look_at == due


@pytest.mark.parametrize("since", [-TIMING.denied_patience.total_seconds() + 1, -9999])
def test_a_refusal_in_unclear_words_waits_for_longer(since: float) -> None:
    memory = Memory(start=trouble(Verdict.UNCLEAR, 3, since))
    start = apply_outcome(memory, INSPECT, ClusterView("RUNNING", queue_full=False), NOW).start
    assert start is not None
    assert (start.verdict, start.retry_at) == (Verdict.UNCLEAR, NOW.after(TIMING.unclear_retry, 3))

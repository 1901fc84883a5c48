"""The cross product of all that can be: in every world the decision is legal, and writing it down settles it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice, product
from math import gcd

import pytest

from emrjobs.api.job_run.kind import FINALIZER
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import State
from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.decide import decide
from emrjobs.core.job_run.effects import AddFinalizer, AwsEffect, Decision, PatchStatus, RemoveFinalizer, ReserveStart
from emrjobs.core.job_run.memory import Accepted, Cancelling, Search, Trouble
from emrjobs.core.job_run.memory_updates import intent_recorded
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.runs import Source
from emrjobs.core.job_run.target import NOWHERE
from tests.support.builders import NOON, RUN_ID, ImpossibleWorldError, World, a_run, seconds
from tests.support.legality import KUBERNETES, wrongs

Change = Callable[[World], World]

PHASES: dict[str, World] = {
    "new": a_run(),
    "queued": a_run().queued(),
    "intended": a_run().intended(ago=10),
    "intended long ago": a_run().intended(ago=2 * 3600),
    "intended, second attempt": a_run().intended(ago=10, attempt=2),
    "refused and unlocked": a_run().rejected(),
    "refused in unclear words": a_run().rejected(Reason.REFUSED_UNCLEAR),
    "refused and locked": a_run().intended(ago=10).rejected(Reason.ACCESS_DENIED),
    "busy and locked": a_run().intended(ago=10).queued(Reason.CLUSTER_BUSY),
    "retry of a busy one": a_run().queued(Reason.CLUSTER_BUSY).intended(ago=1, shown=False),
    "unreadable": a_run().rejected(Reason.INVALID_SPEC).unreadable(),
    "unreadable, perhaps sent": a_run().intended(ago=10).unreadable(),
    "pending": a_run().submitted(),
    "running": a_run().running(),
    "being cancelled by AWS": a_run().submitted(State.CANCEL_PENDING, Reason.CANCELLING),
    "between attempts": a_run().failed_once(),
    "suspended before it ran": a_run().shown(State.SUSPENDED, Reason.SUSPENDED),
    "suspended after it ran": a_run().failed_once().shown(State.SUSPENDED, Reason.SUSPENDED),
    "completed": a_run().ended(),
    "failed": a_run().ended(State.FAILED, Reason.JOB_FAILED),
    "cancelled": a_run().ended(State.CANCELLED, Reason.CANCELLED),
    "cancelled before it ran": a_run().shown(State.CANCELLED, Reason.CANCELLED),
    "lost": a_run().ended(State.LOST, Reason.LOST),
}

SURROUNDINGS: dict[str, Change] = {
    "free": lambda w: w,
    "held": lambda w: w.with_finalizer(),
    "deleting": lambda w: w.with_finalizer().deleting(5),
    "deleting for long": lambda w: w.with_finalizer().deleting(1000),
    "deleting, held by others": lambda w: w.with_foreign_finalizer().deleting(5),
    "gone": lambda w: w.gone(),
}

WISHES: dict[str, Change] = {
    "nothing special": lambda w: w,
    "retain": lambda w: w.retained(),
    "suspend": lambda w: w.with_members(suspend=True),
    "cancel": lambda w: w.with_members(cancel=True),
    "cancel and retain": lambda w: w.with_members(cancel=True, deletionPolicy="Retain"),
    "deadlines passed": lambda w: w.with_members(activeDeadlineSeconds=1, startDeadlineSeconds=1),
    "resubmit": lambda w: w.with_members(resubmitPolicy={"limit": 3}),
    "clean up": lambda w: w.with_members(ttlSecondsAfterFinished=1).later(3600),
    "clean up, but kept": lambda w: w.with_members(ttlSecondsAfterFinished=1).later(3600).having(recreated_by="Helm"),
}

RECORDED: dict[str, Change] = {
    "as it is": lambda w: w,
    "edited": lambda w: w.edited(),
    "cancellation recorded": lambda w: w.cancelling(Reason.CANCELLED, ago=3),
    "suspension recorded long ago": lambda w: w.cancelling(Reason.SUSPENDED, ago=1000),
}


def _search(asked: float, retry_in: float, *, failed: bool = False) -> Change:
    def change(w: World) -> World:
        token, now = w.observe().token, w.now
        found = Search(token, now - seconds(asked), 2, now + seconds(retry_in), failed)
        return w.sent(2, 1, inherited=True).remembering(search=found)

    return change


def _accepted(*, read: bool, resent: bool = True) -> Change:
    def change(w: World) -> World:
        found = Accepted(w.observe().token, RUN_ID, None, "job", resent=resent, read=read)
        return w.sent(1, 1).remembering(accepted=found)

    return change


def _trouble(verdict: Verdict, retry_in: float) -> Trouble:
    return Trouble(verdict, "Code", "words", 4, NOON - seconds(60), NOON + seconds(retry_in))


MEMORIES: dict[str, Change] = {
    "nothing": lambda w: w,
    "its turn": lambda w: w.with_reservation(),
    "its turn, intent of ours": lambda w: w.sent(0).with_reservation(),
    "in line": lambda w: w.awaiting_reservation(1),
    "in line for long": lambda w: w.awaiting_reservation(60),
    "behind a busy cluster": lambda w: w.with_reservation().behind_probe(Verdict.BUSY),
    "behind a denial": lambda w: w.with_reservation().behind_probe(Verdict.DENIED, since=600),
    **{
        f"{verdict}, {'due' if due < 0 else 'not due'}, {'in doubt' if doubt else 'certain'}": (
            lambda w, v=verdict, d=due, n=doubt: w.sent(2, n).met(v, count=4, retry_in=d).with_reservation()  # type: ignore[misc]
        )
        for verdict, due, doubt in product(
            (Verdict.TRANSIENT, Verdict.UNJUDGED, Verdict.BUSY, Verdict.UNCLEAR, Verdict.REJECTED, Verdict.DENIED),
            (-1, 30),
            (0, 1),
        )
    },
    "found nothing now": _search(0, 5),
    "found nothing a while ago": _search(30, -1),
    "found nothing long ago": _search(2000, -1940),
    "could not look": _search(2000, 5, failed=True),
    "accepted": _accepted(read=False, resent=False),
    "accepted again": _accepted(read=False),
    "accepted again, and read": _accepted(read=True),
    **{
        f"seen {state} by {source}": (lambda w, s=state, by=source: w.seen(s, ago=1, source=by))  # type: ignore[misc]
        for state, source in (
            (State.PENDING, Source.LIST),
            (State.RUNNING, Source.DESCRIBE),
            (State.CANCEL_PENDING, Source.DESCRIBE),
            (State.COMPLETED, Source.DESCRIBE),
            (State.CANCELLED, Source.DESCRIBE),
            ("QUEUED", Source.LIST),
        )
    },
    "seen failed by AWS's fault": lambda w: w.seen(State.FAILED, failure_reason="INTERNAL_ERROR"),
    "cancelled a moment ago": lambda w: w.seen(State.RUNNING, 1).remembering(
        cancelling=Cancelling(RUN_ID, w.now - seconds(5))
    ),
    "cancelled without effect": lambda w: w.seen(State.RUNNING, 1).remembering(
        cancelling=Cancelling(RUN_ID, w.now - seconds(60))
    ),
    "may not cancel": lambda w: w.seen(State.RUNNING, 1).remembering(cancel=_trouble(Verdict.DENIED, 30)),
    "could not cancel, due": lambda w: w.seen(State.RUNNING, 1).remembering(cancel=_trouble(Verdict.TRANSIENT, -1)),
    "may not look": lambda w: w.remembering(describe=_trouble(Verdict.DENIED, 30), look_at=w.now + seconds(30)),
    "denied once": lambda w: w.remembering(gone_once_at=w.now - seconds(5), look_at=w.now + seconds(55)),
    "denied twice": lambda w: w.remembering(gone_once_at=w.now - seconds(70), gone_twice=True, look_at=w.now),
    "denied twice, and checked": lambda w: w.remembering(gone_twice=True, loss_checked=True, look_at=w.now),
    "look due": lambda w: w.remembering(look_at=w.now),
}


def worlds(phase: World, stride: int) -> Iterator[tuple[str, Observation]]:
    """Every nth world of that phase that can be, with its name."""
    for names in islice(product(SURROUNDINGS, WISHES, RECORDED, MEMORIES), None, None, stride):
        around, wish, record, memory = names
        try:
            world = MEMORIES[memory](RECORDED[record](WISHES[wish](SURROUNDINGS[around](phase))))
            yield ", ".join(names), world.observe()
        except ImpossibleWorldError:
            continue


@pytest.mark.parametrize("stride", [5, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("phase", PHASES.values(), ids=PHASES)
def test_every_decision_is_legal_and_writing_it_down_settles_it(phase: World, stride: int) -> None:
    """The stride has no divisor in common with the number of memories: all pairs of circumstances still meet."""
    assert gcd(stride, len(MEMORIES)) == 1
    count = 0
    for name, seen in worlds(phase, stride):
        count += 1
        rule, decision = decide(seen)
        assert wrongs(seen, decision) == [], f"{name}: {rule} decides {decision}"
        if isinstance(decision, KUBERNETES):
            _settles(name, seen)
    assert count > 1000 / stride


@pytest.mark.parametrize("stride", [31, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("phase", PHASES.values(), ids=PHASES)
def test_where_nobody_says_as_whom_aws_is_not_asked_and_it_is_said_once(phase: World, stride: int) -> None:
    assert gcd(stride, len(MEMORIES)) == 1
    for name, seen in worlds(phase, stride):
        nowhere = replace(seen, target=NOWHERE)
        rule, decision = decide(nowhere)
        assert not isinstance(decision, AwsEffect | ReserveStart), f"{name}: {rule} decides {decision}"
        if isinstance(decision, KUBERNETES):
            _settles(name, nowhere)


def _settles(name: str, seen: Observation) -> None:
    """What is written is not undone, nor written again, while nothing else happens."""
    told = []
    for _ in range(6):
        rule, decision = decide(seen)
        told.append(f"{rule}: {decision}")
        assert wrongs(seen, decision) == [], f"{name}: {told}"
        after = _written(seen, decision)
        if after is None:
            return
        seen = after
    raise AssertionError(f"{name} never settles: {told}")


def _written(o: Observation, decision: Decision) -> Observation | None:
    """The world after that write; None if it is no write, or takes the object away."""
    resource, memory = o.resource, o.memory
    match decision:
        case PatchStatus(status, _, intent):
            resource = replace(resource, status=status)
            if intent and status.client_token is not None:
                memory = intent_recorded(memory, status.client_token)
        case AddFinalizer():
            resource = replace(resource, finalizers=(*resource.finalizers, FINALIZER))
        case RemoveFinalizer():
            rest = tuple(name for name in resource.finalizers if name != FINALIZER)
            if resource.deleting and not rest:
                return None
            resource = replace(resource, finalizers=rest)
        case _:
            return None
    return replace(o, resource=resource, memory=memory)

"""What a pass leaves in memory: (memory, effect, outcome) -> memory. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from emrjobs.core.failures import PASSING, REFUSALS, Failure, Verdict, judge
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
from emrjobs.core.job_run.moment import Moment as Moment
from emrjobs.core.job_run.outcomes import CancelTaken, ClusterView, Found, LossChecked, Outcome, Seen, Started
from emrjobs.core.job_run.runs import JobRun, ObservedRun, Source, newer

_DOUBTFUL = frozenset({Verdict.AMBIGUOUS, Verdict.TRANSIENT})
"""Failures after which the run may exist all the same."""


def awaiting_reservation(memory: Memory, moment: Moment) -> Memory:
    """The object waits for its turn."""
    return replace(memory, waiting_since=memory.waiting_since or moment.now)


def reservation_granted(memory: Memory, moment: Moment) -> Memory:
    """The object has its place in the rate limit, for a while."""
    return replace(memory, waiting_since=None, reserved_until=moment.now + moment.timing.permit)


def out_of_line(memory: Memory) -> Memory:
    """The object has left the line of the rate limit: its run may belong to another account by now."""
    return replace(memory, reserved_until=None, waiting_since=None)


def intent_recorded(memory: Memory, token: str, *, exclusive: bool = True) -> Memory:
    """This process recorded the intent, and nothing was sent under it yet.

    ``exclusive``: a Lease keeps all others from sending under it. Without one, another process may do so at once.
    """
    earlier = memory.sends is not None and memory.sends.token != token
    # What was known of an earlier attempt's run says nothing about this one.
    kept = Memory(reserved_until=memory.reserved_until, start=memory.start) if earlier else memory
    return replace(kept, sends=Sends(token, inherited=not exclusive), search=None)


def new_term(memory: Memory) -> Memory:
    """Another process may have acted since: what we knew of sends, refusals and reservations counts no more."""
    sends = replace(memory.sends, inherited=True) if memory.sends else None
    return replace(memory, sends=sends, reserved_until=None, waiting_since=None, start=None, refused_generation=None)


def due(memory: Memory, moment: Moment) -> Memory:
    """The run is to be described now, unless that failed a moment ago."""
    return memory if _backing_off(memory) else replace(memory, look_at=moment.now)


def reads_recovered(memory: Memory, moment: Moment) -> Memory:
    """AWS answers again: a describe that failed meanwhile need not wait for its own next try."""
    trouble = memory.describe
    if trouble is None or trouble.verdict not in PASSING:
        return memory
    return replace(memory, describe=None, look_at=moment.now)


def missing(memory: Memory, moment: Moment) -> Memory:
    """A complete list of the active runs does not show the run: it has ended, or the list lags."""
    if _backing_off(memory):
        return memory
    observed_run, at = memory.observed_run, moment.now
    if observed_run is not None and observed_run.source is Source.DESCRIBE:
        at = max(at, observed_run.asked_at + moment.timing.poll.delay(memory.looks + 1, moment.sample))
    return replace(memory, look_at=at if memory.look_at is None else min(memory.look_at, at))


def _backing_off(memory: Memory) -> bool:
    return memory.describe is not None or memory.gone_once_at is not None


def seen(memory: Memory, run: JobRun, source: Source, moment: Moment) -> Memory:
    """A record of the run, however it was read."""
    known = memory.observed_run if memory.observed_run and memory.observed_run.run.id == run.id else None
    believed = newer(known, ObservedRun(run, moment.asked_at, source))
    same = known is not None and known.run.state == believed.run.state
    looks = memory.looks + 1 if same else 0
    return replace(
        memory,
        observed_run=believed,
        confirmed_run=_confirmed(memory, run, source, moment),
        looks=looks,
        # The lists of the poller tell more before that; this is for the case that they never do.
        look_at=moment.now + moment.timing.listing,
        # There is a run: what stood in the way of starting it is over.
        start=None,
        refused_generation=None,
        describe=None,
        gone_once_at=None,
        gone_twice=False,
        loss_checked=None,
    )


def _confirmed(memory: Memory, run: JobRun, source: Source, moment: Moment) -> str | None:
    """The run is ours if its record carries our token. A describe always has one; a list may lack it."""
    ours = run.client_token == moment.token or (run.client_token is None and source is Source.DESCRIBE)
    return run.id if ours else memory.confirmed_run


def listed(memory: Memory, run: JobRun, moment: Moment) -> Memory:
    """A list shows the run that the status names: how it came to be accepted need not be remembered any more."""
    known = memory.observed_run.run if memory.observed_run is not None else None
    after = seen(memory, run, Source.LIST, moment)
    if after.confirmed_run != run.id:
        # Whose run it is only a describe tells, if the list does not.
        return due(after, moment) if run.client_token is None else after
    bare = replace(run, client_token=None)
    if after.observed_run is not None and after.observed_run.run is run:
        # Of thousands of runs, no more is kept than is needed.
        after = replace(after, observed_run=replace(after.observed_run, run=known if known == bare else bare))
    return after if after.accepted is None else replace(after, accepted=None)


def apply_outcome(memory: Memory, effect: AwsEffect, outcome: Outcome, moment: Moment) -> Memory:
    """The memory after that effect and its outcome."""
    match effect:
        case StartJob():
            return _started(memory, effect, outcome, moment)
        case DescribeJob():
            return _described(memory, effect, outcome, moment)
        case CancelJob():
            return _cancelled(memory, effect, outcome, moment)
        case FindRun():
            return _searched(memory, effect, outcome, moment)
        case InspectCluster():
            return _inspected(memory, outcome, moment)
        case ConfirmLoss():
            return _loss_checked(memory, outcome, moment)
        case ReadTemplate():
            trouble = _trouble(memory.template, outcome, moment) if isinstance(outcome, Failure) else None
            return replace(memory, template=trouble)


def _started(memory: Memory, effect: StartJob, outcome: Outcome, moment: Moment) -> Memory:
    token, cluster = str(effect.request["clientToken"]), effect.request.get("virtualClusterId")
    before = memory.sends if memory.sends and memory.sends.token == token else Sends(token)
    if isinstance(outcome, Started):
        resent = before.inherited or before.made > 0
        return replace(
            memory,
            reserved_until=None,
            start=None,
            refused_generation=None,
            sends=replace(before, made=before.made + 1, doubtful=before.doubtful + 1, latest_at=moment.now),
            confirmed_run=outcome.id,
            accepted=Accepted(token, outcome.id, outcome.arn, outcome.name, resent, cluster=cluster),
            look_at=moment.now + moment.timing.unlisted,
        )
    if not isinstance(outcome, Failure):
        return memory
    verdict = judge(outcome)
    if verdict is Verdict.NOT_SENT:
        return memory
    doubt = 1 if verdict in _DOUBTFUL else 0
    return replace(
        memory,
        reserved_until=None,
        start=_start_trouble(memory.start, verdict, outcome, moment),
        refused_generation=moment.generation if verdict in REFUSALS else None,
        sends=replace(before, made=before.made + 1, doubtful=before.doubtful + doubt, latest_at=moment.now),
    )


def _start_trouble(before: Trouble | None, verdict: Verdict, failure: Failure, moment: Moment) -> Trouble:
    count = before.count + 1 if before else 1
    since = before.since if before and before.verdict is verdict else moment.now
    return Trouble(
        verdict=verdict,
        code=failure.code,
        message=failure.message,
        count=count,
        since=since,
        retry_at=_start_again_at(verdict, count, since, moment),
    )


def _start_again_at(verdict: Verdict, count: int, since: datetime, moment: Moment) -> datetime:
    timing = moment.timing
    match verdict:
        case Verdict.REJECTED:
            return datetime.max.replace(tzinfo=moment.now.tzinfo)
        case Verdict.UNCLEAR:
            return moment.after(timing.unclear_retry, count)
        case Verdict.DENIED | Verdict.NOT_FOUND if moment.now - since >= timing.denied_patience:
            return moment.after(timing.denied_retry, count)
        case _:
            return moment.after(timing.retry, count)


def _described(memory: Memory, effect: DescribeJob, outcome: Outcome, moment: Moment) -> Memory:
    accepted = memory.accepted
    if accepted is not None and accepted.id == effect.id:
        memory = replace(memory, accepted=replace(accepted, read=True))
    if isinstance(outcome, Seen):
        # The request is compared once, before the acceptance is written down.
        run = outcome.run if accepted is not None else replace(outcome.run, request=None)
        return seen(memory, run, Source.DESCRIBE, moment)
    if not isinstance(outcome, Failure):
        return memory
    if judge(outcome) is Verdict.GONE:
        return _denied_knowing(memory, moment)
    trouble = _trouble(memory.describe, outcome, moment)
    return replace(memory, describe=trouble, look_at=trouble.retry_at)


def _denied_knowing(memory: Memory, moment: Moment) -> Memory:
    first, again = memory.gone_once_at, moment.timing.gone_again
    if first is None:
        return replace(memory, gone_once_at=moment.now, look_at=moment.now + again)
    return replace(memory, gone_twice=moment.now - first >= again, look_at=moment.now + again)


def _loss_checked(memory: Memory, outcome: Outcome, moment: Moment) -> Memory:
    """Another endpoint's word counts for nothing: begin anew."""
    if isinstance(outcome, LossChecked) and outcome.right_endpoint:
        return replace(memory, loss_checked=True)
    again = moment.now + moment.timing.gone_again
    return replace(memory, gone_once_at=None, gone_twice=False, loss_checked=None, look_at=again)


def _cancelled(memory: Memory, effect: CancelJob, outcome: Outcome, moment: Moment) -> Memory:
    if isinstance(outcome, CancelTaken):
        return _cancel_answered(memory, effect, moment)
    if not isinstance(outcome, Failure):
        return memory
    match judge(outcome):
        case Verdict.ALREADY_OVER:
            return _cancel_answered(memory, effect, moment)
        case Verdict.NOT_SENT:
            return memory
        case _:
            return replace(memory, cancel=_trouble(memory.cancel, outcome, moment), look_at=moment.now)


def _cancel_answered(memory: Memory, effect: CancelJob, moment: Moment) -> Memory:
    """Look at once: the state has changed, or had changed before."""
    return replace(memory, cancelling=Cancelling(effect.id, moment.asked_at), cancel=None, looks=0, look_at=moment.now)


def _searched(memory: Memory, effect: FindRun, outcome: Outcome, moment: Moment) -> Memory:
    before = memory.search if memory.search and memory.search.token == effect.client_token else None
    count = before.count + 1 if before else 1
    if isinstance(outcome, Found) and outcome.run is not None:
        run = outcome.run
        found_in = effect.virtual_cluster_id
        accepted = Accepted(effect.client_token, run.id, run.arn, run.name, resent=True, read=True, cluster=found_in)
        found = replace(memory, accepted=accepted, search=None, confirmed_run=run.id)
        return seen(found, run, Source.DESCRIBE, moment)
    retry_at = moment.after(moment.timing.search, count)
    if isinstance(outcome, Found):
        return replace(memory, search=Search(effect.client_token, moment.asked_at, count, retry_at))
    never = before.asked_at if before else moment.asked_at - timedelta(days=3650)
    failures, code = (before.failures if before else 0) + 1, outcome.code if isinstance(outcome, Failure) else ""
    return replace(memory, search=Search(effect.client_token, never, count, retry_at, failures, code))


def _inspected(memory: Memory, outcome: Outcome, moment: Moment) -> Memory:
    """Judge the refusal by the virtual cluster; where it cannot be asked just now, the request is sent again."""
    if memory.start is None:
        return memory
    verdict = _judged_by(outcome)
    retry_at = _start_again_at(verdict, memory.start.count, memory.start.since, moment)
    return replace(memory, start=replace(memory.start, verdict=verdict, retry_at=retry_at))


def _judged_by(outcome: Outcome) -> Verdict:
    if isinstance(outcome, Failure):
        verdict = judge(outcome)
        if verdict is Verdict.NOT_FOUND:
            return verdict
        return Verdict.UNCLEAR if verdict is Verdict.DENIED else Verdict.TRANSIENT
    busy = isinstance(outcome, ClusterView) and outcome.busy
    return Verdict.BUSY if busy else Verdict.UNCLEAR


def _trouble(before: Trouble | None, failure: Failure, moment: Moment) -> Trouble:
    count = before.count + 1 if before else 1
    return Trouble(
        verdict=judge(failure),
        code=failure.code,
        message=failure.message,
        count=count,
        since=before.since if before else moment.now,
        retry_at=moment.after(moment.timing.retry, count),
    )

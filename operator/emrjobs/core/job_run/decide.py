"""The policy of the operator: one ordered list of rules. Pure; the first rule that applies wins."""

from collections.abc import Callable
from typing import Final

from emrjobs.core.job_run.deadlines import active_until, earliest, start_until
from emrjobs.core.job_run.effects import AwsEffect, Decision, ReserveStart, Wait
from emrjobs.core.job_run.observation import Observation
from emrjobs.core.job_run.rules import following, recovery, refusal, submission, termination
from emrjobs.core.job_run.rules.visibility import no_target
from emrjobs.core.job_run.target import NoTarget

Rule = Callable[[Observation], Decision | None]

RULES: Final[tuple[Rule, ...]] = (
    # What happened already comes first
    recovery.object_gone,
    recovery.answer_in_hand,
    termination.finished,
    recovery.foreign_status,
    following.progress_seen,
    following.lost,
    # It must not run (any more)
    termination.retained,
    termination.never_sent,
    termination.still_suspended,
    termination.stop_not_recorded,
    termination.perhaps_sent,
    termination.resumed,
    # It has a run
    following.cancel_due,
    following.finalizer_follows_policy,
    following.newer_generation,
    following.follow,
    # It has no run yet
    refusal.unreadable,
    refusal.review_due,
    refusal.template_needed,
    refusal.policies_not_loaded,
    refusal.not_admitted,
    refusal.refused_for_good,
    refusal.not_judged,
    refusal.refused,
    submission.attempt_not_due,
    submission.backing_off,
    refusal.waiting_for_probe,
    submission.limit_reached,
    submission.token_too_old,
    submission.reservation_needed,
    submission.finalizer_missing,
    submission.spec_not_read,
    submission.intent_missing,
    submission.send,
)


def decide(o: Observation) -> tuple[str, Decision]:
    """What to do next, and the name of the rule that says so."""
    for rule in RULES:
        name, decision = rule.__name__, rule(o)
        if isinstance(o.target, NoTarget) and isinstance(decision, AwsEffect | ReserveStart):
            name, decision = "no_target", no_target(o, o.target)
        if isinstance(decision, Wait):
            return name, _until_a_deadline(o, decision)
        if decision is not None:
            return name, decision
    return "nothing_applies", Wait()


def _until_a_deadline(o: Observation, wait: Wait) -> Wait:
    """No wait outlasts a deadline of the object's."""
    if o.status.finished or not o.resource.exists:
        return wait
    deadlines = (o.ours(active_until(o.resource)), start_until(o.resource))
    first = earliest(deadlines, after=o.now)
    if first is None or (wait.until is not None and wait.until <= first):
        return wait
    return Wait(first)

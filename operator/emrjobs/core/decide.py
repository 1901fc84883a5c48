"""The policy of the operator: one ordered list of rules. Pure; the first rule that applies wins."""

from collections.abc import Callable
from typing import Final

from emrjobs.core.effects import Decision, Wait
from emrjobs.core.observation import Observation
from emrjobs.core.rules import ending, following, recovery, refusal, submission

Rule = Callable[[Observation], Decision | None]

RULES: Final[tuple[Rule, ...]] = (
    # What happened already comes first
    recovery.object_gone,
    recovery.answer_in_hand,
    ending.finished,
    following.progress_seen,
    following.lost,
    # It must not run (any more)
    ending.retained,
    ending.never_sent,
    ending.stop_not_recorded,
    ending.perhaps_sent,
    # It has a run
    following.cancel_due,
    following.hold_follows_policy,
    following.newer_generation,
    following.follow,
    # It has no run yet
    refusal.unreadable,
    refusal.refused_for_good,
    refusal.not_judged,
    refusal.refused,
    submission.backing_off,
    refusal.behind_another,
    submission.token_too_old,
    submission.turn_needed,
    submission.not_held,
    submission.intent_missing,
    submission.send,
)


def decide(o: Observation) -> tuple[str, Decision]:
    """What to do next, and the name of the rule that says so."""
    for rule in RULES:
        decision = rule(o)
        if decision is not None:
            return rule.__name__, decision
    return "nothing_applies", Wait()

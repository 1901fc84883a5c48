"""The whole set of conditions of each situation, and when a transition time moves."""

from datetime import timedelta

import pytest

from emrjobs.api.conditions import Condition, ConditionType
from emrjobs.api.job_run.reasons import Reason
from emrjobs.core.job_run.conditions import Situation, conditions
from tests.support.builders import NOON

TABLE = {
    Situation.ACTIVE: {"Ready": "False", "Reconciling": "True"},
    Situation.COMPLETE: {"Ready": "True", "Complete": "True", "Finished": "True"},
    Situation.FAILED: {"Ready": "False", "Stalled": "True", "Failed": "True", "Finished": "True"},
    Situation.REFUSED: {"Ready": "False", "Stalled": "True"},
    Situation.SUSPENDED: {"Ready": "True", "Suspended": "True"},
}


def make(
    situation: Situation, previous: tuple[Condition, ...] = (), reason: Reason = Reason.RUNNING, later: int = 0
) -> tuple[Condition, ...]:
    return conditions(situation, previous, reason, "words", 3, NOON + timedelta(seconds=later))


@pytest.mark.parametrize("situation", Situation)
def test_the_table_of_the_description(situation: Situation) -> None:
    made = make(situation)
    assert {c.type: c.status for c in made} == TABLE[situation]
    assert {(c.reason, c.message, c.observed_generation) for c in made} == {("Running", "words", 3)}


def test_a_time_moves_only_with_the_status_of_its_condition() -> None:
    first = make(Situation.ACTIVE)
    second = make(Situation.ACTIVE, first, Reason.CANCELLING, later=60)
    assert {c.last_transition_time for c in second} == {NOON}
    assert {c.reason for c in second} == {"Cancelling"}
    third = {c.type: c.last_transition_time for c in make(Situation.FAILED, second, later=90)}
    assert third[ConditionType.READY] == NOON
    assert third[ConditionType.FAILED] == NOON + timedelta(seconds=90)


def test_a_condition_that_was_away_begins_anew() -> None:
    away = make(Situation.REFUSED, make(Situation.ACTIVE), later=10)
    back = {c.type: c.last_transition_time for c in make(Situation.ACTIVE, away, later=20)}
    assert back[ConditionType.RECONCILING] == NOON + timedelta(seconds=20)
    assert back[ConditionType.READY] == NOON


def test_times_are_whole_seconds_as_in_all_of_kubernetes() -> None:
    odd = conditions(Situation.ACTIVE, (), Reason.RUNNING, "", 1, NOON + timedelta(microseconds=123456))
    assert {c.last_transition_time for c in odd} == {NOON}


def test_a_condition_without_a_time_gets_one() -> None:
    bare = (Condition(type="Ready", status="False"),)
    assert {c.last_transition_time for c in make(Situation.ACTIVE, bare)} == {NOON}

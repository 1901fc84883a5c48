"""Whatever users do, AWS answers and processes survive: one run an attempt, an end or a reason, and no livelock."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrjobs.core.failures import Operation
from tests.support.simulation import faults
from tests.support.simulation.aws import Life
from tests.support.simulation.ending import check
from tests.support.simulation.script import AT_RANDOM, Company, Script
from tests.support.simulation.story import Story

MOODS = (
    {Operation.START: faults.DENIED},
    {Operation.START: faults.WRONG},
    {Operation.START: faults.NOT_FOUND},
    {Operation.START: faults.BROKEN},
    {Operation.START: faults.UNCLEAR},
    {Operation.START: faults.UNCLEAR, Operation.INSPECT: faults.DENIED},
    {Operation.DESCRIBE: faults.DENIED},
    {Operation.LIST: faults.DENIED},
    {Operation.CANCEL: faults.DENIED},
)


def seconds(*choices: int) -> st.SearchStrategy[timedelta]:
    return st.sampled_from([timedelta(seconds=choice) for choice in choices])


LIVES = st.builds(
    Life,
    running=seconds(30, 0, 100),
    ends=st.sampled_from([("COMPLETED",), ("USER_ERROR",), ("INTERNAL_ERROR", "COMPLETED"), ("INTERNAL_ERROR",)]),
    cancelling=seconds(10, 0, 60),
    list_lag=seconds(5, 0, 29),
)
MEMBERS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "deletionPolicy": st.sampled_from(["Cancel", "Retain"]),
        "suspend": st.booleans(),
        "activeDeadlineSeconds": st.sampled_from([1, 20, 300]),
        "startDeadlineSeconds": st.sampled_from([1, 20, 300]),
        "ttlSecondsAfterFinished": st.sampled_from([1, 300]),
        # Of a large spec only an outline is kept between its turns.
        "jobDriver": st.just(
            {"sparkSubmitJobDriver": {"entryPoint": "s3://b/job.py", "entryPointArguments": ["x" * 9000]}}
        ),
        "resubmitPolicy": st.fixed_dictionaries(
            {"limit": st.sampled_from([1, 3]), "backoffSeconds": st.sampled_from([1, 60])}
        ),
    },
)


def scripts(company: Company) -> st.SearchStrategy[Script]:
    return st.builds(
        Script,
        faults=st.lists(st.integers(0, 20), max_size=15).map(tuple),
        happenings=st.lists(st.one_of(st.just(0), st.sampled_from(AT_RANDOM)), max_size=15).map(tuple),
        mood=st.one_of(st.just({}), st.sampled_from(MOODS)),
        members=MEMBERS,
        life=LIVES,
        company=st.just(company),
        lags=st.tuples(seconds(0, 2, 30), seconds(0, 2, 30)),
        queue=seconds(0, 2, 10, 60),
        lists=st.booleans(),
    )


EVERY_TIME = settings(derandomize=True, deadline=None, database=None)


@settings(EVERY_TIME, max_examples=300)
@given(scripts(Company.ALONE))
def test_one_process_that_crashes_at_any_step(script: Script) -> None:
    check(Story(script).play())


@settings(EVERY_TIME, max_examples=150)
@given(scripts(Company.HANDOVER))
def test_a_leader_and_its_standby_that_take_turns(script: Script) -> None:
    check(Story(script).play())


@settings(EVERY_TIME, max_examples=100)
@given(scripts(Company.TOGETHER))
def test_two_that_act_at_the_same_time_without_a_lease(script: Script) -> None:
    assert Story(script).play() is not None  # it raises where a promise is broken


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(deadline=None, database=None, max_examples=5000)
@given(st.sampled_from([Company.ALONE, Company.HANDOVER]).flatmap(scripts))
def test_many_stories_that_differ_each_time(script: Script) -> None:
    check(Story(script).play())

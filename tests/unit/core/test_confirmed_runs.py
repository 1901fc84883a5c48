"""Whose run it is: only a record that carries our token shows that a run is this object's."""

import pytest

from emrjobs.api.job_run.status import State
from emrjobs.core.job_run.effects import StartJob
from emrjobs.core.job_run.memory import Memory
from emrjobs.core.job_run.memory_updates import Moment, apply_outcome, intent_recorded, listed, seen
from emrjobs.core.job_run.outcomes import Started
from emrjobs.core.job_run.runs import JobRun, Source
from tests.support.builders import CLUSTER, NOON, RUN_ID, TIMING, UID, seconds

START = StartJob({"clientToken": UID, "virtualClusterId": CLUSTER})
NOW = Moment(NOON - seconds(1), NOON, 0.5, TIMING, 1, UID)
OURS = intent_recorded(Memory(), UID)
EMPTY = Memory()


@pytest.mark.parametrize(
    ("source", "token", "confirmed"),
    [
        pytest.param(Source.DESCRIBE, UID, True, id="a describe shows our token"),
        pytest.param(Source.LIST, UID, True, id="a list shows our token"),
        pytest.param(Source.DESCRIBE, "another", False, id="a describe shows another's"),
        pytest.param(Source.LIST, "another", False, id="a list shows another's"),
        pytest.param(Source.LIST, None, False, id="a list shows none"),
    ],
)
def test_a_run_is_ours_only_if_its_record_carries_our_token(source: Source, token: str | None, confirmed: bool) -> None:
    record = JobRun(RUN_ID, State.RUNNING, client_token=token)
    assert (seen(EMPTY, record, source, NOW).confirmed_run == RUN_ID) is confirmed


def test_a_run_that_a_list_shows_without_its_token_is_described() -> None:
    after = listed(EMPTY, JobRun(RUN_ID, State.RUNNING), NOW)
    assert (after.confirmed_run, after.look_at) == (None, NOON)


def test_a_run_that_aws_gave_us_stays_ours_whatever_lists_leave_out() -> None:
    accepted = apply_outcome(OURS, START, Started(RUN_ID, None, None), NOW)
    after = listed(accepted, JobRun(RUN_ID, State.RUNNING), NOW)
    assert (after.confirmed_run, after.accepted) == (RUN_ID, None)

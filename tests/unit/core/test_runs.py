"""What may be concluded from one look at a run."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrjobs.api.job_run.status import State
from emrjobs.core.job_run.runs import ACTIVE, TERMINAL, JobRun, ObservedRun, Source, goes_back, newer
from tests.support.builders import NOON, RUN_ID, seconds

STATES = [*ACTIVE, *TERMINAL, "NEW_AND_UNKNOWN"]
SIGHTINGS = st.builds(
    lambda state, at, source: ObservedRun(JobRun(RUN_ID, state), NOON + seconds(at), source),
    st.sampled_from(STATES),
    st.integers(0, 5),
    st.sampled_from(Source),
)


def observed_run(state: str, at: float = 0, source: Source = Source.DESCRIBE) -> ObservedRun:
    return ObservedRun(JobRun(RUN_ID, state), NOON + seconds(at), source)


@pytest.mark.parametrize(
    ("known", "seen", "believed"),
    [
        (observed_run("PENDING"), observed_run("RUNNING", 1), "RUNNING"),
        (observed_run("RUNNING", 1), observed_run("PENDING", 0), "RUNNING"),
        (observed_run("RUNNING"), observed_run("PENDING", 1), "PENDING"),
        (observed_run("RUNNING"), observed_run("PENDING", 1, Source.LIST), "RUNNING"),
        (observed_run("CANCEL_PENDING"), observed_run("RUNNING", 1, Source.LIST), "CANCEL_PENDING"),
        (observed_run("PENDING"), observed_run("RUNNING", 1, Source.LIST), "RUNNING"),
        (observed_run("RUNNING"), observed_run("NEW_AND_UNKNOWN", 1, Source.LIST), "NEW_AND_UNKNOWN"),
        (observed_run("NEW_AND_UNKNOWN"), observed_run("PENDING", 1, Source.LIST), "PENDING"),
        (observed_run("COMPLETED"), observed_run("RUNNING", 1), "COMPLETED"),
        (observed_run("COMPLETED"), observed_run("FAILED", 1), "COMPLETED"),
        (observed_run("RUNNING", 5), observed_run("COMPLETED", 1), "RUNNING"),
    ],
)
def test_which_of_two_looks_is_believed(known: ObservedRun, seen: ObservedRun, believed: str) -> None:
    assert newer(known, seen).run.state == believed


def test_the_first_look_is_believed() -> None:
    assert newer(None, observed_run("RUNNING", 0, Source.LIST)).run.state == "RUNNING"


def test_when_it_was_first_seen_running_is_kept_by_all_later_looks() -> None:
    first = newer(newer(None, observed_run("PENDING")), observed_run("RUNNING", 1, Source.LIST))
    again = newer(first, observed_run("RUNNING", 2, Source.LIST))
    ended = newer(again, observed_run("COMPLETED", 3))
    assert [look.first_running for look in (first, again, ended)] == [NOON + seconds(1)] * 3
    assert newer(observed_run("PENDING"), observed_run("COMPLETED", 3)).first_running is None


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(SIGHTINGS, min_size=1, max_size=12))
def test_an_end_is_never_left_and_lists_never_lead_back(looks: list[ObservedRun]) -> None:
    believed: list[ObservedRun] = []
    for look in looks:
        believed.append(newer(believed[-1] if believed else None, look))
    for before, after in pairwise(believed):
        assert not before.run.ended or after is before
        assert after.asked_at >= before.asked_at
        if after is not before and after.source is Source.LIST:
            assert not goes_back(before.run.state, after.run.state)


@pytest.mark.parametrize(
    ("state", "ended", "cancellable"),
    [
        (State.PENDING, False, True),
        (State.SUBMITTED, False, True),
        (State.RUNNING, False, True),
        (State.CANCEL_PENDING, False, False),
        (State.COMPLETED, True, False),
        (State.FAILED, True, False),
        (State.CANCELLED, True, False),
        ("NEW_AND_UNKNOWN", False, True),
    ],
)
def test_what_a_state_means(state: str, ended: bool, cancellable: bool) -> None:
    run = JobRun(RUN_ID, state)
    assert (run.ended, run.cancellable) == (ended, cancellable)

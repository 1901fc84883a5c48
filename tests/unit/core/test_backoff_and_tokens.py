"""Waits between tries, and the token of an attempt."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrjobs.core.backoff import Backoff
from emrjobs.core.job_run.tokens import client_token

BACKOFF = Backoff(timedelta(seconds=1), timedelta(minutes=2))
UID = "8c1b8a2e-5a3f-4f5e-9d59-2f6f2a9f6c11"


@pytest.mark.parametrize(
    ("failures", "whole"), [(0, 1), (1, 1), (2, 2), (3, 4), (7, 64), (8, 120), (9, 120), (10**9, 120)]
)
def test_it_doubles_up_to_its_longest(failures: int, whole: int) -> None:
    assert BACKOFF.delay(failures, 0.0) == timedelta(seconds=whole) / 2
    assert BACKOFF.delay(failures, 0.999999) <= timedelta(seconds=whole)


@settings(derandomize=True, deadline=None)
@given(st.integers(-5, 10**12), st.floats(0, 1, exclude_max=True))
def test_it_is_never_nothing_and_never_longer_than_the_longest(failures: int, sample: float) -> None:
    assert timedelta(seconds=0.5) <= BACKOFF.delay(failures, sample) <= timedelta(minutes=2)


def test_a_first_wait_longer_than_the_longest_is_cut() -> None:
    assert Backoff(timedelta(minutes=9), timedelta(minutes=2)).delay(1, 0.0) == timedelta(minutes=1)


def test_the_first_token_is_the_uid_as_it_stands_and_later_ones_carry_their_number() -> None:
    assert [client_token(UID, attempt) for attempt in (1, 2, 10)] == [UID, f"{UID}-2", f"{UID}-10"]


@pytest.mark.parametrize("attempt", [0, -1])
def test_attempts_count_from_one(attempt: int) -> None:
    with pytest.raises(ValueError, match="count from 1"):
        client_token(UID, attempt)


def test_every_token_fits_the_service() -> None:
    assert len(client_token(UID, 10**20)) <= 64

"""Kills, faults, handovers and deletions at random: in the end everything is counted at the endpoint."""

import os

import pytest

from tests.chaos.conftest import Tell
from tests.chaos.storm import Storm, Weather
from tests.chaos.testbed import ChaosTestbed

SEED = int(os.environ.get("CHAOS_SEED", "1"))


@pytest.mark.parametrize("changing_policies", [False, True], ids=["without policies", "with policies that change"])
def test_thirty_kills_leave_one_run_each(testbed: ChaosTestbed, tell: Tell, *, changing_policies: bool) -> None:
    weather = Weather(
        seed=SEED, kills=30, objects=40, alive=8, writes=14, seconds=60, changing_policies=changing_policies
    )
    figures = Storm(testbed, weather).run()
    tell(figures.as_table())
    assert figures.wrong == []
    assert figures.counted_kills >= 30


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_other_token_policy_is_as_good(testbed: ChaosTestbed, tell: Tell) -> None:
    """The endpoint answers another request under a known token with an error, not with the run."""
    figures = Storm(testbed, Weather(seed=SEED, kills=100, objects=100, policy="error", seconds=600)).run()
    tell(figures.as_table())
    assert figures.wrong == []
    assert figures.counted_kills >= 100

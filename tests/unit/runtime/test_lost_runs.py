"""When AWS's word that it does not know a run is believed."""

import pytest

from emrjobs.runtime.aws.lost_runs import LostRuns


def lost_runs(active: int, denied: int) -> LostRuns:
    lost = LostRuns()
    for number in range(active):
        lost.seen(f"run-{number}")
    for number in range(denied):
        lost.denied(f"run-{number}")
    return lost


@pytest.mark.parametrize(
    ("active", "denied", "too_many"),
    [(0, 0, False), (5, 5, False), (6, 6, True), (59, 6, True), (60, 6, False), (1000, 100, False), (1000, 101, True)],
)
def test_more_than_five_and_more_than_a_tenth_are_not_believed(active: int, denied: int, too_many: bool) -> None:
    lost = lost_runs(active, denied)
    assert lost.too_many == too_many
    assert bool(lost.problem()) == too_many


def test_one_run_that_aws_shows_makes_the_denials_count_afresh() -> None:
    lost = lost_runs(10, 10)
    lost.seen("run-0")
    assert not lost.too_many


def test_objects_that_are_gone_do_not_count() -> None:
    lost = lost_runs(10, 10)
    for number in range(5):
        lost.over(f"run-{number}")
    assert not lost.too_many

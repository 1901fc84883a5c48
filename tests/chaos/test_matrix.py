"""A crash in every place of a life, and a deletion between intent and answer: one run, and the truth."""

from collections.abc import Iterator

import pytest

from tests.chaos import matrix, window
from tests.chaos.conftest import Tell
from tests.chaos.runners import Runners
from tests.chaos.testbed import ChaosTestbed

COUNT = 8
"""Runners: most of a life is waiting."""


@pytest.fixture(scope="module")
def runners(testbed: ChaosTestbed) -> Iterator[Runners]:
    runners = Runners(testbed, COUNT)
    yield runners
    runners.close()


def test_an_object_deleted_between_intent_and_answer_leaves_no_run(
    testbed: ChaosTestbed, runners: Runners, tell: Tell
) -> None:
    cells = window.window_matrix(runners, testbed.sim)
    tell(window.printed(cells))
    assert window.wrong(cells) == []


def test_a_crash_around_any_effect_changes_nothing(testbed: ChaosTestbed, runners: Runners, tell: Tell) -> None:
    rows = matrix.crash_matrix(runners, matrix.SHORT, shared_prefixes=False)
    tell(matrix.printed(rows))
    assert matrix.wrong(testbed, rows) == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_crash_around_any_effect_of_any_life_changes_nothing(
    testbed: ChaosTestbed, runners: Runners, tell: Tell
) -> None:
    rows = matrix.crash_matrix(runners)
    tell(matrix.printed(rows))
    assert matrix.wrong(testbed, rows) == []

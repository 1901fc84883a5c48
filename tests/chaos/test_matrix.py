"""A crash in every place of a life, and a deletion between intent and answer: one run, and the truth."""

from collections.abc import Iterator

import pytest

from tests.chaos import matrix, window
from tests.chaos.arena import Arena
from tests.chaos.conftest import Tell
from tests.chaos.lanes import Lanes

COUNT = 8
"""Lanes: most of a life is waiting."""


@pytest.fixture(scope="module")
def lanes(arena: Arena) -> Iterator[Lanes]:
    lanes = Lanes(arena, COUNT)
    yield lanes
    lanes.close()


def test_an_object_deleted_between_intent_and_answer_leaves_no_run(arena: Arena, lanes: Lanes, tell: Tell) -> None:
    cells = window.window_matrix(lanes, arena.sim)
    tell(window.printed(cells))
    assert window.wrong(cells) == []


def test_a_crash_around_any_effect_changes_nothing(arena: Arena, lanes: Lanes, tell: Tell) -> None:
    rows = matrix.crash_matrix(lanes, matrix.SHORT, shared_prefixes=False)
    tell(matrix.printed(rows))
    assert matrix.wrong(arena, rows) == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_crash_around_any_effect_of_any_life_changes_nothing(arena: Arena, lanes: Lanes, tell: Tell) -> None:
    rows = matrix.crash_matrix(lanes)
    tell(matrix.printed(rows))
    assert matrix.wrong(arena, rows) == []

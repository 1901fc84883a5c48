"""Every member at every moment: each cell of the table is acted out, and printed where it is not as meant."""

import pytest

from tests.integration.lifecycle_table import ROWS, play_row
from tests.sandbox.emr.admin import Admin
from tests.sandbox.world import World
from tests.support.moments import MOMENTS


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize("member", ROWS)
def test_flipped_at_each_moment(world: World, sim: Admin, member: str) -> None:
    assert play_row(world, sim, member) == dict(zip(MOMENTS, ROWS[member][1], strict=True))
    assert sim.duplicates() == []

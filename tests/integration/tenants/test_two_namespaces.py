"""What goes wrong for one team is nothing to another: its jobs start, and it reads no word of it."""

import pytest

from tests.integration.tenants.two_namespaces import play
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.world import World
from tests.support.jobs import Jobs

ROUNDS = 24


@pytest.mark.parametrize("seed", [1, 2])
def test_denials_full_queues_refusals_and_hostile_texts_stay_in_their_namespace(
    world: World, jobs: Jobs, neighbour: str, operator: OperatorProcess, seed: int
) -> None:
    quiet = Jobs(world.kube.runs(neighbour), world.sim)
    result = play(world, operator, jobs, quiet, ROUNDS, seed)
    assert result.found == []
    assert len(result.beside) == ROUNDS

"""The builders of worlds refuse those that cannot be."""

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import EmrJobRunStatus, State
from tests.support.builders import RUN_ID, ImpossibleWorldError, World, a_run

POSSIBLE = {
    "new": a_run(),
    "queued": a_run().queued(),
    "intended": a_run().with_finalizer().intended(),
    "submitted and deleting": a_run().with_finalizer().submitted().deleting(),
    "deleting and running, in any order": a_run().with_finalizer().submitted().deleting().running(),
    "suspended before it ran": a_run().suspended(),
    "between attempts": a_run().with_finalizer().failed_once(),
    "ended": a_run().ended(),
}
IMPOSSIBLE = {
    "an id without a token": a_run().saying(id=RUN_ID),
    "a token without a time": a_run().intended().saying(submission_started_at=None),
    "running without an id": a_run().shown(State.RUNNING, Reason.RUNNING),
    "deleting without a finalizer": a_run().deleting(),
    "conditions of another state": a_run().rejected().saying(state=State.QUEUED),
    "no conditions": a_run().having(status=EmrJobRunStatus(state=State.QUEUED)),
    "a generation from the future": a_run().saying(observed_generation=2),
    "held twice": a_run().with_finalizer().with_finalizer(),
    "a cancellation of an attempt that is not there": a_run().intended().cancelling().saying(attempt=None),
    "a cancellation of nothing": a_run().cancelling(),
    "doubt about nothing": a_run().intended().sent(made=0, doubtful=1),
    "seen in the future": a_run().submitted().seen(State.RUNNING, ago=-1),
}


@pytest.mark.parametrize("world", POSSIBLE.values(), ids=POSSIBLE)
def test_a_world_that_can_be_is_seen(world: World) -> None:
    assert world.observe().resource is world.resource


@pytest.mark.parametrize("world", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_world_that_cannot_be_is_refused(world: World) -> None:
    with pytest.raises(ImpossibleWorldError):
        world.observe()

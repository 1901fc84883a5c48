"""Who waits for whom: ends and wishes before new runs, new runs before progress."""

import pytest

from emrjobs.api.job_run.status import State
from emrjobs.core.job_run.memory import Accepted
from emrjobs.core.job_run.priority import tolerated_delay, unwritten
from emrjobs.core.job_run.runs import Source
from tests.support.builders import NOON, RUN_ID, UID, World, a_run


def _patience(world: World) -> float:
    seen = world.observe()
    return tolerated_delay(seen.resource, seen.memory, NOON)


_ACCEPTED = Accepted(token=UID, id=RUN_ID, arn=None, name=None, resent=False)
_AT_ONCE = {
    "a run that was seen to end": a_run().submitted().running().seen(State.COMPLETED),
    "a run that lists lack": a_run().submitted().running().remembering(look_at=NOON),
    "an object that has reached its end": a_run().submitted().ended(),
    "a deleted object": a_run().with_finalizer().submitted().running().deleting(),
    "an object that is gone": a_run().with_finalizer().gone(),
    "an edited object": a_run().submitted().running().edited(),
    "an accepted run that the status does not name": a_run()
    .with_finalizer()
    .intended()
    .sent()
    .remembering(accepted=_ACCEPTED),
}


@pytest.mark.parametrize("told", _AT_ONCE)
def test_at_once(told: str) -> None:
    assert _patience(_AT_ONCE[told]) == 0


def test_a_new_run_waits_for_ends_and_not_for_progress() -> None:
    progress = a_run().submitted().seen(State.RUNNING, source=Source.LIST)
    for new in (a_run(), a_run().with_finalizer().intended(), a_run().failed_once()):
        assert 0 < _patience(new) < _patience(progress)


_TOLD = {
    "an accepted run that the status does not name": (_AT_ONCE["an accepted run that the status does not name"], True),
    "an accepted run that it names": (
        a_run().with_finalizer().submitted().sent().remembering(accepted=_ACCEPTED),
        False,
    ),
    "an end that the status does not tell": (_AT_ONCE["a run that was seen to end"], True),
    "an end that it tells": (a_run().submitted().seen(State.COMPLETED).ended(), False),
    "a failure that a new attempt follows": (a_run().failed_once().seen(State.FAILED), False),
    "progress": (a_run().submitted().seen(State.RUNNING), False),
    "an object that is gone": (a_run().submitted().seen(State.COMPLETED).gone(), False),
}


@pytest.mark.parametrize("told", _TOLD)
def test_what_is_written_down_at_once(told: str) -> None:
    world, expected = _TOLD[told]
    seen = world.observe()
    assert unwritten(seen.resource, seen.memory) is expected

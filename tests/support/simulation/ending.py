"""What must be true when a story has come to its end."""

from typing import Final

from emrjobs.api.conditions import ConditionType
from emrjobs.api.job_run.reasons import Reason
from emrjobs.api.job_run.status import EmrJobRunStatus, State
from emrjobs.core.failures import Operation
from emrjobs.core.job_run.reporting import ready_reason
from tests.support.simulation.script import Company
from tests.support.simulation.story import BEGIN, LONGEST, Story

_TROUBLES: Final = (Reason.LOOK_FAILED, Reason.CANCEL_FAILED, Reason.REQUEST_MISMATCH)
_EXPLAINED: Final = (State.REJECTED, State.SUSPENDED)


def check(story: Story) -> str:
    """In one word how it ended: ``gone``, or the state. ``AssertionError`` where that is not a good end."""
    if story.script.mood:
        return _check_trouble(story)
    if story.script.company is not Company.TOGETHER:
        assert story.now < BEGIN + LONGEST + story.skipped, f"never at rest\n{story.text()}"
    if not story.outside.retained_once:
        left = [run for run in story.aws.runs if run.alive(story.now) and run.cancelled_at is None]
        assert not left, f"a run was left behind\n{story.text()}"
    resource = story.cluster.current
    if resource is None:
        return "gone"
    assert not resource.deleting, f"the deletion never ended\n{story.text()}"
    status = resource.status
    assert status.observed_generation == resource.generation, f"the last generation is not noticed\n{story.text()}"
    if status.finished:
        assert not resource.has_finalizer, f"finished, and still held\n{story.text()}"
        _check_truth(story, status)
    else:
        assert status.state in _EXPLAINED, f"no end and no reason\n{story.text()}"
    return str(status.state)


def _check_truth(story: Story, status: EmrJobRunStatus) -> None:
    if status.state not in (State.COMPLETED, State.FAILED):
        return
    run = next(run for run in story.aws.runs if run.id == status.id)
    told = (status.state, status.finished_at, status.created_at)
    assert told == (run.state(story.now), run.ends_at, run.created_at), f"not the truth\n{story.text()}"


def _check_trouble(story: Story) -> str:
    """Trouble that does not end need not end well; but a request that is never taken has its reason in status."""
    resource = story.cluster.current
    if resource is None:
        return "gone"
    status, mood = resource.status, story.script.mood
    known = [run for run in story.aws.runs if run.id == status.id]
    if Operation.DESCRIBE in mood and any(not run.alive(story.now) for run in known) and not status.between_attempts:
        unseen = not status.finished
        assert not unseen or ready_reason(status) in _TROUBLES, f"no reason for not knowing the end\n{story.text()}"
    if Operation.LIST in mood and resource.deleting and status.id is None:
        assert ready_reason(status) in _TROUBLES, f"no reason for not letting go\n{story.text()}"
    if Operation.START in mood and not story.aws.runs:
        ready = resource.status.condition(ConditionType.READY)
        assert ready is not None, f"no reason\n{story.text()}"
        assert ready.message, f"no reason\n{story.text()}"
    return str(resource.status.state)

"""What a list of the active runs leaves in memory, as the poller has it. Pure."""

from collections.abc import Iterable

from emrjobs.core.job_run.memory import Memory
from emrjobs.core.job_run.memory_updates import Moment, missing, seen
from emrjobs.core.job_run.runs import JobRun, Source
from emrjobs.runtime.job_run.entries import JobRunEntry
from tests.support.builders import TIMING


def after_list(entry: JobRunEntry, runs: Iterable[JobRun], moment: Moment) -> Memory:
    """A run that the list lacks is missing, unless it was accepted so shortly before that it may be."""
    status = entry.resource.status
    listed = next((run for run in runs if run.id == status.id), None)
    if listed is not None:
        return seen(entry.memory, listed, Source.LIST, moment)
    accepted = status.created_at or status.submission_started_at or moment.now
    if entry.memory.observed_run is not None or moment.now - accepted >= TIMING.unlisted:
        return missing(entry.memory, moment)
    return entry.memory

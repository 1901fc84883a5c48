"""Worlds and decisions that the tables of the rules share."""

from datetime import timedelta

from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.effects import (
    CancelJob,
    DescribeJob,
    FindRun,
    Wait,
)
from emrjobs.core.job_run.memory import Accepted, Search, Trouble
from tests.support.builders import CLUSTER, NOON, ROLE, RUN_ID, TIMING, UID, a_run, seconds

REQUEST = {
    "name": "job",
    "virtualClusterId": CLUSTER,
    "executionRoleArn": ROLE,
    "releaseLabel": "emr-7.9.0-latest",
    "jobDriver": {"sparkSubmitJobDriver": {"entryPoint": "s3://b/job.py"}},
    "clientToken": UID,
}
LOOK = FindRun(CLUSTER, "job", NOON - seconds(10) - TIMING.clock_margin, UID)
SENT_LONG_AGO = FindRun(CLUSTER, "job", NOON - timedelta(hours=2) - TIMING.clock_margin, UID)
DESCRIBE, CANCEL = DescribeJob(CLUSTER, RUN_ID), CancelJob(CLUSTER, RUN_ID)


def waits(for_seconds: float) -> Wait:
    return Wait(NOON + seconds(for_seconds))


def cancel_trouble(verdict: Verdict = Verdict.TRANSIENT, retry_in: float = 30) -> Trouble:
    return Trouble(verdict, "Code", "words", 1, NOON, NOON + seconds(retry_in))


def searched(asked_ago: float, retry_in: float, *, failed: bool = False) -> Search:
    return Search(UID, NOON - seconds(asked_ago), 3, NOON + seconds(retry_in), failed)


def in_hand(*, resent: bool, read: bool = False) -> Accepted:
    return Accepted(UID, RUN_ID, None, "job", resent, read)


NEW, HELD = a_run(), a_run().with_finalizer()
INTENDED = HELD.intended(ago=10).sent(0)
STRANGE = HELD.intended(ago=10)
"""Intended by somebody else, or before a crash."""
RUNNING = HELD.running()
CANCELLED_AND_RETAINED = RUNNING.with_members(cancel=True, deletionPolicy="Retain")
STOPPED = RUNNING.deleting(5).cancelling(ago=5)
DOUBTFUL = HELD.intended(ago=10).deleting(5).cancelling(ago=5)

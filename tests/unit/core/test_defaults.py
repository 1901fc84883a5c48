"""What is true before anything is known or set."""

from datetime import timedelta

import pytest

from emrjobs.api.job_run.reasons import Reason
from emrjobs.core.backoff import Backoff
from emrjobs.core.failures import REFUSALS, Failure, Operation, Verdict, known
from emrjobs.core.job_run.effects import Event, PatchStatus, ReserveStart
from emrjobs.core.job_run.memory import Accepted, Memory, Search, Sends
from emrjobs.core.job_run.timing import Timing
from tests.support.builders import NOON


def backoff(first: float, longest: float) -> Backoff:
    return Backoff(timedelta(seconds=first), timedelta(seconds=longest))


def test_the_durations_are_those_that_users_are_told() -> None:
    minutes = timedelta(minutes=1)
    named = {
        "grace": timedelta(seconds=330),
        "clock_margin": 15 * minutes,
        "token_trust": 60 * minutes,
        "search": backoff(2, 60),
        "permit": timedelta(seconds=30),
        "patience": timedelta(seconds=3),
        "retry": backoff(1, 120),
        "kube_retry": backoff(1, 30),
        "unclear_retry": backoff(15, 600),
        "denied_retry": backoff(600, 600),
        "denied_patience": 2 * minutes,
        "cancel_again": timedelta(seconds=30),
        "poll": backoff(2, 15),
        "unlisted": timedelta(seconds=10),
        "listing": 2 * minutes,
        "gone_again": minutes,
    }
    assert Timing() == Timing(**named)  # type: ignore[arg-type]  # durations and back-offs by name
    assert {name: getattr(Timing(), name) for name in named} == named


def test_a_new_memory_knows_nothing_and_presumes_the_worst() -> None:
    memory, sends = Memory(), Sends("token")
    assert (memory.looks, memory.gone_twice, memory.loss_checked) == (0, False, None)
    assert (sends.made, sends.doubtful, sends.inherited) == (0, 0, True)
    search = Search("token", NOON, 1, NOON)
    assert (search.failures, search.code) == (0, "")
    assert not Accepted("token", "id", None, None, resent=False).read


def test_an_announcement_is_no_warning_unless_it_says_so() -> None:
    assert not Event(Reason.RUNNING, "text").warning
    assert not ReserveStart().again
    assert not PatchStatus.__dataclass_fields__["intent"].default


def test_calls_are_named_as_aws_names_them() -> None:
    names = {"StartJobRun", "CancelJobRun", "DescribeJobRun", "ListJobRuns", "DescribeVirtualCluster"}
    assert {str(operation) for operation in Operation} == {*names, "DescribeJobTemplate"}


def test_a_refusal_proves_that_nothing_was_started() -> None:
    refusals = ("Unjudged", "Busy", "Unclear", "Rejected", "NotFound", "Denied")
    others = ("Throttled", "Transient", "Ambiguous", "Unreachable", "Credentials", "AlreadyOver", "Gone", "NotSent")
    assert {str(verdict) for verdict in REFUSALS} == set(refusals)
    assert {str(verdict) for verdict in Verdict} == {*refusals, *others}


@pytest.mark.parametrize(
    "code",
    [
        "InternalServerException",
        "InternalFailure",
        "InternalError",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    ],
)
def test_what_passes_by_itself_is_known_by_its_code(code: str) -> None:
    """Their verdict is that of an unknown code; the metric of unknown codes leaves them out."""
    assert known(Failure(Operation.START, code))
    assert Failure(Operation.START, code).message == ""

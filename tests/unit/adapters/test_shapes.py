"""What AWS answers, or somebody before it, becomes values of bounded length."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.adapters.aws_errors import failure_of
from emrjobs.adapters.job_run.shapes import LONGEST_DETAILS, LONGEST_NAME, bounded, job_run
from emrjobs.core.failures import Operation

LONG = "x" * 1_700_000
TEXTS = st.text(max_size=5000) | st.just(LONG)
MEMBERS = ("state", "stateDetails", "failureReason", "name", "arn", "createdBy", "clientToken")
LARGEST = 16_384
"""Characters of all texts of a run: small beside what a status may have."""


@given(st.dictionaries(st.sampled_from([m for m in MEMBERS if m != "clientToken"]), TEXTS))
def test_whatever_aws_says_of_a_run_it_fits_into_a_status(said: dict[str, str]) -> None:
    run = job_run({"id": "0001", **said})
    texts = (run.state, run.state_details, run.failure_reason, run.name, run.arn, run.created_by)
    assert sum(len(text or "") for text in texts) < LARGEST


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("RUNNING", "RUNNING"),
        ("PAUSED_BY_AWS", "PAUSED_BY_AWS"),
        ("<b>", "UNKNOWN"),
        ("A" * 65, "UNKNOWN"),
        (None, "UNKNOWN"),
    ],
)
def test_a_state_is_a_word_of_the_services_kind(said: str | None, state: str) -> None:
    assert job_run({"id": "0001", "state": said}).state == state


@pytest.mark.parametrize(("text", "shown"), [("ab", "ab"), ("abc", "abc"), ("abcd", "ab…"), (None, None)])
def test_a_text_that_is_too_long_is_cut_and_marked(text: str | None, shown: str | None) -> None:
    assert bounded(text, 3) == shown


def test_an_error_is_of_bounded_length_too() -> None:
    answer: Any = {"Error": {"Code": "C" * 3000, "Message": LONG}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    failure = failure_of(Operation.START, ClientError(answer, "StartJobRun"))
    assert (len(failure.code), len(failure.message)) == (LONGEST_NAME, LONGEST_DETAILS)

"""The failure table knows every error that botocore's model and AWS's documentation name for our calls."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from emrjobs.core.failures import Failure, Operation, Verdict, judge, known

COMMON = (
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InternalFailure",
    "MalformedHttpRequestException",
    "NotAuthorized",
    "OptInRequired",
    "RequestAbortedException",
    "RequestEntityTooLargeException",
    "RequestExpired",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ThrottlingException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationError",
)
"""AWS's "Common Errors", which any operation may answer (EMR on EKS API reference)."""


def modelled() -> Iterator[tuple[Operation, str]]:
    """The errors that the model lists for each operation, by the codes that they have on the wire."""
    client = boto3.session.Session(region_name="eu-west-1").client("emr-containers")
    for operation in Operation:
        shapes = client.meta.service_model.operation_model(str(operation)).error_shapes
        for shape in shapes:
            yield operation, shape.metadata.get("error", {}).get("code", shape.name)


def documented() -> Iterator[tuple[Operation, str]]:
    for operation in Operation:
        for code in COMMON:
            yield operation, code


@pytest.mark.parametrize(("operation", "code"), [*modelled(), *documented()])
def test_every_error_that_a_call_may_answer_has_a_row(operation: Operation, code: str) -> None:
    assert known(Failure(operation, code))


def test_the_model_lists_errors_for_every_operation() -> None:
    assert {operation for operation, _ in modelled()} == set(Operation)


@pytest.mark.parametrize("code", sorted(ThrottledRetryableChecker._THROTTLED_ERROR_CODES))
def test_what_botocore_takes_for_throttling_is_throttling_to_us(code: str) -> None:
    assert {judge(Failure(operation, code)) for operation in Operation} == {Verdict.THROTTLED}


@pytest.mark.parametrize("code", sorted(TransientRetryableChecker._TRANSIENT_ERROR_CODES))
def test_what_botocore_takes_for_transient_is_tried_again_by_us(code: str) -> None:
    passing = {Verdict.TRANSIENT, Verdict.AMBIGUOUS, Verdict.THROTTLED}
    assert {judge(Failure(operation, code)) for operation in Operation} <= passing


@pytest.mark.parametrize("status", sorted(TransientRetryableChecker._TRANSIENT_STATUS_CODES))
def test_what_botocore_takes_for_transient_by_status_is_tried_again_by_us(status: int) -> None:
    assert judge(Failure(Operation.START, "SurprisingException", "", status)) is Verdict.TRANSIENT

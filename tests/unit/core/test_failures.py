"""The failure table, row by row: an operation and what AWS or the network said lead to a verdict."""

from collections.abc import Iterator

import pytest

from emrjobs.core.failures import REFUSALS, Failure, Operation, Verdict, judge, known

EVERYWHERE: dict[Verdict, tuple[str, ...]] = {
    Verdict.THROTTLED: (
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestThrottledException",
        "RequestThrottled",
        "EKSRequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    ),
    Verdict.TRANSIENT: (
        "InternalServerException",
        "InternalFailure",
        "InternalError",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SurprisingException",
    ),
    Verdict.AMBIGUOUS: ("RequestTimeout", "RequestTimeoutException", "RequestAbortedException", "AnswerLost"),
    Verdict.UNREACHABLE: ("ConnectFailed",),
    Verdict.NOT_SENT: ("NotSent",),
    Verdict.CREDENTIALS: (
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NoCredentials",
    ),
    Verdict.DENIED: (
        "AccessDeniedException",
        "AccessDenied",
        "NotAuthorized",
        "UnauthorizedOperation",
        "OptInRequired",
    ),
    Verdict.REJECTED: (
        "RequestEntityTooLargeException",
        "MalformedHttpRequestException",
        "UnknownOperationException",
        "ParamValidation",
    ),
}


def rows() -> Iterator[tuple[str, Verdict, Operation]]:
    for verdict, codes in EVERYWHERE.items():
        for code in codes:
            for operation in Operation:
                yield code, verdict, operation


@pytest.mark.parametrize(("code", "verdict", "operation"), [*rows()])
def test_a_code_that_means_the_same_whatever_was_asked(code: str, verdict: Verdict, operation: Operation) -> None:
    assert judge(Failure(operation, code)) is verdict


START, CANCEL, DESCRIBE, LIST, INSPECT, READ_TEMPLATE = Operation
VALIDATION, NOT_FOUND = "ValidationException", "ResourceNotFoundException"
BY_OPERATION: dict[str, tuple[Operation, str, str, Verdict]] = {
    "unknown words on Start: look at the cluster": (START, VALIDATION, "The queue is full", Verdict.UNJUDGED),
    "the common name of it": (START, "ValidationError", "The queue is full", Verdict.UNJUDGED),
    "a constraint, in AWS's usual words": (
        START,
        VALIDATION,
        "1 validation error detected: Value 'x' at 'name' failed to satisfy constraint: Member must …",
        Verdict.REJECTED,
    ),
    "several of them": (START, VALIDATION, "2 validation errors detected: …", Verdict.REJECTED),
    "in any case": (START, VALIDATION, "Value FAILED TO SATISFY CONSTRAINT", Verdict.REJECTED),
    "no such template": (READ_TEMPLATE, NOT_FOUND, "", Verdict.NOT_FOUND),
    "no id of a template": (READ_TEMPLATE, VALIDATION, "", Verdict.REJECTED),
    "no such virtual cluster or template": (START, NOT_FOUND, "", Verdict.NOT_FOUND),
    "nothing left to cancel": (
        CANCEL,
        VALIDATION,
        "Job run 0000000abc is not in a cancellable state",
        Verdict.ALREADY_OVER,
    ),
    "nothing there to cancel": (CANCEL, VALIDATION, "Job run 0000000abc doesn't exist.", Verdict.GONE),
    "nothing there to cancel, by code": (CANCEL, NOT_FOUND, "", Verdict.GONE),
    "no record": (DESCRIBE, NOT_FOUND, "", Verdict.GONE),
    "no record, in words": (DESCRIBE, VALIDATION, "Job run 0000000abc does not exist", Verdict.GONE),
    "a describe that is wrong otherwise": (DESCRIBE, VALIDATION, "Something else", Verdict.TRANSIENT),
    "a list that is wrong": (LIST, VALIDATION, "does not exist", Verdict.TRANSIENT),
    "no such virtual cluster, asked about it": (INSPECT, NOT_FOUND, "", Verdict.NOT_FOUND),
    "an inspection that is wrong": (INSPECT, VALIDATION, "does not exist", Verdict.TRANSIENT),
}


@pytest.mark.parametrize(("operation", "code", "message", "verdict"), BY_OPERATION.values(), ids=BY_OPERATION)
def test_a_code_that_depends_on_the_operation(operation: Operation, code: str, message: str, verdict: Verdict) -> None:
    failure = Failure(operation, code, message, 400)
    assert judge(failure) is verdict
    assert known(failure)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (401, Verdict.CREDENTIALS),
        (403, Verdict.DENIED),
        (408, Verdict.AMBIGUOUS),
        (413, Verdict.REJECTED),
        (429, Verdict.THROTTLED),
        (400, Verdict.TRANSIENT),
        (404, Verdict.TRANSIENT),
        (500, Verdict.TRANSIENT),
        (502, Verdict.TRANSIENT),
        (503, Verdict.TRANSIENT),
        (None, Verdict.TRANSIENT),
    ],
)
def test_a_code_without_a_row_is_judged_by_the_http_status_and_given_up_on_by_none(
    status: int | None, verdict: Verdict
) -> None:
    failure = Failure(START, str(status), "", status)
    assert judge(failure) is verdict
    assert not known(failure)


def test_a_row_counts_more_than_the_http_status() -> None:
    assert judge(Failure(START, "ThrottlingException", "", 400)) is Verdict.THROTTLED
    assert judge(Failure(START, "ExpiredTokenException", "", 403)) is Verdict.CREDENTIALS


def test_only_a_failed_start_can_refuse_the_object() -> None:
    for code, _, operation in rows():
        if operation is not START and judge(Failure(operation, code)) is Verdict.REJECTED:
            assert code in EVERYWHERE[Verdict.REJECTED]
    assert judge(Failure(CANCEL, VALIDATION, "failed to satisfy constraint")) not in REFUSALS


def test_every_verdict_can_be_reached_by_a_code_or_by_looking_at_the_cluster() -> None:
    reached = {judge(Failure(operation, code)) for code, _, operation in rows()}
    reached |= {judge(Failure(operation, code, words)) for operation, code, words, _ in BY_OPERATION.values()}
    assert set(Verdict) - reached == {Verdict.BUSY, Verdict.UNCLEAR}

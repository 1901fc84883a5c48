"""botocore's exceptions as failures: above all, whether the request can have reached AWS."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from emrjobs.adapters.aws_errors import TooLateError, failure_of
from emrjobs.core.failures import Operation, Verdict, judge

NEVER_SENT = {"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"}
ANSWER_LOST = {"ReadTimeoutError", "ConnectionClosedError", "HTTPClientError", "ResponseStreamingError"}
NO_CREDENTIALS = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "TokenRetrievalError",
    "NoAuthTokenError",
    "UnauthorizedSSOTokenError",
}


class _Anything(dict[str, Any]):
    """Every field that a message may ask for."""

    def __missing__(self, key: str) -> str:
        return "words"


def raised() -> Iterator[Exception]:
    """One of every exception class that botocore has."""
    kinds: list[Any] = [kind for _, kind in inspect.getmembers(aws, inspect.isclass)]
    for kind in kinds:
        if not issubclass(kind, aws.BotoCoreError):
            continue
        error = kind.__new__(kind)
        Exception.__init__(error, kind.fmt.format_map(_Anything()))
        yield error


def client_error(code: str | None, message: str = "", status: int | None = 400) -> aws.ClientError:
    named = {"Code": code, "Message": message} if code is not None else {}
    return aws.ClientError({"Error": named, "ResponseMetadata": {"HTTPStatusCode": status}}, "StartJobRun")


@pytest.mark.parametrize("error", [*raised()], ids=lambda error: type(error).__name__)
def test_every_exception_of_botocore_has_a_verdict_that_is_safe(error: Exception) -> None:
    name = type(error).__name__
    verdict = judge(failure_of(Operation.START, error))
    if name in NEVER_SENT:
        assert verdict is Verdict.UNREACHABLE
    elif name in NO_CREDENTIALS:
        assert verdict is Verdict.CREDENTIALS
    elif name == "ParamValidationError":
        assert verdict is Verdict.REJECTED
    else:
        assert verdict in (Verdict.AMBIGUOUS, Verdict.TRANSIENT), "a request that may be there is in doubt"


@pytest.mark.parametrize("error", [*raised()], ids=lambda error: type(error).__name__)
def test_an_answer_that_was_lost_is_called_so(error: Exception) -> None:
    lost = failure_of(Operation.START, error).code == "AnswerLost"
    assert lost == (type(error).__name__ in ANSWER_LOST)


def test_the_names_above_are_botocores() -> None:
    names = {type(error).__name__ for error in raised()}
    assert names >= NEVER_SENT | ANSWER_LOST | NO_CREDENTIALS


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (client_error("ThrottlingException", "slow down"), "ThrottlingException", 400),
        (client_error("502", "Bad Gateway", 502), "502", 502),
        (client_error(None, "", 500), "Unknown", 500),
        (TooLateError(), "NotSent", None),
        (ResponseParserError("not JSON"), "AnswerLost", None),
        (aws.ParamValidationError(report="Unknown parameter"), "ParamValidation", None),
        (RuntimeError("cannot schedule new futures after shutdown"), "Local.RuntimeError", None),
        (OSError("odd"), "Local.OSError", None),
    ],
    ids=str,
)
def test_the_code_and_status_of_an_exception(error: Exception, code: str, status: int | None) -> None:
    failure = failure_of(Operation.DESCRIBE, error)
    assert (failure.operation, failure.code, failure.http_status) == (Operation.DESCRIBE, code, status)


def test_the_message_of_aws_is_kept_for_the_status() -> None:
    assert failure_of(Operation.START, client_error("ValidationException", "Job run x")).message == "Job run x"


def test_a_response_without_any_metadata_is_still_a_failure() -> None:
    failure = failure_of(Operation.START, aws.ClientError({}, "StartJobRun"))
    assert judge(failure) is Verdict.TRANSIENT

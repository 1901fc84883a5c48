"""botocore's exceptions as failures. Whether a request can have reached AWS is decided here."""

from typing import Any

from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from emrjobs.adapters.job_run.shapes import LONGEST_DETAILS, LONGEST_NAME, bounded
from emrjobs.core.failures import ROLE_NOT_ASSUMED, Failure, Operation

_NEVER_SENT = (aws.EndpointConnectionError, aws.ConnectTimeoutError, aws.ProxyConnectionError)
_MAYBE_SENT = (aws.HTTPClientError, ResponseParserError)
_NO_CREDENTIALS = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.TokenRetrievalError,
    aws.NoAuthTokenError,
    aws.UnauthorizedSSOTokenError,
)


class TooLateError(Exception):
    """The request was held back: its not-after time has passed."""


class RoleNotAssumedError(Exception):
    """STS gave no session; nothing was sent under another identity."""

    def __init__(self, code: str) -> None:
        """``code``: STS's error code, or the class of what kept it from answering."""
        super().__init__(code)
        self.code = code


def failure_of(operation: Operation, error: Exception) -> Failure:
    """The failure that an exception stands for. One that we do not know keeps its class name, marked as local."""
    match error:
        case RoleNotAssumedError():
            return Failure(operation, ROLE_NOT_ASSUMED, error.code)
        case TooLateError():
            return Failure(operation, "NotSent", "the request was decided too long ago")
        case aws.ClientError():
            return _client_error(operation, error)
        case aws.ParamValidationError():
            return Failure(operation, "ParamValidation", str(error))
        case _:
            return _local_error(operation, error)


def _local_error(operation: Operation, error: Exception) -> Failure:
    if isinstance(error, _NO_CREDENTIALS):
        return Failure(operation, "NoCredentials", str(error))
    if isinstance(error, _NEVER_SENT):
        return Failure(operation, "ConnectFailed", str(error))
    if isinstance(error, _MAYBE_SENT):
        return Failure(operation, "AnswerLost", str(error))
    # Marked, since botocore names some classes as AWS names its codes.
    return Failure(operation, f"Local.{type(error).__name__}", str(error))


def _client_error(operation: Operation, error: Any) -> Failure:
    details = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    code = bounded(str(details.get("Code", "Unknown")), LONGEST_NAME) or "Unknown"
    message = bounded(str(details.get("Message", "")), LONGEST_DETAILS) or ""
    return Failure(operation, code, message, status)

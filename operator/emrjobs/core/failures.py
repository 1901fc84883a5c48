"""What an answer that is not a success means, by operation and code. Pure: one table."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Operation(StrEnum):
    """The calls that the operator makes to EMR on EKS."""

    START = "StartJobRun"
    CANCEL = "CancelJobRun"
    DESCRIBE = "DescribeJobRun"
    LIST = "ListJobRuns"
    INSPECT = "DescribeVirtualCluster"
    READ_TEMPLATE = "DescribeJobTemplate"


class Verdict(StrEnum):
    """What follows from a failure; the rules act on these and on nothing else."""

    THROTTLED = "Throttled"
    """Slow down; never a failure of the object."""
    TRANSIENT = "Transient"
    """Again with the same token."""
    AMBIGUOUS = "Ambiguous"
    """Sent, answer unknown: the run may exist. Again with the same token."""
    UNREACHABLE = "Unreachable"
    """Never sent. Again with the same token."""
    CREDENTIALS = "Credentials"
    """Our own identity is not accepted at all. New client, then again."""
    UNJUDGED = "Unjudged"
    """A validation error on Start in unknown words: the virtual cluster must be looked at."""
    BUSY = "Busy"
    """The virtual cluster takes no run now."""
    UNCLEAR = "Unclear"
    """Refused in unknown words by a virtual cluster that is not busy."""
    REJECTED = "Rejected"
    """Refused until the spec changes."""
    NOT_FOUND = "NotFound"
    """What the request names does not exist (yet)."""
    DENIED = "Denied"
    """The operator lacks a right."""
    ALREADY_OVER = "AlreadyOver"
    """There is nothing left to cancel."""
    GONE = "Gone"
    """AWS has no record of that id."""
    NOT_SENT = "NotSent"
    """We did not send it: too late, or no longer the leader."""


REFUSALS: Final = frozenset(
    {Verdict.UNJUDGED, Verdict.BUSY, Verdict.UNCLEAR, Verdict.REJECTED, Verdict.NOT_FOUND, Verdict.DENIED}
)
"""Verdicts that prove that the request started nothing and never will."""


PASSING: Final = frozenset(
    {Verdict.TRANSIENT, Verdict.AMBIGUOUS, Verdict.UNREACHABLE, Verdict.THROTTLED, Verdict.CREDENTIALS}
)
"""Verdicts that speak of AWS or of the way there, and not of the run that was asked about."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer of AWS, or of the network, that is not a success.

    ``code`` is AWS's error code, or one of ours: ``ConnectFailed``, ``AnswerLost``, ``NoCredentials``,
    ``RoleNotAssumed``, ``TemplateUnreadable``, ``ParamValidation``, ``NotSent``. ``message`` may echo values of the
    request: it goes to status only.
    """

    operation: Operation
    code: str
    message: str = ""
    http_status: int | None = None


TEMPLATE_UNREADABLE: Final = "TemplateUnreadable"
"""The code of a template that AWS shows without its content, such as one that it could not decrypt."""
ROLE_NOT_ASSUMED: Final = "RoleNotAssumed"
"""The code of a call that was not made, since STS gave no session with the role of the target."""

_ANY: Final[Mapping[str, Verdict]] = {
    # AWS's common errors and botocore's throttle codes, whatever the operation
    "ThrottlingException": Verdict.THROTTLED,
    "Throttling": Verdict.THROTTLED,
    "ThrottledException": Verdict.THROTTLED,
    "RequestThrottledException": Verdict.THROTTLED,
    "RequestThrottled": Verdict.THROTTLED,
    "EKSRequestThrottledException": Verdict.THROTTLED,
    "TooManyRequestsException": Verdict.THROTTLED,
    "ProvisionedThroughputExceededException": Verdict.THROTTLED,
    "TransactionInProgressException": Verdict.THROTTLED,
    "RequestLimitExceeded": Verdict.THROTTLED,
    "BandwidthLimitExceeded": Verdict.THROTTLED,
    "LimitExceededException": Verdict.THROTTLED,
    "SlowDown": Verdict.THROTTLED,
    "PriorRequestNotComplete": Verdict.THROTTLED,
    "EC2ThrottledException": Verdict.THROTTLED,
    "InternalServerException": Verdict.TRANSIENT,
    "InternalFailure": Verdict.TRANSIENT,
    "InternalError": Verdict.TRANSIENT,
    "ServiceUnavailable": Verdict.TRANSIENT,
    "ServiceUnavailableException": Verdict.TRANSIENT,
    "RequestTimeout": Verdict.AMBIGUOUS,
    "RequestTimeoutException": Verdict.AMBIGUOUS,
    "RequestAbortedException": Verdict.AMBIGUOUS,
    "AnswerLost": Verdict.AMBIGUOUS,
    "ConnectFailed": Verdict.UNREACHABLE,
    ROLE_NOT_ASSUMED: Verdict.UNREACHABLE,
    TEMPLATE_UNREADABLE: Verdict.REJECTED,
    "NotSent": Verdict.NOT_SENT,
    "ExpiredToken": Verdict.CREDENTIALS,
    "ExpiredTokenException": Verdict.CREDENTIALS,
    "RequestExpired": Verdict.CREDENTIALS,
    "UnrecognizedClientException": Verdict.CREDENTIALS,
    "InvalidClientTokenId": Verdict.CREDENTIALS,
    "InvalidSignatureException": Verdict.CREDENTIALS,
    "SignatureDoesNotMatch": Verdict.CREDENTIALS,
    "IncompleteSignature": Verdict.CREDENTIALS,
    "IncompleteSignatureException": Verdict.CREDENTIALS,
    "MissingAuthenticationToken": Verdict.CREDENTIALS,
    "MissingAuthenticationTokenException": Verdict.CREDENTIALS,
    "NoCredentials": Verdict.CREDENTIALS,
    "AccessDeniedException": Verdict.DENIED,
    "AccessDenied": Verdict.DENIED,
    "NotAuthorized": Verdict.DENIED,
    "UnauthorizedOperation": Verdict.DENIED,
    "OptInRequired": Verdict.DENIED,
    "RequestEntityTooLargeException": Verdict.REJECTED,
    "MalformedHttpRequestException": Verdict.REJECTED,
    "UnknownOperationException": Verdict.REJECTED,
    "ParamValidation": Verdict.REJECTED,
}

_BY_OPERATION: Final[Mapping[tuple[Operation, str], Verdict]] = {
    (Operation.START, "ValidationException"): Verdict.UNJUDGED,
    (Operation.START, "ResourceNotFoundException"): Verdict.NOT_FOUND,
    (Operation.CANCEL, "ValidationException"): Verdict.ALREADY_OVER,
    (Operation.CANCEL, "ResourceNotFoundException"): Verdict.GONE,
    (Operation.DESCRIBE, "ValidationException"): Verdict.TRANSIENT,
    (Operation.DESCRIBE, "ResourceNotFoundException"): Verdict.GONE,
    (Operation.LIST, "ValidationException"): Verdict.TRANSIENT,
    (Operation.INSPECT, "ValidationException"): Verdict.TRANSIENT,
    (Operation.INSPECT, "ResourceNotFoundException"): Verdict.NOT_FOUND,
    (Operation.READ_TEMPLATE, "ValidationException"): Verdict.REJECTED,
    (Operation.READ_TEMPLATE, "ResourceNotFoundException"): Verdict.NOT_FOUND,
}

_SAME: Final[Mapping[str, str]] = {"ValidationError": "ValidationException"}
"""AWS's common errors call it by another name than the model."""

_BY_HTTP_STATUS: Final[Mapping[int, Verdict]] = {
    401: Verdict.CREDENTIALS,
    403: Verdict.DENIED,
    408: Verdict.AMBIGUOUS,
    413: Verdict.REJECTED,
    429: Verdict.THROTTLED,
}

_PERMANENT_WORDINGS: Final = re.compile(r"failed to satisfy constraint|validation errors? detected", re.IGNORECASE)
"""Wordings of a ValidationException on Start that no waiting will mend."""

_GONE_WORDINGS: Final = re.compile(r"doesn'?t exist|does not exist|not found", re.IGNORECASE)


def known(failure: Failure) -> bool:
    """Whether the code has a row of its own; an unknown one is counted in a metric."""
    code = _SAME.get(failure.code, failure.code)
    return (failure.operation, code) in _BY_OPERATION or code in _ANY


def judge(failure: Failure) -> Verdict:
    """The verdict on a failure. An unknown code is Transient: nothing is given up on a guess."""
    code = _SAME.get(failure.code, failure.code)
    verdict = _BY_OPERATION.get((failure.operation, code)) or _ANY.get(code)
    if verdict is None:
        verdict = _BY_HTTP_STATUS.get(failure.http_status or 0, Verdict.TRANSIENT)
    if verdict is Verdict.UNJUDGED and _PERMANENT_WORDINGS.search(failure.message):
        return Verdict.REJECTED
    if failure.operation in (Operation.CANCEL, Operation.DESCRIBE) and code == "ValidationException":
        return Verdict.GONE if _GONE_WORDINGS.search(failure.message) else verdict
    return verdict

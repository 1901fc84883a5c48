"""What befalls one request on its way: a list of hooks and what becomes of the request. Pure, but for the hooks."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from tests.chaos.effects import Ask

Hook = Callable[[], Awaitable[None]]


async def nothing() -> None:
    """The hook of a request that nothing befalls."""


class Point(Enum):
    """Where a process can die around one request."""

    BEFORE = "before forwarding"
    FORWARDED = "forwarded, not answered"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that the proxy makes up."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """`before` runs before forwarding; `after` when the upstream has answered; `answered` when the client has
    its answer. Without `forward` the upstream never sees it; with `cut` the client gets no answer. With `late`
    the client's connection ends before that hook, while the request goes on after it."""

    before: Hook = nothing
    late: Hook | None = None
    forward: bool = True
    reply: Reply | None = None
    after: Hook = nothing
    cut: bool = False
    answered: Hook = nothing


PASS = Fault()


class Plan(Protocol):
    """Decides about each request as it comes. Called in the proxy's own thread, one at a time."""

    def fault(self, ask: Ask) -> Fault: ...


class NoPlan:
    """Lets everything pass."""

    def fault(self, ask: Ask) -> Fault:  # noqa: ARG002 - as every plan
        return PASS


def death(kill: Callable[[], None], point: Point) -> Fault:
    """`kill` faults the process at that point of the request."""

    async def hook() -> None:
        kill()

    match point:
        case Point.BEFORE:
            return Fault(before=hook, forward=False, cut=True)
        case Point.FORWARDED:
            return Fault(after=hook, cut=True)
        case Point.ANSWERED:
            return Fault(answered=hook)


CUT_BEFORE = Fault(forward=False, cut=True)
CUT_AFTER = Fault(cut=True)


def refused(reply: Reply) -> Fault:
    """Answered by the proxy; the upstream never sees it."""
    return Fault(forward=False, reply=reply)


_REASONS = {
    401: "Unauthorized",
    403: "Forbidden",
    409: "Conflict",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
}


def kube_reply(status: int) -> Reply:
    """As the API server words it. Its own 404 of an object is left to the API server; ours is of a path."""
    if status == 404:
        return Reply(404, b"404 page not found\n", {"Content-Type": "text/plain; charset=utf-8"})
    shape = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": status}
    shape |= {"reason": _REASONS.get(status, ""), "message": "made up by the proxy"}
    headers = {"Content-Type": "application/json", **({"Retry-After": "1"} if status == 429 else {})}
    return Reply(status, json.dumps(shape).encode(), headers)


_CODES = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    409: "ConflictException",
    422: "UnprocessableEntityException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}


def emr_reply(status: int) -> Reply:
    """As the service words it."""
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": _CODES.get(status, "UnknownException")}
    return Reply(status, json.dumps({"message": "made up by the proxy"}).encode(), headers)


def reply(ask: Ask, status: int) -> Reply:
    """In the words of whom the request was for."""
    return kube_reply(status) if ask.front == "kube" else emr_reply(status)

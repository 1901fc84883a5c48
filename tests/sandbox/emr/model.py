"""The service's own model as botocore ships it: operations, routes and shapes. Pure."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.model import ServiceModel

SERVICE = "emr-containers"
LABEL = re.compile(r"\{(\w+)\+?\}")


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    route: re.Pattern[str]
    input: Any
    output: Any


@dataclass(frozen=True, slots=True)
class Match:
    operation: Operation
    labels: dict[str, str]


def _route(uri: str) -> re.Pattern[str]:
    parts = LABEL.split(uri)
    pieces = [re.escape(text) if i % 2 == 0 else f"(?P<{text}>[^/]+)" for i, text in enumerate(parts)]
    return re.compile("".join(pieces))


@cache
def service_model() -> Any:
    return ServiceModel(Loader().load_service_model(SERVICE, "service-2"), SERVICE)


@cache
def operations() -> tuple[Operation, ...]:
    service = service_model()
    found = []
    for name in service.operation_names:
        op = service.operation_model(name)
        route = _route(op.http["requestUri"])
        found.append(Operation(name, op.http["method"], route, op.input_shape, op.output_shape))
    return tuple(found)


def match(method: str, raw_path: str) -> Match | None:
    """`raw_path` as it came over the wire: an ARN in it has its slashes percent-encoded."""
    for operation in operations():
        if operation.method != method:
            continue
        hit = operation.route.fullmatch(raw_path)
        if hit:
            return Match(operation, {k: unquote(v) for k, v in hit.groupdict().items()})
    return None

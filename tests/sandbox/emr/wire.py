"""Between HTTP and the operations' inputs: decoding by the model's shapes, instants as text. Pure."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.sandbox.emr.errors import ServiceError, unreadable
from tests.sandbox.emr.model import Match

Params = dict[str, Any]
Query = list[tuple[str, str]]


def instant(epoch: float, digits: int) -> str:
    """ISO 8601 in UTC, cut (not rounded) to `digits` decimals, so that it never lies in the future."""
    whole = math.floor(epoch)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{math.floor((epoch - whole) * 10**digits):0{digits}d}" if digits else ""
    return f"{text}{fraction}Z"


def epoch(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise unreadable(f"{text} is not a timestamp") from error
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        raise unreadable("Start of structure or map found where not expected.")
    kind = "TRUE_VALUE" if isinstance(value, bool) else "NUMBER_VALUE"
    raise unreadable(f"{kind} can not be converted to a String")


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    kind = "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"
    raise unreadable(f"{kind} can not be converted to an Integer")


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise unreadable("NUMBER_VALUE can not be converted to a Boolean")


SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "boolean": _boolean,
    "timestamp": lambda value: epoch(str(value)),
}


def _structure(shape: Any, value: Any) -> Params:
    if not isinstance(value, dict):
        raise unreadable("Unrecognized token: expected a structure")
    # Unknown members are dropped and null ones are absent, as in every AWS JSON service.
    return {name: decode(member, value[name]) for name, member in shape.members.items() if value.get(name) is not None}


def decode(shape: Any, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, value)
    if kind == "map":
        if not isinstance(value, dict):
            raise unreadable("Unrecognized token: expected a map")
        return {k: decode(shape.value, v) for k, v in value.items() if v is not None}
    if kind == "list":
        if not isinstance(value, list):
            raise unreadable("Unrecognized token: expected a list")
        return [decode(shape.member, v) for v in value if v is not None]
    return SCALARS[kind](value)


def _from_query(shape: Any, values: list[str]) -> Any:
    if shape.type_name == "list":
        return values
    text = values[-1]
    if shape.type_name in {"integer", "long"}:
        try:
            return int(text)
        except ValueError as error:
            raise unreadable("STRING_VALUE can not be converted to an Integer") from error
    if shape.type_name == "boolean":
        return text == "true"
    return epoch(text) if shape.type_name == "timestamp" else text


def parsed(body: bytes) -> Params:
    if not body:
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        raise unreadable("Unexpected character or end of input") from error
    if not isinstance(value, dict):
        raise unreadable("Start of structure or map found where not expected.")
    return value


def params_of(found: Match, query: Query, body: bytes) -> Params:
    """Every member of the input, wherever the model says that it travels."""
    shape = found.operation.input
    sent = parsed(body)
    result: Params = {}
    for name, member in shape.members.items():
        where = member.serialization.get("location")
        wire_name = member.serialization.get("name", name)
        if where == "uri":
            result[name] = found.labels[wire_name]
        elif where == "querystring":
            values = [v for k, v in query if k == wire_name]
            if values:
                result[name] = _from_query(member, values)
        elif sent.get(name) is not None:
            result[name] = decode(member, sent[name])
    return result


def glimpse(found: Match, body: bytes) -> Params:
    """What can be told about a request before it is judged: for faults and the log of calls."""
    try:
        sent = parsed(body)
    except ServiceError:
        sent = {}
    by_member = {
        name: found.labels[member.serialization.get("name", name)]
        for name, member in found.operation.input.members.items()
        if member.serialization.get("location") == "uri"
    }
    return {**sent, **by_member}

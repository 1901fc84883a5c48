"""The simulator's service called in this process: no socket, a clock that tests move."""

import json
from typing import Any
from urllib.parse import quote

from tests.sandbox.emr import model, signature
from tests.sandbox.emr.service import Answer, Request, Service
from tests.sandbox.emr.settings import Settings

REGION = "eu-west-1"
SCOPE = f"AKIA/20260101/{REGION}/emr-containers/aws4_request"
START = 1_800_000_000.0


class Local:
    """One service at START, and calls as boto3 would send them."""

    def __init__(self, **settings: Any) -> None:
        self.service = Service(Settings.model_validate(settings), wall=lambda: START)
        self.service.clock.hold(START)

    def advance(self, seconds: float) -> None:
        self.service.clock.advance(seconds)
        self.service.settle()

    def answer(self, name: str, /, **params: Any) -> Answer:
        return self.service.perform(self.service.admit(_request(name, params)))

    def call(self, name: str, /, **params: Any) -> dict[str, Any]:
        """The document of an answer that must be a success."""
        answer = self.answer(name, **params)
        assert answer.error is None, answer
        return answer.document


def _request(name: str, params: dict[str, Any]) -> Request:
    (operation,) = (found for found in model.operations() if found.name == name)
    path, query, body = _uri(name), [], {}
    for member, value in params.items():
        shape = operation.input.members[member]
        wire_name = shape.serialization.get("name", member)
        where = shape.serialization.get("location")
        if where == "uri":
            path = path.replace(f"{{{wire_name}}}", quote(value, safe=""))
        elif where == "querystring":
            values = value if isinstance(value, list) else [value]
            query += [(wire_name, str(item)) for item in values]
        else:
            body[member] = value
    stamp = signature._stamp(START)
    headers = {"authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}, Signature=0", "x-amz-date": stamp}
    return Request(operation.method, path, query, headers, json.dumps(body).encode())


def _uri(name: str) -> str:
    return str(model.service_model().operation_model(name).http["requestUri"])

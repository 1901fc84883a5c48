"""A real STS API (moto's server in a thread), behind the trust policies that moto does not judge.

It tells the EMR endpoint the account of every session that it gives.
"""

import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from moto.server import ThreadedMotoServer

from tests.sandbox.emr.admin import Admin

_KEY = re.compile(r"<AccessKeyId>(\w+)</AccessKeyId>")
_EXPIRY = re.compile(r"<Expiration>[^<]*</Expiration>")
_ERROR = (
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{}</Code>'
    "<Message>refused</Message></Error><RequestId>r</RequestId></ErrorResponse>"
)
HANGS = "hangs"
"""Instead of an error code: no answer comes before the client gives up."""
_STATUS = {"AccessDenied": 403, "Throttling": 400, "InternalFailure": 500}


@dataclass(slots=True)
class Sts:
    """What its roles trust, and what was asked."""

    sim: Admin
    behind: str
    endpoint: str = ""
    external_ids: dict[str, str] = field(default_factory=dict)
    """Role -> what its trust policy asks for. Others ask for nothing."""
    faults: dict[str, str] = field(default_factory=dict)
    """Account -> the error code that its roles answer."""
    expires: str | None = None
    """When sessions end, instead of when STS says it."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The arguments of each AssumeRole, and the Region where it was asked."""

    @property
    def environment(self) -> dict[str, str]:
        """What makes an operator use it."""
        return {"AWS_ENDPOINT_URL_STS": self.endpoint}

    def asked_for(self, account: str) -> list[dict[str, str]]:
        """The requests for roles of that account."""
        return [request for request in self.asked if f":{account}:" in request["RoleArn"]]

    def refusal(self, request: dict[str, str]) -> str | None:
        """The error code, if it is refused."""
        role = request["RoleArn"]
        wanted = self.external_ids.get(role)
        if wanted is not None and request.get("ExternalId") != wanted:
            return "AccessDenied"
        return self.faults.get(role.split(":")[4])

    def answer(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        request = dict(parse_qsl(body.decode()))
        request["Region"] = headers["Authorization"].split("/")[2]
        if request.get("Action") != "AssumeRole":
            return 400, _ERROR.format("InvalidAction").encode()
        self.asked.append(request)
        code = self.refusal(request)
        if code == HANGS:
            threading.Event().wait(15)
            code = "InternalFailure"
        if code is not None:
            return _STATUS[code], _ERROR.format(code).encode()
        with urllib.request.urlopen(urllib.request.Request(self.behind, body, headers)) as found:
            text = found.read().decode()
        key = _KEY.search(text)
        assert key is not None, text
        self.sim.settings(accounts={key[1]: request["RoleArn"].split(":")[4]})
        if self.expires is not None:
            text = _EXPIRY.sub(f"<Expiration>{self.expires}</Expiration>", text)
        return 200, text.encode()


def _handler(sts: Sts) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept = {name: self.headers[name] for name in ("Authorization", "Content-Type", "X-Amz-Date")}
            status, text = sts.answer(body, kept)
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            with suppress(BrokenPipeError):
                self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def sts_server(sim: Admin) -> Iterator[Sts]:
    """Up from `with` to its end."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    try:
        host, port = moto.get_host_and_port()
        sts = Sts(sim, f"http://{host}:{port}/")
        with ThreadingHTTPServer(("127.0.0.1", 0), _handler(sts)) as front:
            sts.endpoint = f"http://127.0.0.1:{front.server_address[1]}"
            thread = threading.Thread(target=front.serve_forever, daemon=True)
            thread.start()
            try:
                yield sts
            finally:
                front.shutdown()
                thread.join()
    finally:
        moto.stop()

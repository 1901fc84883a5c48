"""A small web server for pods, and how it is probed."""

from typing import Any

from tests.support.workloads import container

Json = dict[str, Any]

# Answers every GET with 200; ends at SIGTERM, as process 1 must decide to.
SERVER = """
import http.server, signal, sys
signal.signal(signal.SIGTERM, lambda *_: (print("asked to end", flush=True), sys.exit(0)))
class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Handler.asked += 1
        self.send_response(CODE)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("", 8080), Handler).serve_forever()
"""
FINE = SERVER.replace("CODE", "200")
READINESS: Json = {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 1, "failureThreshold": 1}
PORTS = [{"name": "http", "containerPort": 8080}]


def server(script: str = FINE, **members: object) -> Json:
    return container(script, ports=PORTS, **{"readinessProbe": READINESS, **members})

"""The typed client of the admin interface, for tests: synchronous, one kept-alive connection per thread."""

import http.client
import json
import threading
from typing import Any, TypedDict
from urllib.parse import urlencode, urlsplit

Json = dict[str, Any]
TIMEOUT = 30.0


class MomentFacts(TypedDict):
    at: float
    state: str
    details: str | None
    reason: str | None
    attempt: int


class RunFacts(TypedDict):
    """Times are seconds since the epoch. `sends`: how often StartJobRun was accepted under this token."""

    id: str
    arn: str
    virtual_cluster_id: str
    client_token: str
    name: str | None
    state: str
    details: str | None
    reason: str | None
    attempt: int
    created_at: float
    finished_at: float | None
    created_by: str
    history: list[MomentFacts]
    sends: int
    cancels: int
    forgotten: bool
    tags: dict[str, str]
    received: Json
    request: Json


class CallFacts(TypedDict):
    """`done`: carried out; `answered`: the answer was put on the wire; `created`: a new run was made."""

    n: int
    at: float
    operation: str
    region: str
    account: str
    access_key: str
    virtual_cluster_id: str | None
    job_run_id: str | None
    client_token: str | None
    sdk_attempt: str | None
    code: str
    status: int
    message: str
    done: bool
    answered: bool
    created: bool
    faults: list[int]
    finished: float | None


class TokenFacts(TypedDict):
    client_token: str
    runs: list[str]
    sends: int


class ClusterFacts(TypedDict):
    id: str
    arn: str
    account: str
    region: str
    state: str
    scheduler: dict[str, int] | None
    queued: int
    running: int


class Admin:
    """All of `/_admin/`. A refused call raises ValueError with the simulator's reason."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._local = threading.local()

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)
        connection: http.client.HTTPConnection = self._local.connection
        return connection

    def close(self) -> None:
        """Of the calling thread's connection."""
        self._connection().close()

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        payload = None if body is None else json.dumps(body)
        try:
            status, raw = self._once(method, path, payload)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()  # a kept-alive connection that the simulator has closed in the meantime
            status, raw = self._once(method, path, payload)
        answer: Json = json.loads(raw)
        if status != 200:
            raise ValueError(answer.get("error", raw.decode()))
        return answer

    def _once(self, method: str, path: str, payload: str | None) -> tuple[int, bytes]:
        connection = self._connection()
        connection.request(method, f"/_admin/{path}", payload)
        response = connection.getresponse()
        return response.status, response.read()

    def now(self) -> float:
        return float(self._call("GET", "health")["now"])

    def calls(self, operation: str | None = None, since: int = 0) -> list[CallFacts]:
        """Calls numbered above `since`, oldest first."""
        wanted = {"since": since, **({"operation": operation} if operation else {})}
        found: list[CallFacts] = self._call("GET", f"calls?{urlencode(wanted)}")["calls"]
        return found

    def counts(self) -> dict[str, dict[str, int]]:
        """By operation: `total`, `OK`, and every error code."""
        return self._call("GET", "counts")

    def count(self, operation: str, code: str = "total") -> int:
        return self.counts().get(operation, {}).get(code, 0)

    def runs(self, **equal: object) -> list[RunFacts]:
        """All runs, forgotten ones too; keywords pick by equality: `runs(name="x")`."""
        found: list[RunFacts] = self._call("GET", "runs")["runs"]
        return [run for run in found if all(run.get(key) == value for key, value in equal.items())]

    def run(self, run_id: str) -> RunFacts:
        return self._run("GET", f"runs/{run_id}")

    def _run(self, method: str, path: str, body: Json | None = None) -> RunFacts:
        found: RunFacts = self._call(method, path, body)  # type: ignore[assignment]  # as facts.of_run builds it
        return found

    def put_state(self, run_id: str, state: str, details: str | None = None, reason: str | None = None) -> RunFacts:
        """Any state at once, also one that no model knows."""
        return self._run("POST", f"runs/{run_id}/state", {"state": state, "details": details, "reason": reason})

    def forget(self, run_id: str) -> RunFacts:
        """AWS has no record of this run any more; its token still stands for it."""
        return self._run("POST", f"runs/{run_id}/forget")

    def cancel(self, run_id: str) -> RunFacts:
        """A cancellation by somebody else: not in the record of calls."""
        return self._run("POST", f"runs/{run_id}/cancel")

    def tokens(self) -> list[TokenFacts]:
        found: list[TokenFacts] = self._call("GET", "tokens")["tokens"]
        return found

    def duplicates(self) -> list[TokenFacts]:
        """Tokens with more than one run, over all virtual clusters: must be empty."""
        return [token for token in self.tokens() if len(token["runs"]) > 1]

    def script(self, text: str, **patterns: object) -> None:
        """`script("outcome=FAILED", name="^etl-", times=1)`; also entry_point, virtual_cluster_id, role."""
        self._call("POST", "rules", {"script": text, **patterns})

    def drop_rules(self) -> None:
        self._call("DELETE", "rules")

    def fault(self, kind: str, *operations: str, **rest: object) -> int:
        """`fault("lost", "StartJobRun", nth=[2])`: see faults.Fault for all members."""
        body = {"kind": kind, **({"operations": operations} if operations else {}), **rest}
        return int(self._call("POST", "faults", body)["id"])

    def faults(self) -> list[Json]:
        """With `seen` (calls that fit) and `struck`."""
        return list(self._call("GET", "faults")["faults"])

    def drop_fault(self, fault_id: int) -> None:
        self._call("DELETE", f"faults/{fault_id}")

    def drop_faults(self) -> None:
        self._call("DELETE", "faults")

    def settings(self, **change: object) -> Json:
        """The settings after a change: nested members merge, `settings(durations={"running": 5})`."""
        return self._call("PATCH", "settings", dict(change)) if change else self._call("GET", "settings")

    def hold_clock(self, at: float | None = None) -> float:
        return float(self._call("POST", "clock", {"mode": "manual", "at": at})["now"])

    def run_clock(self) -> float:
        return float(self._call("POST", "clock", {"mode": "real"})["now"])

    def advance(self, seconds: float) -> float:
        return float(self._call("POST", "clock", {"advance": seconds})["now"])

    def clusters(self) -> list[ClusterFacts]:
        """All that anybody has spoken of, in every region that anybody has called."""
        found: list[ClusterFacts] = self._call("GET", "clusters")["clusters"]
        return found

    def put_cluster(self, cluster_id: str, **change: object) -> None:
        """`state="TERMINATED"`, `schedulerConfiguration={"maxInQueueJobRuns": 1}` (None: no limits).

        It holds in every region, also in those called for the first time later, unless `region` names one.
        """
        self._call("POST", f"clusters/{cluster_id}", dict(change))

    def events(self) -> dict[str, int]:
        """Messages sent, lost on purpose, failed to send, and still held."""
        return self._call("GET", "events")

    def reset(self, **settings: object) -> None:
        """A new world with the settings of the start, changed by those given; the clock is real again."""
        self._call("POST", "reset", {"settings": settings})

"""The record of every call as the service saw it, for tests that count at the endpoint. Pure."""

from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 500_000


@dataclass(slots=True)
class Call:
    """`done`: the service carried it out. `answered`: its answer was put on the wire."""

    n: int
    at: float  # real time of its arrival
    operation: str
    region: str
    account: str
    access_key: str
    virtual_cluster_id: str | None
    job_run_id: str | None
    client_token: str | None
    sdk_attempt: str | None
    code: str = ""
    status: int = 0
    message: str = ""
    done: bool = False
    answered: bool = False
    created: bool = False  # StartJobRun made a new run rather than handing out the token's old one
    faults: tuple[int, ...] = ()
    finished: float | None = None


class Calls:
    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._count = 0
        self._codes: Counter[tuple[str, str]] = Counter()

    def open(self, **facts: Any) -> Call:
        self._count += 1
        call = Call(n=self._count, **facts)
        self._calls.append(call)
        return call

    def close(self, call: Call, at: float) -> None:
        call.finished = at
        self._codes[call.operation, call.code or "unanswered"] += 1

    def counts(self) -> dict[str, dict[str, int]]:
        """Finished calls by operation and code; `OK` for success, `total` for all."""
        result: dict[str, dict[str, int]] = {}
        for (operation, code), number in self._codes.items():
            row = result.setdefault(operation, {"total": 0})
            row[code] = number
            row["total"] += number
        return result

    def since(self, n: int, operation: str | None, limit: int) -> list[dict[str, Any]]:
        found = []
        for call in reversed(self._calls):
            if call.n <= n:
                break
            if operation is None or call.operation == operation:
                found.append(call)
        return [asdict(call) for call in list(reversed(found))[:limit]]

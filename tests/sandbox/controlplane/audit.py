"""Reads the API server's audit log: what reached it, counted there and not where it was sent."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One request as the API server saw it. Names are empty where the request had none."""

    id: str
    stage: str
    user: str
    user_agent: str
    verb: str
    group: str
    resource: str
    subresource: str
    namespace: str
    name: str
    code: int
    at: str
    """When the request arrived, RFC 3339 with microseconds."""
    forbidden: bool
    """No role allowed it. A code of 403 alone may have another reason, such as a namespace that is going."""
    body: dict[str, Any]
    """What was sent, of the operator's own writes; of others nothing is kept."""

    @property
    def is_write(self) -> bool:
        return self.verb in WRITES


class AuditLog:
    """The log file, which only grows: a place in it (`mark`) stays true."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def mark(self) -> int:
        """Return the place where the log ends now, for `events(since=…)`."""
        return self._path.stat().st_size if self._path.exists() else 0

    def events(self, since: int = 0) -> Iterator[AuditEvent]:
        """Yield each answered request after `since` once; watches when they are answered first."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(since)
            for line in file:
                # A last line without its end is still being written.
                if line.endswith(b"\n"):
                    event = _event(json.loads(line))
                    if (event.stage == "ResponseStarted") == (event.verb == "watch"):
                        yield event

    def writes(self, *, user: str | None = None, resource: str | None = None, since: int = 0) -> list[AuditEvent]:
        """Return all writes, refused ones too; of one user or resource if given."""
        return [
            event
            for event in self.events(since)
            if event.is_write
            and (user is None or event.user == user)
            and (resource is None or event.resource == resource)
        ]


def _event(raw: dict[str, Any]) -> AuditEvent:
    reference = raw.get("objectRef") or {}
    return AuditEvent(
        id=raw["auditID"],
        stage=raw["stage"],
        user=raw.get("user", {}).get("username", ""),
        user_agent=raw.get("userAgent", ""),
        verb=raw["verb"],
        group=reference.get("apiGroup", ""),
        resource=reference.get("resource", ""),
        subresource=reference.get("subresource", ""),
        namespace=reference.get("namespace", ""),
        name=reference.get("name", ""),
        code=int((raw.get("responseStatus") or {}).get("code", 0)),
        at=raw.get("requestReceivedTimestamp", ""),
        forbidden=(raw.get("annotations") or {}).get("authorization.k8s.io/decision") == "forbid",
        body=raw.get("requestObject") or {},
    )

"""What the operator writes, by verb, resource and field, as the bodies in the API server's audit log show it."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from tests.sandbox.controlplane.audit import AuditEvent
from tests.sandbox.rights import USER

HEADS: Final = ("verb", "resource", "field")
_IDENTITY: Final = frozenset({"apiVersion", "kind"})


def written_fields(events: Iterable[AuditEvent]) -> list[tuple[str, str, str]]:
    """One row for each field that a write of the operator's named. Members of `metadata` count one by one."""
    return sorted(
        {
            (event.verb, "/".join(filter(None, (event.resource, event.subresource))), field)
            for event in events
            if event.user == USER and event.is_write
            for field in _fields(event.body)
        }
    )


def _fields(body: dict[str, Any]) -> Iterator[str]:
    for name, value in body.items():
        if name == "metadata":
            yield from (f"metadata.{member}" for member in value)
        elif name not in _IDENTITY:
            yield name

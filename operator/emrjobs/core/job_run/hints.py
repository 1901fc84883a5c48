"""Messages of EventBridge as hints: which run to describe now, and nothing more. Pure.

A message may be lost, doubled, late, foreign or broken; none of that may change what is true.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from emrjobs.core.job_run.runs import RUN_ID

_SOURCE: Final = "aws.emr-containers"
_DETAIL_TYPES: Final = frozenset(
    {
        # The developer guide and the EventBridge reference name the first two differently for one thing.
        "EMR Job Run State Change",
        "EmrContainers Job Run State Change",
        "EMR Job Run New Driver Attempt",
    }
)


_MOST_BRACKETS: Final = 1000
"""Many times those of an event. Parsing one bracket in another takes stack, and a megabyte of them all there is."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A run that something happened to."""

    run_id: str


def read_hint(body: str) -> Hint | None:
    """The hint in a message, or None if it holds none."""
    message = _mapping(_parsed(body))
    kind = message.get("detail-type")
    if message.get("source") != _SOURCE or not isinstance(kind, str) or kind not in _DETAIL_TYPES:
        return None
    detail = _mapping(message.get("detail"))
    found = detail.get("id") or _last_part(detail.get("arn")) or _last_part(_first(message.get("resources")))
    return Hint(found) if isinstance(found, str) and RUN_ID.fullmatch(found) else None


def _parsed(body: str) -> Any:
    if body.count("[") + body.count("{") > _MOST_BRACKETS:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def _last_part(arn: object) -> str | None:
    """The id at the end of a job run's ARN (``…/jobruns/ID``)."""
    head, separator, last = arn.rpartition("/jobruns/") if isinstance(arn, str) else ("", "", "")
    return last if separator and head else None

"""EmrJobRuns between the API server's JSON and values. Never raises on what an object holds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from emrjobs.api.status import EmrJobRunStatus
from emrjobs.core.keeping import keeper
from emrjobs.core.reading import read_spec
from emrjobs.core.resource import Resource
from emrjobs.core.wishes import Wishes

_MOMENT: Final = TypeAdapter(datetime)


def resource_of(raw: Mapping[str, Any], known: Resource | None = None) -> Resource:
    """The object as a value. A spec that cannot be read is a ``SpecProblem``, not an error.

    A spec of the same generation as the ``known`` one is the same, and is not read again.
    """
    metadata = raw["metadata"]
    spec = raw.get("spec")
    generation = metadata.get("generation", 1)
    same = known is not None and known.uid == metadata["uid"] and known.generation == generation
    return Resource(
        uid=metadata["uid"],
        namespace=metadata["namespace"],
        name=metadata["name"],
        resource_version=metadata["resourceVersion"],
        generation=generation,
        spec=known.spec if known is not None and same else read_spec(spec if spec is not None else {}),
        wishes=known.wishes if known is not None and same else Wishes.read(spec),
        status=status_of(raw.get("status")),
        created_at=_moment(metadata.get("creationTimestamp")),
        deleting_since=_moment(metadata.get("deletionTimestamp")),
        finalizers=tuple(metadata.get("finalizers", ())),
        keeper=keeper(metadata),
    )


def status_of(raw: object) -> EmrJobRunStatus:
    """The status. Members that cannot be read (an older schema let them in) are left out one by one."""
    members = dict(raw) if isinstance(raw, Mapping) else {}
    while True:
        try:
            return EmrJobRunStatus.model_validate(members)
        except ValidationError as error:
            broken = {found["loc"][0] for found in error.errors(include_input=False, include_url=False)}
            members = {name: value for name, value in members.items() if name not in broken}


def status_patch(old: EmrJobRunStatus, new: EmrJobRunStatus) -> dict[str, Any]:
    """The JSON merge patch (RFC 7396) from one status to another."""
    return _difference(_dump(old), _dump(new))


def _dump(status: EmrJobRunStatus) -> dict[str, Any]:
    return status.model_dump(mode="json", by_alias=True, exclude_none=True)


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {name: None for name in old if name not in new}
    for name, value in new.items():
        before = old.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            inner = _difference(before, value)
            if inner:
                patch[name] = inner
        elif value != before:
            patch[name] = value
    return patch


def _moment(text: object) -> datetime | None:
    return _MOMENT.validate_python(text) if text is not None else None

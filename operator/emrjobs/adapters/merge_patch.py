"""What differs between two versions of a status, as a JSON merge patch (RFC 7396). Pure."""

from collections.abc import Mapping
from typing import Any

from emrjobs.api.model import StatusModel


def status_patch(old: StatusModel, new: StatusModel) -> dict[str, Any]:
    """The JSON merge patch (RFC 7396) from one status to another."""
    return _difference(_dump(old), _dump(new))


def _dump(status: StatusModel) -> dict[str, Any]:
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

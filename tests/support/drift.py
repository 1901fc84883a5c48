"""What tools that compare what is wanted with what is there would change. Pure: JSON merge patches (RFC 7386).

Lists are compared as a whole, as Argo CD and kubectl do for custom resources.
"""

from typing import Any

Json = dict[str, Any]

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def merge_patch(before: Json, after: Json) -> Json:
    """The patch that makes `after` of `before`."""
    changed = {key: _change(before.get(key), value) for key, value in after.items() if before.get(key) != value}
    removed: Json = {key: None for key in before if key not in after}
    return changed | removed


def drift(last_applied: Json, wanted: Json, live: Json) -> Json:
    """The patch of a three-way comparison; empty where nothing differs.

    A member that the tool never set is not its own, whatever its value is; one that it set and no longer
    wants is removed.
    """
    found: Json = {key: None for key in last_applied if key not in wanted and key in live}
    for key, value in wanted.items():
        there = live.get(key)
        if isinstance(value, dict) and isinstance(there, dict):
            before = last_applied.get(key)
            if inner := drift(before if isinstance(before, dict) else {}, value, there):
                found[key] = inner
        elif value != there or key not in live:
            found[key] = value
    return found


def _change(before: Any, after: Any) -> Any:
    return merge_patch(before, after) if isinstance(before, dict) and isinstance(after, dict) else after

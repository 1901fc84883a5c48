"""A small judge of IAM policies: what the documents of this project use of the language, and no more. Pure."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

Json = dict[str, Any]
_OPERATORS: Final = ("ArnLike", "StringEquals")


def allows(policy: Json, action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
    """Whether some statement allows it. Raises `ValueError` at a condition that it does not know."""
    return any(
        action in statement["Action"]
        and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
        and _holds(statement.get("Condition", {}), context or {})
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow"
    )


def actions(policy: Json) -> set[str]:
    """All actions that the policy names."""
    return {action for statement in policy["Statement"] for action in statement["Action"]}


def _holds(condition: Json, context: Mapping[str, str]) -> bool:
    """A key that the request does not have is no match."""
    for operator, keys in condition.items():
        if operator not in _OPERATORS:
            raise ValueError(f"unknown operator {operator}")
        for key, meant in keys.items():
            patterns = meant if isinstance(meant, list) else [meant]
            if not any(fnmatchcase(context.get(key, ""), pattern) for pattern in patterns):
                return False
    return True

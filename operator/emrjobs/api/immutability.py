"""The CEL rule that locks the request once the intent to submit it is recorded. Pure."""

from collections.abc import Iterable
from typing import Final

_UNLOCKED: Final = "!(has(oldSelf.status) && has(oldSelf.status.clientToken))"
_LOCKED: Final = "is immutable once the run has been submitted; "
_REMEDY: Final = "delete the object and create it anew"
# An open object is compared by the keys of the left side: the old one, whose keys are all known.
_SAME_SPEC: Final = "oldSelf.spec == self.spec"


def immutable(members: Iterable[str]) -> list[dict[str, str]]:
    """For the root of the schema: adding and removing a member are changes too.

    One rule for all, and the whole spec first: the API server asks it at every write of a status, where a rule a
    member made up a third of all the work.
    """
    names = tuple(members)
    same = " && ".join(map(_same, names))
    changed = " + ".join(f"({_same(name)} ? '' : 'spec.{name} {_LOCKED}')" for name in names)
    return [
        {
            "rule": f"{_SAME_SPEC} || {_UNLOCKED} || ({same})",
            "message": f"what AWS was asked for {_LOCKED}{_REMEDY}",
            "messageExpression": f"{changed} + '{_REMEDY}'",
        }
    ]


def _same(member: str) -> str:
    new, old = f"self.spec.{member}", f"oldSelf.spec.{member}"
    return f"(has({new}) == has({old}) && (!has({new}) || {old} == {new}))"

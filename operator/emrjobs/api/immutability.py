"""CEL rules that lock the request once the intent to submit it is recorded. Pure."""

from collections.abc import Iterable
from typing import Final

from emrjobs.api.request_model import rules

_LOCKED: Final = "has(oldSelf.status) && has(oldSelf.status.clientToken)"


def immutable(members: Iterable[str]) -> list[dict[str, str]]:
    """One rule a member, for the root of the schema: adding and removing a member are changes too."""
    pairs = ((_rule(member), _message(member)) for member in members)
    return list(rules(*pairs)["x-kubernetes-validations"])


def _rule(member: str) -> str:
    # An open object is compared by the keys of the left side: the old one, whose keys are all known.
    new, old = f"self.spec.{member}", f"oldSelf.spec.{member}"
    return f"!({_LOCKED}) || (has({new}) == has({old}) && (!has({new}) || {old} == {new}))"


def _message(member: str) -> str:
    return f"spec.{member} is immutable once the run has been submitted; delete the object and create it anew"

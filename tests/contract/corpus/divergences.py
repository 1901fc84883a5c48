"""Where the judges may differ, each with its reason. A row that no case needs any more fails the test. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.contract.corpus.cases import Case

Taken = tuple[bool, bool, bool]
"""Whether models, API server and AWS take the spec."""


@dataclass(frozen=True, slots=True)
class Divergence:
    name: str
    reason: str
    taken: frozenset[Taken]
    covers: Callable[[Case], bool]


def _depth(case: Case) -> int:
    """How many times the place goes down into ``configurations``."""
    return case.place.count("configurations")


def _is_null(case: Case) -> bool:
    return case.kind == "type" and case.what in {"None", "a value null"}


def _is_open(case: Case) -> bool:
    return _depth(case) > 3 or (_depth(case) == 3 and case.kind in {"unknown", "misspelt"})


def _is_deep_key(case: Case) -> bool:
    return _depth(case) in {2, 3} and case.kind in {"key", "key length"}


def _lacks_what_a_policy_may_supply(case: Case) -> bool:
    return case.kind == "together" or (case.kind, case.what) == ("type", "{}") or case.place[-1:] in _SUPPLIED


_SUPPLIED: Final = {("virtualClusterId",), ("executionRoleArn",), ("releaseLabel",), ("jobDriver",)}

DIVERGENCES: Final = (
    Divergence(
        "members that a policy may supply",
        "A spec as it is written may lack them. The operator refuses a request that still does with its policy.",
        frozenset({(True, True, False)}),
        _lacks_what_a_policy_may_supply,
    ),
    Divergence(
        "nulls",
        "The API server drops the nulls of a manifest before it stores it, so to us they are absent "
        "members; clients of AWS refuse them, and are never sent one.",
        frozenset({(True, True, False)}),
        _is_null,
    ),
    Divergence(
        "open configurations",
        "The schema cannot hold itself. It names three levels, then the known members of a fourth, and "
        "leaves open what is deeper; the operator refuses there what AWS would.",
        frozenset({(False, True, False), (False, True, True)}),
        _is_open,
    ),
    Divergence(
        "keys of deep properties",
        "A map's keys can be judged by CEL only, and the cost limit of the API server ends that at the third level.",
        frozenset({(False, True, False), (False, True, True)}),
        _is_deep_key,
    ),
    Divergence(
        "NUL",
        "The model asks for one character that is not white space, which NUL is. No process argument can carry it.",
        frozenset({(False, False, True)}),
        lambda case: case.kind in {"pattern", "key"} and "\\x00" in case.what,
    ),
    Divergence(
        "characters beyond the 16-bit plane",
        "The model's pattern for logUri names surrogates, which a text has only in UTF-16: what AWS takes"
        " is not to be read from it, so all characters of XML are let through.",
        frozenset({(True, True, False)}),
        lambda case: case.place[-1:] == ("logUri",) and "\U0001f600" in case.what,
    ),
    Divergence(
        "whole numbers with a point",
        "JSON knows one kind of number, and the API server stores 3.0 as 3; AWS is sent 3.",
        frozenset({(True, True, False)}),
        lambda case: case.kind == "number" and case.what == "3.0",
    ),
    Divergence(
        "clientToken",
        "The token is what makes a run start once. It is the operator's, and no member of the spec.",
        frozenset({(False, False, True)}),
        lambda case: not case.place and case.what == "'clientToken'",
    ),
    Divergence(
        "own members",
        "AWS is never sent them.",
        frozenset({(False, False, True)}),
        lambda case: case.kind == "own",
    ),
)

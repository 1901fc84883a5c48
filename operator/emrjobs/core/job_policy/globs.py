"""The one glob language of policies. Pure.

``*`` is any run of characters without ``/``, ``**`` any run; everything else is itself, and the whole text must match.
Control characters match nothing. A pattern costs at most the square of the text's length, whoever wrote either.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

LONGEST: Final = 2048
"""Characters of a text that is matched at all; nothing that AWS or Spark takes as a name is longer."""

_STAR: Final = r"[^/\x00-\x1f\x7f]*"
_STARS: Final = r"[^\x00-\x1f\x7f]*"
_OF_NAMES: Final = "[-a-z0-9]*"


class Globs:
    """Patterns of which one must match."""

    __slots__ = ("_regex", "patterns")

    def __init__(self, patterns: Iterable[str], star: str = _STAR) -> None:
        self.patterns = tuple(patterns)
        tree: _Tree = {}
        for pattern in self.patterns:
            _plant(tree, pattern, star)
        self._regex = re.compile(_expression(tree) if tree else r"(?!)")

    def match(self, text: str) -> bool:
        """Whether the whole text is what one of the patterns says."""
        return len(text) <= LONGEST and self._regex.fullmatch(text) is not None


class NameGlobs(Globs):
    """Patterns of namespaces: a star is any run of the characters of a name."""

    __slots__ = ()

    def __init__(self, patterns: Iterable[str]) -> None:
        super().__init__((pattern.replace("**", "*") for pattern in patterns), _OF_NAMES)


_Tree = dict[str, Any]
"""Character -> what follows it; and under the empty text the expressions of which one must follow here."""


def _plant(tree: _Tree, pattern: str, star: str) -> None:
    """Patterns that begin alike share their beginning: of hundreds only a few are tried on a text."""
    head = pattern.partition("*")[0]
    for character in head:
        tree = tree.setdefault(character, {})
    tree.setdefault("", []).append(_translated(pattern[len(head) :], star))


def _expression(tree: _Tree) -> str:
    branches = [re.escape(key) + _expression(value) for key, value in tree.items() if key]
    branches += tree.get("", ())
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _translated(pattern: str, star: str) -> str:
    """Atomic groups, so that no text makes the matcher try again and again.

    Between two ``**`` the earliest match is as good as any other: what follows may begin anywhere after it.
    """
    first, *rest = pattern.split("**")
    if not rest:
        return _run(first, star, final=True)
    middle = "".join(f"(?>{_STARS}?{_run(part, star)})" for part in rest[:-1])
    return f"{_run(first, star)}{middle}{_STARS}?{_run(rest[-1], star, final=True)}"


def _run(part: str, star: str, *, final: bool = False) -> str:
    """A part with single stars only. The last star of a pattern may be as long as it must be."""
    head, *literals = map(re.escape, part.split("*"))
    if not literals:
        return head
    closed = "".join(f"(?>{star}?{literal})" for literal in literals[:-1])
    last = f"{star}{literals[-1]}" if final else f"(?>{star}?{literals[-1]})"
    return head + closed + last

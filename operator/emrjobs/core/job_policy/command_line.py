"""Splits ``sparkSubmitParameters`` and ``sparkSqlParameters`` where there is one way to read them. Pure.

Which lexer AWS applies to the text is not documented. Spark's own (``CommandBuilderUtils.parseOptionString``) and the
POSIX shell's differ in backslashes, dollars and white space: what they read differently is refused, and so is
everything with which a shell would do more than split.
"""

import re
from typing import Final

_BLANKS: Final = re.compile(r"[ \t]*")
_PIECE: Final = re.compile(
    r"""(?P<plain>[A-Za-z0-9_./:=,@%+#^\xa1-\u1fff\u2c00-\u2fff\u3001-\ud7ff\ue000-\ufefe\uff00-\ufffd-]+)
      | '(?P<single>[^'`\x00-\x08\x0a-\x1f\x7f-\xa0\u2028\u2029]*)'
      | "(?P<double>(?:[^"\\`$\x00-\x08\x0a-\x1f\x7f-\xa0\u2028\u2029]|\\["\\])*)"
      | \\(?P<escaped>[\x20-/:-@\[-_{-~])
    """,
    re.VERBOSE,
)
"""A part of a word. Plain are the characters that nobody takes for anything else."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:=,@%+^ \t-]*")
"""A text without anything to think about, as most are."""
_ESCAPE: Final = re.compile(r'\\(["\\])')


class UnclearError(ValueError):
    """The text has no reading, or more than one. The message says why, and holds no value."""


def split(text: str) -> list[str]:
    """The words of a command line, without their quotes. Raises UnclearError."""
    if "$(" in text:
        raise UnclearError("$( must not occur, in quotes either")
    if _PLAIN.fullmatch(text):
        return text.split()
    words: list[str] = []
    at = _end(_BLANKS, text, 0)
    while at < len(text):
        word, at = _word(text, at)
        words.append(word)
        at = _end(_BLANKS, text, at)
    return words


def _word(text: str, at: int) -> tuple[str, int]:
    if text[at] == "#":
        raise UnclearError("a word must not begin with #, which begins a comment; put it in single quotes")
    parts: list[str] = []
    while at < len(text) and text[at] not in " \t":
        found = _PIECE.match(text, at)
        if found is None:
            raise UnclearError(_why(text[at]))
        part = found[found.lastgroup or 0]
        parts.append(_ESCAPE.sub(r"\1", part) if found.lastgroup == "double" else part)
        at = found.end()
    return "".join(parts), at


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _why(character: str) -> str:
    if character in "'\"":
        return "a quote is not closed, or holds a backslash, $, backquote or control character that is read in two ways"
    if character in "\r\n":
        return "line breaks must not occur; in YAML write the text after >-"
    if character == "\\":
        return "a backslash stands before a letter, a digit or the end, which is read in two ways"
    if character == "`":
        return "backquotes must not occur"
    if " " < character < "\x7f":
        return f"{character} must be in single quotes"
    return "white space other than blanks, and control characters, must not occur"

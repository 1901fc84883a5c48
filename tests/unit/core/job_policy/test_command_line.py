"""Command lines that have one reading: Spark's lexer and the shell's agree on them."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.core.job_policy.command_line import UnclearError, split

CHARACTERS = "ab-=.,/:@ \t'\"\\$`#;&|<>(){}!~*?[]\n\r\x00\u00a0\u2003\u2028é"


def spark_words(text: str) -> list[str]:
    """What Spark's lexer gives: single quotes keep all, a backslash elsewhere keeps the next, white space separates.

    Raises ValueError where something is left open.
    """
    words: list[str] = []
    word: list[str] | None = None
    quote, escaped = "", False
    for character in text:
        if escaped:
            word, escaped = [*(word or []), character], False
        elif character == "\\" and quote != "'":
            word, escaped = word or [], True
        elif character in "'\"" and quote in ("", character):
            word, quote = word or [], "" if quote else character
        elif character.isspace() and character not in "\u00a0\u2007\u202f" and not quote:
            words += [] if word is None else ["".join(word)]
            word = None
        else:
            word = [*(word or []), character]
    if quote or escaped:
        raise ValueError(text)
    return words + ([] if word is None else ["".join(word)])


@given(st.text(CHARACTERS, max_size=16))
def test_what_is_read_is_read_alike_by_spark_and_by_the_shell(text: str) -> None:
    try:
        words = split(text)
    except UnclearError:
        return
    assert words == spark_words(text) == shlex.split(text)


@given(st.lists(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8), max_size=5))
def test_words_that_a_shell_quotes_come_back(words: list[str]) -> None:
    """Unless they hold what may not be in quotes either."""
    text = shlex.join(words)
    if "`" in text or "$(" in text or any("'" in word for word in words):
        return
    assert split(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  --class A  --conf a=b ", ["--class", "A", "--conf", "a=b"]),
        ("--conf 'a=b c' --conf \"d=e 'f' \\\" g\"", ["--conf", "a=b c", "--conf", "d=e 'f' \" g"]),
        ("a''b ''", ["ab", ""]),
        (r"a\ b \'c", ["a b", "'c"]),
        ("--conf a='-Dx=$y *'", ["--conf", "a=-Dx=$y *"]),
        ("grüße", ["grüße"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert split(text) == words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a 'b", "not closed"),
        ('a "b', "not closed"),
        ('"a\\b"', "two ways"),
        ('"$HOME"', "two ways"),
        ("a\\", "backslash"),
        ("\\n", "backslash"),
        ("a\nb", "write the text after >-"),
        ("a b\n", "write the text after >-"),
        ("a `b`", "backquotes"),
        ("'a `b`'", "backquote"),
        ("a $(b)", "$("),
        ("'$(b)'", "$("),
        ("a;b", "; must be in single quotes"),
        ("a *", "* must be in single quotes"),
        ("a #b", "must not begin with #"),
        ("a\u00a0b", "white space"),
        ("a\u2003b", "white space"),
        ("a\x00b", "control"),
        ("a\u200bb", "control"),
    ],
)
def test_what_has_more_than_one_reading_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnclearError) as refused:
        split(text)
    assert said in str(refused.value)

"""The glob language, against a matcher that tries everything."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.core.job_policy.globs import LONGEST, Globs, NameGlobs


def tries_everything(pattern: str, text: str) -> bool:
    """What the language says, in the plainest way."""

    @cache
    def matches(p: int, t: int) -> bool:
        if p == len(pattern):
            return t == len(text)
        if pattern[p] != "*":
            return t < len(text) and text[t] == pattern[p] and matches(p + 1, t + 1)
        double = pattern[p : p + 2] == "**"
        after = p + 2 if double else p + 1
        if matches(after, t):
            return True
        return t < len(text) and (double or text[t] != "/") and matches(p, t + 1)

    return matches(0, 0)


@given(st.text("ab/*", max_size=10), st.text("ab/", max_size=14))
def test_it_is_what_trying_everything_gives(pattern: str, text: str) -> None:
    assert Globs([pattern]).match(text) == tries_everything(pattern, text)


@given(st.lists(st.text("ab/*", max_size=6), max_size=4), st.text("ab/", max_size=8))
def test_one_of_several_is_enough(patterns: list[str], text: str) -> None:
    assert Globs(patterns).match(text) == any(Globs([pattern]).match(text) for pattern in patterns)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("role/team-a-*", "role/team-a-etl", True),
        ("role/team-a-*", "role/team-a-x/admin", False),
        ("role/team-a-*", "role/x/team-a-etl", False),
        ("role/**", "role/a/b", True),
        ("emr-7.*", "emr-7.9.0", True),
        ("emr-7.*", "emr-709", False),
        ("a[bc]?", "abx", False),
        ("A*", "ab", False),
        ("a*", "a\n", False),
        ("a**", "a\nb", False),
        ("a", "a\n", False),
        ("*", "", True),
    ],
)
def test_everything_but_the_star_is_itself(pattern: str, text: str, matches: bool) -> None:
    assert Globs([pattern]).match(text) == matches


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [("team-*", "team-a-b", True), ("team-a", "xteam-a", False), ("team-a", "team-a-x", False), ("*", "Team", False)],
)
def test_names_of_namespaces(pattern: str, name: str, matches: bool) -> None:
    assert NameGlobs([pattern]).match(name) == matches


@pytest.mark.parametrize("pattern", ["a*a*a*a*b", "**a**a**a**b", "*a**a*a**b"])
def test_no_text_makes_it_try_again_and_again(pattern: str) -> None:
    """With backtracking this would take years; a text that is longer than any name matches nothing."""
    assert not Globs([pattern]).match("a" * (LONGEST - 1))
    assert not Globs(["a*"]).match("a" * (LONGEST + 1))

"""Messages of EventBridge: which run a message speaks of, and which messages say nothing."""

import copy
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.core.job_run.hints import Hint, read_hint

RUN = "0000000abcdef0123456"
ARN = f"arn:aws:emr-containers:eu-west-1:123456789012:/virtualclusters/0b0example/jobruns/{RUN}"
MESSAGE: dict[str, Any] = {
    "source": "aws.emr-containers",
    "detail-type": "EMR Job Run State Change",
    "detail": {"id": RUN},
}


def read(**changes: Any) -> Hint | None:
    return read_hint(json.dumps({**MESSAGE, **changes}))


@pytest.mark.parametrize(
    "kind", ["EMR Job Run State Change", "EmrContainers Job Run State Change", "EMR Job Run New Driver Attempt"]
)
def test_all_that_happens_to_a_run_is_a_hint(kind: str) -> None:
    assert read(**{"detail-type": kind}) == Hint(RUN)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"detail": {"id": RUN, "arn": ARN + "x"}, "resources": [ARN + "y"]}, id="the id comes first"),
        pytest.param({"detail": {"arn": ARN}, "resources": [ARN + "y"]}, id="then the arn"),
        pytest.param({"detail": {}, "resources": [ARN, ARN + "y"]}, id="then the first resource"),
        pytest.param({"detail": None, "resources": [ARN]}, id="without details"),
    ],
)
def test_the_run_is_named_in_several_places(changes: dict[str, Any]) -> None:
    assert read(**changes) == Hint(RUN)


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "aws.emr"},
        {"source": None},
        {"detail-type": "EMR Virtual Cluster State Change"},
        {"detail-type": None},
        {"detail": {"id": 7}},
        {"detail": {"id": ""}},
        {"detail": {"arn": 7}},
        {"detail": {"arn": "/jobruns/" + RUN}},
        {"detail": {"arn": ARN.replace("/jobruns/", "/others/")}},
        {"detail": {"arn": ARN.removesuffix(RUN)}},
        {"detail": [RUN]},
        {"detail": {}, "resources": []},
        {"detail": {}, "resources": ARN},
        {"detail": {}},
    ],
    ids=str,
)
def test_other_messages_say_nothing(changes: dict[str, Any]) -> None:
    assert read(**changes) is None


@pytest.mark.parametrize("body", ["", "{", "7", "null", "[]", '"text"', "[["], ids=lambda body: body[:9])
def test_what_is_no_message_says_nothing(body: str) -> None:
    assert read_hint(body) is None


@pytest.fixture
def deep_stack() -> Iterator[None]:
    """As in the operator: Python itself would let the parser take all of the stack, and that ends the process."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("deep_stack")
@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_a_megabyte_of_brackets_says_nothing(bracket: str) -> None:
    assert read_hint(bracket * (1_000_000 // len(bracket))) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = (
    ("source",),
    ("detail-type",),
    ("detail",),
    ("detail", "id"),
    ("detail", "arn"),
    ("resources",),
    ("resources", 0),
)


@given(st.sampled_from(PLACES), JSON)
def test_any_json_at_any_member_is_a_hint_or_none(place: tuple[str | int, ...], value: Any) -> None:
    message = copy.deepcopy({**MESSAGE, "resources": [ARN]})
    holder: Any = message
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    found = read_hint(json.dumps(message))
    assert found is None or found.run_id in (RUN, value)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")) | JSON.map(json.dumps))
def test_what_is_no_message_is_no_hint(body: str) -> None:
    assert read_hint(body) is None

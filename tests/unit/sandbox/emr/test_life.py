"""A run's course depends on its script alone, not on when somebody looks."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.emr.ids import DEFAULT_VIRTUAL_CLUSTER
from tests.sandbox.emr.life import Run
from tests.sandbox.emr.samples import request
from tests.unit.sandbox.emr.local import REGION, START, Local

VC = DEFAULT_VIRTUAL_CLUSTER


def run_of(local: Local, token: str = "t") -> Run:
    runs = local.service.region("123456789012", REGION).runs.all()
    return next(run for run in runs if run.token == token)


def course(local: Local, token: str = "t") -> list[tuple[float, str]]:
    return [(round(moment.at - START, 6), moment.state) for moment in run_of(local, token).history]


BEGINNING = [(0, "PENDING"), (0.3, "SUBMITTED"), (0.6, "RUNNING")]
COURSES: list[tuple[str, str, dict[str, Any], list[tuple[float, str]]]] = [
    ("success", "", {}, [*BEGINNING, (1.6, "COMPLETED")]),
    ("own lengths", "submitted=2;run=3", {}, [*BEGINNING[:2], (2.3, "RUNNING"), (5.3, "COMPLETED")]),
    ("failure while running", "outcome=FAILED", {}, [*BEGINNING, (1.6, "FAILED")]),
    ("failure before it is submitted", "failure=internal", {}, [(0, "PENDING"), (0.3, "FAILED")]),
    ("failure before it runs", "failure=no-resources", {}, [*BEGINNING[:2], (0.6, "FAILED")]),
    ("failure in a state of choice", "outcome=FAILED;at=SUBMITTED", {}, [*BEGINNING[:2], (0.6, "FAILED")]),
    ("ended by somebody else", "outcome=CANCELLED", {}, [*BEGINNING, (1.6, "CANCELLED")]),
    ("failing attempts without a policy", "fails=1", {}, [*BEGINNING, (1.6, "FAILED")]),
    (
        "one retry",
        "fails=1",
        {"maxAttempts": 3},
        [*BEGINNING, (1.6, "RUNNING"), (2.9, "COMPLETED")],
    ),
    (
        "a cluster that is away is not retried",
        "failure=monitor-unreachable",
        {"maxAttempts": 3},
        [*BEGINNING, (1.6, "FAILED")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("script", "policy", "expected"), [row[1:] for row in COURSES], ids=[r[0] for r in COURSES])
def test_courses(script: str, policy: dict[str, int], expected: list[tuple[float, str]]) -> None:
    local = Local()
    local.call("StartJobRun", **request("t", script or None, retryPolicyConfiguration=policy or None))
    local.advance(100)
    assert course(local) == expected


@given(
    steps=st.lists(st.floats(0.01, 3), max_size=30),
    script=st.sampled_from(["", "fails=2", "outcome=FAILED", "race=race;cancel=1", "stuck=SUBMITTED"]),
    cancel_after=st.sampled_from([None, 0.1, 0.5, 1.0]),
)
def test_looking_changes_nothing(steps: list[float], script: str, cancel_after: float | None) -> None:
    courses = []
    for pauses in ([sum(steps)], steps):
        local = Local()
        policy = {"maxAttempts": 5}
        run_id = local.call("StartJobRun", **request("t", script or None, retryPolicyConfiguration=policy))["id"]
        if cancel_after is not None:
            local.advance(cancel_after)
            local.call("CancelJobRun", virtualClusterId=VC, id=run_id)
        for pause in pauses:
            local.advance(pause)
        local.advance(1000)
        courses.append(course(local))
    assert courses[0] == courses[1]


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 3)), min_size=2, max_size=12), st.integers(1, 3))
def test_slots_are_taken_in_the_order_of_arrival(runs: list[tuple[float, float]], limit: int) -> None:
    local = Local(durations={"pending": 0, "submitted": 0})
    local.service.put_cluster(VC, {"schedulerConfiguration": {"maxConcurrentJobRuns": limit}}, None)
    for i, (pause, running) in enumerate(runs):
        local.call("StartJobRun", **request(f"t{i}", f"run={running:.3f}"))
        local.advance(pause)
    local.advance(1000)
    starts = [run_of(local, f"t{i}").history[1].at for i in range(len(runs))]
    assert all(earlier <= later for earlier, later in pairwise(starts))
    assert {run_of(local, f"t{i}").now.state for i in range(len(runs))} == {"COMPLETED"}


def test_stages_can_be_spread() -> None:
    local = Local(durations={"pending": [1, 5]})
    for i in range(50):
        local.call("StartJobRun", **request(f"t{i}"))
    local.advance(100)
    lengths = [run_of(local, f"t{i}").history[1].at - START for i in range(50)]
    assert min(lengths) >= 1
    assert max(lengths) <= 5
    assert len(set(lengths)) > 40


def test_an_old_view_is_the_truth_of_then() -> None:
    local = Local()
    local.call("StartJobRun", **request("t"))
    local.advance(100)
    run = run_of(local)
    seen = [moment.state if moment else None for moment in map(run.as_of, (START - 1, START, START + 0.7, START + 99))]
    assert seen == [None, "PENDING", "RUNNING", "COMPLETED"]

"""What an object is to be, drawn at random: members of its spec, how its runs go, what is done to it and when. Pure."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONG_SECONDS = 25.0
"""How long a run takes that somebody is to stop."""
LONG_RUN = f"run={LONG_SECONDS:.2f}"
KEPT_SECONDS = 60
"""The shortest time to live that the API takes."""

ACTIONS: Mapping[tuple[str, ...], int] = {
    (): 44,
    ("delete",): 10,
    ("cancel",): 5,
    ("suspend", "resume"): 8,
    ("suspend", "resume", "suspend", "resume"): 3,
    ("suspend", "cancel"): 2,
    ("suspend", "delete"): 3,
    ("suspend", "resume", "delete"): 2,
    ("suspend", "resume", "cancel"): 2,
    ("cancel", "delete"): 2,
    ("delete", "retain"): 6,
    ("delete", "retain", "unretain"): 1,
    ("retain", "delete"): 4,
    ("unretain", "delete"): 4,
    ("retain", "unretain", "delete"): 2,
    ("retain", "suspend", "unretain", "resume"): 2,
}
"""What is done to an object, one thing after another, and how often that is drawn."""
ACTIONS_OF_SUSPENDED: Mapping[tuple[str, ...], int] = {
    ("resume",): 6,
    ("resume", "suspend", "resume"): 3,
    ("cancel",): 2,
    ("delete",): 2,
}
"""The same for those that are created suspended."""
FAILURES: Mapping[str, int] = {"internal": 4, "driver": 4, "cluster-unreachable": 3, "monitor-internal": 1}
LISTED: tuple[tuple[str, ...], ...] = ((), ("USER_ERROR",), ("INTERNAL_ERROR", "CLUSTER_UNAVAILABLE", "USER_ERROR"))
"""What `resubmitPolicy.failureReasons` names; nothing stands for its default."""
STOPS = frozenset({"cancel", "suspend"})


@dataclass(frozen=True, slots=True)
class SubjectPlan:
    """`actions`: what is done, each with the seconds since the object was made; or, unless `early`, since it was first
    seen to have a run."""

    members: dict[str, Any]
    script: str
    actions: tuple[tuple[float, str], ...]
    early: bool
    aged: bool
    """Whether its end is moved into the past, so that its time to live is over at once."""


def draw_plan(rng: random.Random) -> SubjectPlan:
    """One object."""
    held = rng.random() < 0.12
    actions = _actions(rng, ACTIONS_OF_SUSPENDED if held else ACTIONS)
    members: dict[str, Any] = {"suspend": True} if held else {}
    members |= _policy(rng) | _deadlines(rng)
    script = _stages(rng, members, actions)
    if rng.random() < 0.2:
        [failure] = rng.choices(list(FAILURES), list(FAILURES.values()))
        script += f"failure={failure};"
        members["resubmitPolicy"] = _resubmission(rng)
    return SubjectPlan(
        members, script + _length(rng, members, actions), actions, held or rng.random() < 0.4, rng.random() < 0.6
    )


def _actions(rng: random.Random, table: Mapping[tuple[str, ...], int]) -> tuple[tuple[float, str], ...]:
    [words] = rng.choices(list(table), list(table.values()))
    when, actions = rng.uniform(0, 6), []
    for word in words:
        actions.append((when, word))
        # Some change their mind at once.
        when += rng.uniform(0, 0.2) if rng.random() < 0.3 else rng.uniform(0.3, 3)
    return tuple(actions)


def _policy(rng: random.Random) -> dict[str, Any]:
    members: dict[str, Any] = {"deletionPolicy": "Retain"} if rng.random() < 0.2 else {}
    return members | ({"ttlSecondsAfterFinished": KEPT_SECONDS} if rng.random() < 0.1 else {})


def _deadlines(rng: random.Random) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if rng.random() < 0.1:
        members["activeDeadlineSeconds"] = rng.randint(1, 6)
    if rng.random() < 0.1:
        members["startDeadlineSeconds"] = rng.randint(1, 4)
    return members


def _resubmission(rng: random.Random) -> dict[str, Any]:
    listed = rng.choice(LISTED)
    policy = {"limit": rng.randint(0, 3), "backoffSeconds": 1, "maxBackoffSeconds": rng.randint(1, 2)}
    return policy | ({"failureReasons": list(listed)} if listed else {})


def _stages(rng: random.Random, members: Mapping[str, Any], actions: tuple[tuple[float, str], ...]) -> str:
    """The seconds before it runs, and those that a cancellation takes."""
    late = "startDeadlineSeconds" in members and rng.random() < 0.5
    changes_while_it_goes = "retain" in [word for _, word in actions]
    seconds = {
        "pending": rng.uniform(2, 6) if late else rng.uniform(0, 0.5),
        "submitted": rng.uniform(0, 0.5),
        "cancel": rng.uniform(0.5, 4) if changes_while_it_goes else rng.uniform(0, 0.5),
    }
    return "".join(f"{stage}={length:.2f};" for stage, length in seconds.items())


def _length(rng: random.Random, members: Mapping[str, Any], actions: tuple[tuple[float, str], ...]) -> str:
    """Who is to be stopped runs for long enough, but for those that may end while they are being cancelled."""
    if not actions and ("activeDeadlineSeconds" not in members or rng.random() < 0.3):
        return f"run={rng.uniform(0, 3):.2f}"
    if rng.random() < 0.15:
        return f"race={rng.choice(('lose', 'race'))};run={rng.uniform(1, 5):.2f}"
    return LONG_RUN

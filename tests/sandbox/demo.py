"""The demonstration: the operator runs every example to its end, and the endpoint is asked what it got."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.examples import Example, load
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.table import table
from tests.sandbox.world import World

Json = dict[str, Any]

# Slow enough to see each state, as the operator looks every two seconds.
PACE = ("--quotas", "--pending=2.5", "--submitted=2.5", "--running=5")
POLL_SECONDS = 0.1
LOG_LINES = 30

TRY_NEXT = """\
To try next:
  make sandbox                      the same world, kept up, to use with kubectl
  kubectl explain ejr.spec          every member of StartJobRun
  README.md                         how to point the operator at a real AWS account"""


@dataclass(slots=True)
class Outcome:
    """What has become of one example so far."""

    example: Example
    state: str = ""
    uid: str = ""
    run_id: str = ""
    runs: dict[str, str] = field(default_factory=dict)
    """Of each attempt: the job run by its token."""
    message: str = ""
    over: bool = False

    @property
    def as_declared(self) -> bool:
        return self.state == self.example.expected


@dataclass(slots=True)
class Progress:
    """Prints one line for each change of a state, with the seconds since the first manifest."""

    width: int
    started: float = field(default_factory=time.monotonic)

    def say(self, name: str, state: str, remark: str = "") -> None:
        elapsed = time.monotonic() - self.started
        print(f"{elapsed:6.1f} s  {name:<{self.width}}  {state:<14} {remark}".rstrip(), flush=True)


def run(timeout: float) -> int:
    """Show everything; return 0 only if all examples ended as they declare, with one run for each token."""
    begun = time.monotonic()
    print("Starting a Kubernetes control plane and an EMR endpoint …", flush=True)
    with World(emr_args=PACE) as world:
        operator = world.operator()
        print(f"Both and the operator are up after {time.monotonic() - begun:.1f} s.\n", flush=True)
        outcomes = _follow(world, operator, load(), timeout)
        problems = [*_surprises(outcomes), *_token_problems(world, outcomes)]
        if not operator.running:
            problems.append(f"the operator ended with {operator.returncode}")
        _report(outcomes, problems)
        if problems:
            print(f"\nThe end of the operator's log:\n{_tail(operator.logs())}")
        else:
            _clean_up(world, outcomes, timeout)
        print(f"\n{TRY_NEXT}")
    return 1 if problems else 0


def _follow(world: World, operator: OperatorProcess, examples: list[Example], timeout: float) -> list[Outcome]:
    """Apply all and look at them until all are over, the time is up, or nobody is at work."""
    progress = Progress(max(len(example.name) for example in examples))
    outcomes = [_apply(world, example, progress) for example in examples]
    deadline = progress.started + timeout
    while not all(outcome.over for outcome in outcomes):
        if time.monotonic() > deadline or not operator.running:
            break
        found = {run["metadata"]["name"]: run for run in world.kube.runs("default").list()}
        for outcome in outcomes:
            if not outcome.over and outcome.example.name in found:
                _look(outcome, found[outcome.example.name], progress)
        time.sleep(POLL_SECONDS)
    return outcomes


def _apply(world: World, example: Example, progress: Progress) -> Outcome:
    done = world.cluster.kubectl("apply", "-n", "default", "-f", str(example.path), check=False)
    if done.returncode == 0:
        progress.say(example.name, "applied")
        return Outcome(example)
    message = " ".join(done.stderr.split())
    progress.say(example.name, "refused", message)
    return Outcome(example, state="refused", message=message, over=True)


def _look(outcome: Outcome, run: Json, progress: Progress) -> None:
    """Take over what the object says now, and say so if its state is another one."""
    status: Json = run.get("status", {})
    conditions = {c["type"]: c for c in status.get("conditions", []) if c["status"] == "True"}
    state = status.get("state", "")
    outcome.uid, outcome.run_id = run["metadata"]["uid"], status.get("id", "")
    outcome.runs = _runs(outcome.uid, status)
    if state and state != outcome.state:
        outcome.state = state
        outcome.message = conditions.get("Stalled", {}).get("message", "")
        progress.say(outcome.example.name, state, outcome.message or outcome.run_id)
    outcome.over = not {"Finished", "Stalled", "Suspended"}.isdisjoint(conditions)


def _runs(uid: str, status: Json) -> dict[str, str]:
    """By token: the uid for the first attempt, then the uid with the attempt's number."""
    attempts = [*status.get("attempts", []), {"attempt": status.get("attempt", 1), "id": status.get("id")}]
    found = {attempt["attempt"]: attempt["id"] for attempt in attempts if attempt.get("id")}
    return {uid if number == 1 else f"{uid}-{number}": run_id for number, run_id in found.items()}


def _surprises(outcomes: Iterable[Outcome]) -> list[str]:
    return [
        f"{o.example.name}: expected {o.example.expected}, and it is {o.state or 'without a state'}"
        for o in outcomes
        if not o.as_declared
    ]


def _token_problems(world: World, outcomes: Iterable[Outcome]) -> list[str]:
    """Ask the endpoint, not the status: one run for each token, and each token is an attempt's."""
    by_token = {token["client_token"]: token["runs"] for token in world.sim.tokens()}
    problems = [f"{len(ids)} runs for token {token}" for token, ids in by_token.items() if len(ids) != 1]
    wanted = {token: run_id for outcome in outcomes for token, run_id in outcome.runs.items()}
    for token, run_id in wanted.items():
        if by_token.get(token) != [run_id]:
            problems.append(f"the endpoint has {by_token.get(token)} for token {token}, the status {run_id}")
    problems += [f"a run for the unknown token {token}" for token in by_token if token not in wanted]
    return problems


def _report(outcomes: list[Outcome], problems: list[str]) -> None:
    rows = [(o.example.path.name, o.example.name, o.example.expected, o.state, o.run_id) for o in outcomes]
    print("\n" + table(("file", "name", "expected", "state", "job run"), rows))
    if problems:
        print("\nNot as expected:\n" + "\n".join(f"  {problem}" for problem in problems))
    else:
        started = sum(len(o.runs) for o in outcomes)
        said = "each an object's uid, or for a second attempt the uid and -2"
        print(f"\nAll as expected. The endpoint has {started} runs for {started} tokens, {said}.")


def _clean_up(world: World, outcomes: Iterable[Outcome], timeout: float) -> None:
    """Delete the objects as a user would: the operator must let them go."""
    names = [outcome.example.name for outcome in outcomes if outcome.uid]
    world.cluster.kubectl("delete", "ejr", "-n", "default", *names, f"--timeout={timeout:g}s", timeout=timeout + 10)
    print(f"Deleted {len(names)} objects.")


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-LOG_LINES:])

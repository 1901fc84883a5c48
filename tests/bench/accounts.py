"""Two accounts, of which one is in trouble: what the other team feels of it.

``python -m tests.bench.accounts [SECONDS]`` has STS refuse, throttle, and leave unanswered the role of one account, for
so many seconds each (60). Its team goes on submitting. Of the other team it prints, beside and before that, the seconds
from a job's creation to its id, and from a run's end at AWS to the status that says so.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from tests.integration.test_policies import five_lines
from tests.sandbox.world import World
from tests.support.job_policies import Policies, policy_in
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.sts import HANGS, Sts, sts_server

SOUND, TROUBLED = "222222222222", "333333333333"
TROUBLES = (None, "AccessDenied", "Throttling", HANGS)


@dataclass(slots=True)
class Felt:
    """Seconds."""

    to_id: list[float] = field(default_factory=list)
    to_end: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return ", ".join(
            f"{name} p50 {statistics.median(seen):.2f} max {max(seen):.2f}"
            for name, seen in (("create to id", self.to_id), ("end to status", self.to_end))
        )


def rounds(sound: Jobs, troubled: Jobs, seconds: float, numbers: Iterator[int]) -> Felt:
    """A job of each team, again and again."""
    felt, until = Felt(), time.monotonic() + seconds
    while time.monotonic() < until:
        name = f"job-{next(numbers)}"
        troubled.runs.create(name, five_lines(troubled))
        began = time.monotonic()
        sound.runs.create(name, five_lines(sound, FOR_EVER))
        status = sound.shows(lambda seen: "id" in seen, "has an id", name)
        felt.to_id.append(time.monotonic() - began)
        sound.reaches("RUNNING", name)
        ended = time.monotonic()
        sound.sim.put_state(status["id"], "COMPLETED")
        sound.reaches("COMPLETED", name)
        felt.to_end.append(time.monotonic() - ended)
    return felt


def measure(world: World, sts: Sts, seconds: float) -> None:
    """Each trouble with an operator that has no session yet."""
    policies, numbers = Policies(world), count()
    teams = []
    for account in (SOUND, TROUBLED):
        world.kube.create_namespace(f"team-{account}")
        teams.append(Jobs(world.kube.runs(f"team-{account}"), world.sim))
        policies.create(account, policy_in(teams[-1], account))
    for trouble in TROUBLES:
        sts.faults = {} if trouble is None else {TROUBLED: trouble}
        operator = world.operator(EMRJOBS_POLICY="required", EMRJOBS_QUOTAS="off", **sts.environment)
        asked = len(sts.asked_for(TROUBLED))
        felt = rounds(teams[0], teams[1], seconds, numbers)
        states, asked = teams[1].states(), len(sts.asked_for(TROUBLED)) - asked
        sys.stdout.write(f"{trouble or 'no trouble'}: {len(felt.to_id)} jobs, {felt}; ")
        sys.stdout.write(f"the other team: {states}, AssumeRole asked {asked} times, ready: {operator.readiness()}\n")
        operator.terminate()
        world.forget_leases()
    sts.faults = {}
    world.operator(EMRJOBS_POLICY="required", EMRJOBS_QUOTAS="off", **sts.environment)
    teams[1].all_reach("COMPLETED", next(numbers), timeout=300)
    assert world.sim.duplicates() == []


def main(arguments: list[str]) -> int:
    """Print a line for each trouble."""
    seconds = float(arguments[0]) if arguments else 60.0
    with World() as world, sts_server(world.sim) as sts:
        measure(world, sts, seconds)
    sys.stdout.write("in the end every job of the troubled team ran once\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

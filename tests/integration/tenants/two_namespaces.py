"""Two teams, one operator: whatever happens to the jobs of one, those of the other start as fast as alone.

``python -m tests.integration.tenants.two_namespaces --rounds 1000`` prints how fast, and every word of the first that
was found at the second.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.bench.figures import percentile
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.world import World
from tests.support.jobs import Jobs, spark_pi
from tests.support.kube import Json
from tests.support.shared_operator import ENVIRONMENT

CANARY: Final = "canary7f3a"
"""In every member that one of the noisy team's objects has, and in every text of AWS's about them."""
_KEPT: Final = 12
"""Objects of the noisy team that are there at the same time."""
_ALONE: Final = 30
"""Jobs of the quiet team before the other one begins."""

_HOSTILE: Final = (
    f"{CANARY}",
    f"{CANARY} " * 400,
    f"\x1b[31m{CANARY}\r\n" + '{"level": "FORGED"}',
    f"\u202e{CANARY}\u2028\ud7ff",
    f"User: arn:aws:sts::1:{CANARY} is not authorized on {CANARY}",
)
_CODES: Final = (
    ("ValidationException", 400),
    ("AccessDeniedException", 403),
    ("ResourceNotFoundException", 400),
    ("InternalServerException", 500),
    (f"{CANARY}Exception" * 20, 400),
)


@dataclass(slots=True)
class Rounds:
    """Seconds from creating a job of the quiet team to its id, alone and beside the other team; and words found."""

    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    def told(self) -> str:
        lines = [f"{len(self.found)} words of the noisy team at the quiet one, in its logs or in metrics"]
        for name, seconds in (("alone", self.alone), ("beside", self.beside)):
            p50, p99 = percentile(seconds, 0.5), percentile(seconds, 0.99)
            lines.append(f"{name:7} {len(seconds):5} jobs  create to id p50 {p50:.2f} s  p99 {p99:.2f} s")
        return "\n".join(lines + self.found[:10])


def play(world: World, operator: OperatorProcess, noisy: Jobs, quiet: Jobs, count: int, seed: int = 1) -> Rounds:
    """So many rounds: something goes wrong for the noisy team, and the quiet one starts a job meanwhile."""
    draw, result = random.Random(seed), Rounds()
    result.alone = [start(quiet, f"alone-{number}") for number in range(min(count, _ALONE))]
    # Its own virtual cluster takes one run at a time and queues one: the others are refused.
    noisy.sim.put_cluster(noisy.cluster, schedulerConfiguration={"maxInQueueJobRuns": 1, "maxConcurrentJobRuns": 1})
    for number in range(count):
        make_noise(draw, noisy, quiet, number)
        result.beside.append(start(quiet, f"quiet-{number}"))
        if number % _KEPT == _KEPT - 1 or number == count - 1:
            result.found += words_found(world, operator, quiet)
            noisy.sim.drop_faults()
            noisy.runs.delete_all()
            quiet.runs.delete_all()
    return result


def start(jobs: Jobs, name: str) -> float:
    """Create a job and wait for its id; the seconds that it took."""
    began = time.monotonic()
    jobs.submit(name, "run=0")
    jobs.shows(lambda status: "id" in status, "has an id", name)
    return time.monotonic() - began


def make_noise(draw: random.Random, noisy: Jobs, quiet: Jobs, number: int) -> None:
    """One more object of the noisy team, often with the quiet team's cluster and role, and what AWS says of it."""
    name = f"{CANARY}-{number}"
    (code, status), message = draw.choice(_CODES), draw.choice(_HOSTILE)
    cluster = draw.choice((noisy.cluster, quiet.cluster))
    if draw.random() < 0.8:
        noisy.sim.fault("error", "StartJobRun", name=f"^{name}$", status=status, code=code, message=message)
    script = f"outcome=FAILED;reason=USER_ERROR;run={draw.choice((0, 2))};details={CANARY}"
    noisy.runs.create(name, full_of_canaries(draw, cluster, script))
    if draw.random() < 0.3:
        noisy.runs.patch_spec(name, **{draw.choice(("cancel", "suspend")): True})


def full_of_canaries(draw: random.Random, cluster: str, script: str) -> Json:
    """A spec with the word in each member that takes any text."""
    spec = spark_pi(cluster, script)
    driver = {
        "entryPoint": f"s3://{CANARY}/{CANARY}.py",
        "entryPointArguments": [CANARY],
        "sparkSubmitParameters": f"--conf spark.{CANARY}={CANARY}",
    }
    leaf = {"classification": CANARY, "properties": {CANARY: CANARY}}
    logs = {"s3MonitoringConfiguration": {"logUri": f"s3://{CANARY}/"}}
    overrides = {"applicationConfiguration": [leaf], "monitoringConfiguration": logs}
    role = draw.choice((spec["executionRoleArn"], f"arn:aws:iam::123456789012:role/{CANARY}"))
    spec["tags"][CANARY] = CANARY
    return {
        **spec,
        "executionRoleArn": role,
        "jobDriver": {"sparkSubmitJobDriver": driver},
        "configurationOverrides": overrides,
    }


def words_found(world: World, operator: OperatorProcess, quiet: Jobs) -> list[str]:
    """Where the quiet team, or whoever may scrape, reads a word of the other."""
    namespace = quiet.runs.namespace
    return [text for text in _read_by_others(world, operator, namespace) if CANARY in text]


def _read_by_others(world: World, operator: OperatorProcess, namespace: str) -> Iterator[str]:
    for item in (*world.kube.runs(namespace).list(), *world.kube.events(namespace)):
        yield json.dumps(item)
    for path in ("/metrics", "/readyz", "/healthz"):
        yield operator.readiness() if path == "/readyz" else operator.get(path)
    for line in operator.logs().splitlines():
        if f'"{namespace}/' in line:
            yield line


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.integration.tenants.two_namespaces")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with World() as world:
        noisy, quiet = (Jobs(world.kube.runs(name), world.sim) for name in ("noisy", "quiet"))
        for jobs in (noisy, quiet):
            world.kube.create_namespace(jobs.runs.namespace)
        operator = world.operator(**ENVIRONMENT)
        result = play(world, operator, noisy, quiet, options.rounds, options.seed)
    sys.stdout.write(result.told() + "\n")
    return int(bool(result.found))


if __name__ == "__main__":
    sys.exit(main())

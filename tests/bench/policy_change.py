"""Many objects that wait under many policies: what the change of one policy costs.

``python -m tests.bench.policy_change [OBJECTS [POLICIES]]`` prints passes, writes and seconds. Half of the objects
are in a namespace with a policy of its own, which is the one that changes; all other policies are for the others.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from emrjobs.api.job_policy.kind import EMR_JOB_POLICY
from tests.bench.usage import usage
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.rights import USER
from tests.sandbox.world import World
from tests.support.jobs import spark_pi
from tests.support.kube import Json
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

OWN, OTHER = "own", "other"
ELSEWHERE: Json = {"entryPoints": ["s3://elsewhere/"]}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one change."""

    passes: float
    writes: int
    seconds: float
    cpu_ms: float


def policy(world: World, name: str, spec: Json) -> None:
    head = {"apiVersion": EMR_JOB_POLICY.api_version, "kind": EMR_JOB_POLICY.kind, "metadata": {"name": name}}
    world.kube.request("POST", EMR_JOB_POLICY.path(), {**head, "spec": spec})


def waiting(world: World, namespace: str) -> dict[str, str]:
    """Reasons, by the names of the objects."""
    items = world.kube.runs(namespace).list()
    found = {item["metadata"]["name"]: item.get("status", {}).get("conditions") for item in items}
    return {name: told[0]["reason"] if told else "" for name, told in found.items()}


def all_say(world: World, namespace: str, reason: str) -> None:
    until(lambda: set(waiting(world, namespace).values()) == {reason}, 300, f"all in {namespace} say {reason}")


def passes(operator: OperatorProcess, waiting: int) -> float:
    """So far, when the page of metrics shows that so many wait: it is made at most once a second."""
    until(lambda: operator.metrics().get('emrjobs_objects{state="QUEUED"}', 0) == waiting, 30, f"{waiting} wait")
    return sum(value for name, value in operator.metrics().items() if name.startswith("emrjobs_passes_total"))


def cost_of(world: World, operator: OperatorProcess, patch: Json, reason: str, queued: tuple[int, int]) -> Cost:
    """Change the policy of the one namespace, until all there say the reason. ``queued``: before and after."""
    before = passes(operator, queued[0])
    mark, cpu, began = world.cluster.audit.mark(), usage(operator.pid).cpu, time.monotonic()
    path, kind = EMR_JOB_POLICY.path(None, OWN), "application/merge-patch+json"
    world.kube.request("PATCH", path, {"spec": patch}, content_type=kind)
    all_say(world, OWN, reason)
    seconds = time.monotonic() - began
    used = (usage(operator.pid).cpu - cpu) * 1000
    writes = world.cluster.audit.writes(user=USER, resource="emrjobruns", since=mark)
    return Cost(passes(operator, queued[1]) - before, len(writes), seconds, used)


def measure(world: World, objects: int, policies: int) -> list[tuple[str, Cost]]:
    """Narrow the policy, and hold it back by a limit."""
    everybody = {"namespaces": {"names": [OTHER]}, "allow": ELSEWHERE}
    for number in range(policies - 1):
        policy(world, f"for-others-{number:02d}", everybody)
    role = spark_pi("x")["executionRoleArn"]
    allow = {"virtualClusterIds": ["x"], "executionRoleArns": [role]}
    policy(world, OWN, {"namespaces": {"names": [OWN]}, "allow": allow, "limits": {"maxActiveRuns": 0}})
    operator = world.operator(**ENVIRONMENT, EMRJOBS_POLICY="required")
    for namespace in (OWN, OTHER):
        world.kube.create_namespace(namespace)
        with ThreadPoolExecutor(8) as pool:
            make = world.kube.runs(namespace).create
            list(pool.map(lambda n, make=make: make(f"job-{n:04d}", spark_pi("x")), range(objects // 2)))
    all_say(world, OWN, "LimitReached")
    all_say(world, OTHER, "NotAllowed")
    half = objects // 2
    return [
        ("narrowed", cost_of(world, operator, {"allow": {**allow, **ELSEWHERE}}, "NotAllowed", (half, 0))),
        ("widened", cost_of(world, operator, {"allow": {"entryPoints": None}}, "LimitReached", (0, half))),
    ]


def main() -> int:
    given = [int(word) for word in sys.argv[1:]]
    objects, policies = (given + [1000, 50][len(given) :])[:2]
    with World() as world:
        found = measure(world, objects, policies)
    for what, cost in found:
        print(
            f"{objects} objects, {policies} policies, one {what}: {cost.passes:.0f} passes, {cost.writes} writes, "
            f"{cost.seconds:.1f} s until all {objects // 2} say so, {cost.cpu_ms:.0f} ms of CPU"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

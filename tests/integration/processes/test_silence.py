"""Silence is cheap: a finished object costs nothing, a running one a share of one list."""

from tests.sandbox.emr.admin import Admin
from tests.sandbox.rights import USER
from tests.sandbox.world import World
from tests.support.fixtures import StartOperator
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

WINDOW = 10.0
"""Seconds, by the endpoint's clock."""


def last_call(sim: Admin) -> int:
    return max((call["n"] for call in sim.calls()), default=0)


def test_finished_objects_cost_nothing_and_new_ones_are_acted_on(
    world: World, jobs: Jobs, sim: Admin, start_operator: StartOperator
) -> None:
    start_operator(**ENVIRONMENT)
    jobs.submit_all((f"done-{number}" for number in range(10)), "run=0")
    jobs.submit_all((f"failed-{number}" for number in range(10)), "reason=USER_ERROR;run=0")
    until(lambda: jobs.states() == {"COMPLETED": 10, "FAILED": 10}, 60, lambda: f"all end: {jobs.states()}")
    released = [item["metadata"]["name"] for item in jobs.runs.list()]
    until(lambda: all("finalizers" not in jobs.runs.get(name)["metadata"] for name in released), 10, "all are let go")
    call, mark, ends = last_call(sim), world.cluster.audit.mark(), sim.now() + WINDOW

    until(lambda: sim.now() > ends, WINDOW + 5, "the window ends")

    assert sim.calls(since=call) == []
    written = world.cluster.audit.writes(user=USER, since=mark)
    assert [(event.verb, event.resource) for event in written if event.resource != "leases"] == []
    job = jobs.submit("later", "run=0")
    jobs.reaches("COMPLETED", "later")
    assert len(jobs.calls("StartJobRun")) == 21
    assert jobs.run_of(job)["state"] == "COMPLETED"


def test_running_objects_share_one_list_and_write_nothing(
    world: World, jobs: Jobs, sim: Admin, start_operator: StartOperator
) -> None:
    start_operator(**ENVIRONMENT)
    jobs.submit_all((f"job-{number}" for number in range(20)), FOR_EVER)
    jobs.all_reach("RUNNING", 20)
    call, mark = last_call(sim), world.cluster.audit.mark()

    def lists() -> int:
        return len(sim.calls("ListJobRuns", since=call))

    until(lambda: lists() >= 6, 30, "six looks")

    others = [seen["operation"] for seen in sim.calls(since=call) if seen["operation"] != "ListJobRuns"]
    assert len(others) < lists(), f"six looks at twenty runs cost {len(others)} calls besides"
    written = world.cluster.audit.writes(user=USER, resource="emrjobruns", since=mark)
    assert written == []

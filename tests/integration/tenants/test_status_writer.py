"""A tenant whose role gives it `emrjobs.dev/*`: the status is refused, and where it is not, it decides nothing."""

import random
from collections.abc import Callable

import pytest

from tests.integration.tenants.roles import EVERYTHING_OF_OURS, Account, with_rules
from tests.sandbox.emr.admin import Admin
from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import ApiError, Json
from tests.support.poll import until

# The first use may build Helm.
pytestmark = pytest.mark.timeout(600)

ROUNDS = 8

ACTIONS: dict[str, Callable[[Account, str], object]] = {
    "cancel": lambda writer, name: writer.runs.patch_spec(name, cancel=True),
    "delete": lambda writer, name: writer.runs.delete(name),
    "suspend": lambda writer, name: writer.runs.patch_spec(name, suspend=True),
}


@pytest.fixture
def victim(world: World, sim: Admin, neighbour: str) -> Jobs:
    """Another team's jobs."""
    return Jobs(world.kube.runs(neighbour), sim)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_status_copied_from_anothers_object_cancels_nothing_of_the_other(
    world: World, jobs: Jobs, victim: Jobs, seed: int, request: pytest.FixtureRequest
) -> None:
    """Any members of it, before any wish of one's own; in an install without the admission policies."""
    request.getfixturevalue("operator")
    draw = random.Random(seed)
    writer = with_rules(world, jobs.runs.namespace, "writer", [EVERYTHING_OF_OURS])
    theirs = victim.submit("victim", FOR_EVER)
    before = victim.reaches("RUNNING", "victim")
    mine = writer.runs.create("mine", jobs.spec(FOR_EVER, virtualClusterId=victim.cluster))
    jobs.reaches("RUNNING", "mine")
    members = draw.sample(sorted(before), draw.randint(1, len(before)))
    forged = {**{name: before[name] for name in members}, **({"id": before["id"]} if seed % 2 else {})}

    writer.runs.patch("mine", {"status": forged}, subresource="status")
    ACTIONS[draw.choice(sorted(ACTIONS))](writer, "mine")

    own = victim.run_of(mine)["id"]
    victim.submit("witness", "run=0")
    victim.reaches("COMPLETED", "witness")
    until(lambda: victim.run_of(mine)["state"] == "CANCELLED" or settled(jobs), 30, "the wish has had its effect")
    assert {call["job_run_id"] for call in victim.calls("CancelJobRun")} <= {own}
    assert victim.run_of(theirs)["state"] == "RUNNING"
    after = victim.status("victim")
    assert {name: after[name] for name in ("id", "clientToken", "state")} == {
        name: before[name] for name in ("id", "clientToken", "state")
    }


def settled(jobs: Jobs) -> bool:
    """The object is gone, or says that somebody else has written its status."""
    found = jobs.runs.find("mine")
    told = [condition["reason"] for condition in (found or {}).get("status", {}).get("conditions", [])]
    return found is None or "ForeignStatus" in told


FORGERIES: dict[str, Json] = {
    "a state": {"state": "COMPLETED"},
    "an id": {"id": "0000000000000000000"},
    "a token": {"clientToken": "64acab23-3127-4c91-8db0-c743bf82503a"},
    "conditions": {"conditions": [{"type": "Finished", "status": "True"}]},
    "nothing": {"observedGeneration": None},
}


def test_with_the_admission_policies_it_writes_no_status(installed: World, jobs: Jobs) -> None:
    writer = with_rules(installed, jobs.runs.namespace, "writer", [EVERYTHING_OF_OURS])
    job = writer.runs.create("mine", jobs.spec(suspend=True))
    own = {"clientToken": job["metadata"]["uid"]}
    for what, forged in {**FORGERIES, "the token of the object itself": own}.items():
        with pytest.raises(ApiError, match="403") as refused:
            writer.runs.patch("mine", {"status": forged}, subresource="status")
        assert "status is written by the operator alone" in refused.value.message, what

"""The operator is there before its CRD is, and outlives the CRD by no more than a line of its log."""

import json
from collections.abc import Iterator

import pytest

from tests.sandbox.controlplane.binaries import provide, why_not
from tests.sandbox.paths import CRDS
from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT

CRD = "customresourcedefinition/emrjobruns.emrjobs.dev"


@pytest.fixture
def bare() -> Iterator[World]:
    """A cluster that knows nothing of EmrJobRuns yet."""
    if why := why_not():
        pytest.skip(why)
    with World(crds=None, binaries=provide()) as world:
        yield world


@pytest.mark.controlplane
def test_an_operator_that_came_before_its_crd_says_so_watches_soon_and_ends_with_it_in_one_line(bare: World) -> None:
    operator = bare.launch_operator(EMRJOBS_QUOTAS="off")
    until(lambda: "does not serve emrjobruns.emrjobs.dev" in operator.readiness(), 30, "says what is missing")
    bare.cluster.kubectl("apply", "-f", str(CRDS))
    operator.wait_ready()
    bare.kube.create_namespace("team")
    jobs = Jobs(bare.kube.runs("team"), bare.sim)
    jobs.submit(script="run=0")
    jobs.reaches("COMPLETED")

    bare.cluster.kubectl("delete", CRD, "--wait=false")
    until(lambda: operator.returncode is not None, 60, lambda: f"ends\n{operator.logs()}")
    lines = [json.loads(line) for line in operator.logs().splitlines()]
    # kopf may say that it closes the watch of another kind.
    errors = [line for line in lines if line["level"] == "ERROR" and line["logger"].startswith("emrjobs")]
    assert operator.returncode == 1
    assert [line["message"] for line in errors] == ["ending, to be started again"], errors


POLICIES = "customresourcedefinition/emrjobpolicies.emrjobs.dev"


@pytest.mark.controlplane
def test_without_the_kind_of_policies_runs_are_followed_and_none_is_started(bare: World) -> None:
    bare.cluster.kubectl("apply", "-f", str(CRDS))
    bare.kube.create_namespace("team")
    jobs = Jobs(bare.kube.runs("team"), bare.sim)
    first = bare.operator(**ENVIRONMENT)
    going = jobs.submit("going", FOR_EVER)
    jobs.reaches("RUNNING", "going")

    bare.cluster.kubectl("delete", POLICIES, "--wait=false")
    until(lambda: first.returncode is not None, 60, lambda: f"ends\n{first.logs()}")
    bare.forget_leases()
    second = bare.launch_operator(**ENVIRONMENT)
    waiting = jobs.submit("waits", "run=0")
    jobs.explains("PolicyNotLoaded", "waits")
    bare.sim.put_state(jobs.status("going")["id"], "COMPLETED")
    jobs.reaches("COMPLETED", "going")
    assert "does not serve emrjobpolicies.emrjobs.dev" in second.readiness()
    jobs.one_run_each([going])

    bare.cluster.kubectl("apply", "-f", str(CRDS))
    until(lambda: second.returncode == 1, 60, lambda: f"ends, to be started again\n{second.logs()}")
    bare.forget_leases()
    bare.operator(**ENVIRONMENT)
    jobs.reaches("COMPLETED", "waits")
    jobs.one_run_each([going, waiting])

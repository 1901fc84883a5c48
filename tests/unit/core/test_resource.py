"""What is asked of an object as a whole: what holds it, what its request may meet, whether its spec is needed."""

import pytest

from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.circuit_breaker import CircuitKey, keys
from emrjobs.core.job_run.resource import spec_over
from tests.support.builders import CLUSTER, ROLE, World, a_run


def test_it_may_meet_a_busy_cluster_or_a_missing_right_of_its_role() -> None:
    assert keys(a_run().resource) == (
        CircuitKey(Verdict.BUSY, CLUSTER),
        CircuitKey(Verdict.DENIED, CLUSTER, "team-a", ROLE),
    )


def test_without_a_role_of_its_own_the_right_is_that_of_the_template() -> None:
    template = a_run().with_members(executionRoleArn=None, releaseLabel=None, jobDriver=None, jobTemplateId="0template")
    assert keys(template.resource) == (
        CircuitKey(Verdict.BUSY, CLUSTER),
        CircuitKey(Verdict.DENIED, CLUSTER, "team-a", template="0template"),
    )


def test_what_cannot_be_read_meets_nothing() -> None:
    assert keys(a_run().unreadable().resource) == ()


@pytest.mark.parametrize(
    ("world", "over"),
    [
        pytest.param(a_run(), False, id="new"),
        pytest.param(a_run().intended(), False, id="perhaps sent"),
        pytest.param(a_run().running(), True, id="running"),
        pytest.param(a_run().running().saying(virtual_cluster_id=None), False, id="in an unknown virtual cluster"),
        pytest.param(a_run().failed_once(), False, id="between attempts"),
        pytest.param(a_run().ended(), True, id="ended"),
        pytest.param(a_run().ended().saying(id=None), True, id="ended without a run"),
    ],
)
def test_the_spec_is_needed_until_its_request_is_accepted_for_good(world: World, over: bool) -> None:
    assert bool(spec_over(world.status)) == over

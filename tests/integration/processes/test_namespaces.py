"""An operator for two namespaces: rights there and nowhere else, and no eye for the others."""

from collections.abc import Iterator

import pytest

from tests.sandbox.rights import NAMESPACE, USER
from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.shared_operator import ENVIRONMENT

TEAMS = ("team-a", "team-b")


@pytest.fixture(scope="module")
def narrow() -> Iterator[World]:
    """A world where the operator has Roles only."""
    with World(namespaces=TEAMS) as narrow:
        narrow.kube.create_namespace("elsewhere")
        yield narrow


@pytest.mark.controlplane
def test_two_namespaces_are_served_and_no_other(narrow: World) -> None:
    operator = narrow.operator(**ENVIRONMENT)
    elsewhere = Jobs(narrow.kube.runs("elsewhere"), narrow.sim)
    elsewhere.submit()
    teams = [Jobs(narrow.kube.runs(team), narrow.sim) for team in TEAMS]

    submitted = [(jobs, jobs.submit("done", "run=0"), jobs.submit("going", FOR_EVER)) for jobs in teams]
    for jobs, done, going in submitted:
        jobs.reaches("COMPLETED", "done")
        jobs.reaches("RUNNING", "going")
        jobs.one_run_each([done, going])
        jobs.runs.delete("going")
        jobs.gone("going")

    assert elsewhere.at_endpoint() == []
    assert elsewhere.status() == {"observedGeneration": -1}
    asked = [event for event in narrow.cluster.audit_events() if event.user == USER]
    assert {event.namespace for event in asked} <= {*TEAMS, NAMESPACE}
    assert [event for event in asked if event.code == 403] == []
    assert operator.terminate() == 0

"""An operator that may not read the policies: it submits nothing, says so, and follows what runs."""

from pathlib import Path

import pytest
import yaml

from tests.sandbox.paths import RULES
from tests.sandbox.rights import ACCOUNT
from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.shared_operator import ENVIRONMENT

pytestmark = [pytest.mark.controlplane, pytest.mark.timeout(300)]
ROLE = f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{ACCOUNT}"


def test_nothing_is_submitted_and_what_runs_is_followed_even_where_policies_are_optional(tmp_path: Path) -> None:
    """One that cannot be read may be for the namespace."""
    given = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    rules = tmp_path / "rules.yaml"
    rules.write_text(yaml.safe_dump(given), encoding="utf-8")
    with World(rules=rules) as world:
        world.kube.create_namespace("team-a")
        jobs = Jobs(world.kube.runs("team-a"), world.sim)
        first = world.operator(**ENVIRONMENT)
        going = jobs.submit("going", FOR_EVER)
        jobs.reaches("RUNNING", "going")
        first.terminate()

        role = world.kube.request("GET", ROLE)
        fewer = [rule for rule in role["rules"] if rule not in given["clusterRules"]]
        world.kube.request("PUT", ROLE, {**role, "rules": fewer})
        second = world.launch_operator(**ENVIRONMENT)
        waiting = jobs.submit("waits", "run=0")
        jobs.explains("PolicyNotLoaded", "waits")
        jobs.sim.put_state(jobs.status("going")["id"], "COMPLETED")
        jobs.reaches("COMPLETED", "going")
        assert "the policies are not loaded yet: nothing is submitted" in second.readiness()
        jobs.one_run_each([going])

        latest = world.kube.request("GET", ROLE)
        world.kube.request("PUT", ROLE, {**latest, "rules": role["rules"]})
        jobs.reaches("COMPLETED", "waits")
        jobs.one_run_each([going, waiting])

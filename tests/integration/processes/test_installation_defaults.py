"""Defaults of the installation, for objects that say nothing: the operator acts on them within what confines it."""

import json

import pytest

from tests.integration.lifecycle_table import finish_long_ago
from tests.sandbox.rights import CONFINED
from tests.sandbox.world import World
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.shared_operator import ENVIRONMENT

pytestmark = [pytest.mark.controlplane, pytest.mark.timeout(300)]
POLICY = f"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/{CONFINED}"
ASKED = "has(oldObject.spec.ttlSecondsAfterFinished) && "


def test_objects_that_say_nothing_end_and_go_by_the_defaults_and_others_by_their_own() -> None:
    with World() as world:
        policy = world.kube.request("GET", POLICY)
        text = json.dumps(policy)
        assert ASKED in text
        # As the chart makes it where settings.defaultTtl is given.
        world.kube.request("PUT", POLICY, json.loads(text.replace(ASKED, "")))
        world.kube.create_namespace("team-a")
        jobs = Jobs(world.kube.runs("team-a"), world.sim)
        world.operator(**ENVIRONMENT, EMRJOBS_DEFAULT_TTL="60", EMRJOBS_DEFAULT_ACTIVE_DEADLINE="60")
        jobs.submit("job", "run=0")
        jobs.submit("own", FOR_EVER, activeDeadlineSeconds=1, ttlSecondsAfterFinished=100_000)
        jobs.submit("keeps", "run=0", ttlSecondsAfterFinished=100_000)
        jobs.reaches("COMPLETED")
        jobs.explains("DeadlineExceeded", "own")
        jobs.reaches("COMPLETED", "keeps")

        finish_long_ago(jobs)

        jobs.gone()
        assert jobs.status("keeps")["state"] == "COMPLETED"

"""Whole status documents of what our own members bring about, and the line that `kubectl get` has for each."""

from typing import Any

import pytest

from tests.sandbox.world import World
from tests.support.golden import must_match
from tests.support.jobs import FOR_EVER, Jobs, ready
from tests.support.kube import Json

pytestmark = pytest.mark.usefixtures("operator")

SLOWLY: Json = {"limit": 3, "backoffSeconds": 600, "maxBackoffSeconds": 600}
AT_ONCE: Json = {"limit": 1, "backoffSeconds": 1, "maxBackoffSeconds": 1}
CASES: list[tuple[str, str, str, Json, Json]] = [
    ("held", "Suspended", "run=0", {"suspend": True}, {}),
    ("held-after-a-run", "Suspended", FOR_EVER, {}, {"suspend": True}),
    ("cancelled", "Cancelled", FOR_EVER, {}, {"cancel": True}),
    ("never-started", "Cancelled", FOR_EVER, {"cancel": True}, {}),
    ("deadline", "DeadlineExceeded", FOR_EVER, {"activeDeadlineSeconds": 2}, {}),
    ("between-attempts", "Resubmitting", "failure=internal", {"resubmitPolicy": SLOWLY}, {}),
    ("failed-twice", "JobFailed", "failure=internal", {"resubmitPolicy": AT_ONCE}, {}),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_status_and_its_line(
    world: World, jobs: Jobs, namespace: str, case: tuple[str, str, str, Json, Json]
) -> None:
    golden, reason, script, members, later = case
    job = jobs.submit(script=script, **members)
    if later:
        jobs.reaches("RUNNING")
        jobs.runs.patch_spec("job", **later)

    status = jobs.explains(reason)

    runs = sorted(jobs.at_endpoint(), key=lambda run: len(run["client_token"]))
    known: dict[str, Any] = {"UID": job["metadata"]["uid"], "CLUSTER": jobs.cluster}
    known |= {f"RUN{number}": run["id"] for number, run in enumerate(runs, start=1)}
    must_match(golden, status, known)
    line = world.cluster.kubectl("-n", namespace, "get", "ejr", "-o", "wide", "--no-headers").stdout
    assert line.split()[:2] == ["job", status["state"]]
    described = world.cluster.kubectl("-n", namespace, "describe", "ejr", "job").stdout
    assert ready(status)["message"] in " ".join(described.split())

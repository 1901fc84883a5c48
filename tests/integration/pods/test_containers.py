"""A container is started, probed, restarted and ended as a kubelet does it."""

from typing import Any

import pytest

from tests.integration.pods.web import PORTS, READINESS, SERVER, server
from tests.sandbox.world import World
from tests.support.pod_fixtures import pods, workloads
from tests.support.poll import until
from tests.support.workloads import Workloads, condition, container, first_container

__all__ = ["pods", "workloads"]

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("handler", "code", "said"),
    [
        ("lambda *_: (print('asked to end', flush=True), sys.exit(0))", 0, "hears\nasked to end\n"),
        ("signal.SIG_IGN", 137, "hears\n"),
    ],
    ids=["one that ends when asked", "one that does not hear"],
)
def test_a_pod_that_is_deleted_is_asked_first(workloads: Workloads, handler: str, code: int, said: str) -> None:
    hears = f"import signal, sys\nsignal.signal(signal.SIGTERM, {handler})\nprint('hears', flush=True)\n"
    script = hears + "while True: signal.pause()"
    workloads.pod("patient", container(script))
    running = workloads.pod_shows(lambda pod: "running" in first_container(pod).get("state", {}), "runs", "patient")
    until(lambda: "hears" in workloads.log("patient"), 20, "it hears signals")

    workloads.delete_pod("patient")

    last = workloads.history("/api/v1/pods", running, over=lambda _: False)[-1]
    assert first_container(last)["state"]["terminated"]["exitCode"] == code
    assert workloads.log("patient") == said


def test_a_container_that_crashes_is_started_again_and_waits_longer(workloads: Workloads) -> None:
    workloads.pod("crashing", container("raise SystemExit(4)"))

    found = workloads.pod_shows(
        lambda pod: (
            first_container(pod).get("restartCount", 0) >= 2
            and first_container(pod)["state"].get("waiting", {}).get("reason") == "CrashLoopBackOff"
        ),
        "is in back-off",
        "crashing",
    )

    assert first_container(found)["lastState"]["terminated"]["exitCode"] == 4
    assert condition(found, "Ready") == "False"
    assert found["status"]["phase"] == "Running"


def test_readiness_follows_its_probe(workloads: Workloads) -> None:
    """Three answers of each kind in turn."""
    created = workloads.pod("moody", server(SERVER.replace("CODE", "(200, 503)[Handler.asked // 3 % 2]")))
    said: list[str] = []

    def over(pod: Json) -> bool:
        now = condition(pod, "Ready")
        if now and (not said or said[-1] != now):
            said.append(now)
        return said[-4:] == ["False", "True", "False", "True"]

    workloads.history("/api/v1/pods", created, over)

    assert said == ["False", "True", "False", "True"]


def test_a_container_that_fails_its_liveness_is_started_again(workloads: Workloads) -> None:
    probe = {**READINESS, "failureThreshold": 2}
    workloads.pod("dying", server(SERVER.replace("CODE", "500"), readinessProbe=None, livenessProbe=probe))

    found = workloads.pod_shows(lambda pod: first_container(pod).get("restartCount") == 1, "is restarted", "dying")

    assert "asked to end" in workloads.log("dying")
    assert found["status"]["phase"] == "Running"


def test_liveness_waits_for_the_startup(workloads: Workloads) -> None:
    """The startup never passes and may fail often: the liveness, which would fail at once, is never asked."""
    script = SERVER.replace("CODE", "500").replace("Handler.asked += 1", "print(self.path, flush=True)")
    startup = {"httpGet": {"path": "/startup", "port": 8080}, "periodSeconds": 1, "failureThreshold": 4}
    liveness = {"httpGet": {"path": "/liveness", "port": 8080}, "periodSeconds": 1, "failureThreshold": 1}
    workloads.pod("slow", container(script, ports=PORTS, startupProbe=startup, livenessProbe=liveness))

    workloads.pod_shows(lambda pod: first_container(pod).get("restartCount") == 1, "is restarted", "slow")

    first_life = workloads.log("slow").partition("asked to end")[0].splitlines()
    assert first_life
    assert set(first_life) == {"/startup"}


def test_kubectl_tells_what_a_container_said(world: World, workloads: Workloads) -> None:
    workloads.pod("talking", container("print('first'); print('second')"), restartPolicy="Never")
    workloads.pod_shows(lambda pod: pod["status"]["phase"] == "Succeeded", "has spoken", "talking")

    said = world.cluster.kubectl("logs", "talking", "--tail=1", "-n", workloads.namespace).stdout

    assert said == "second\n"


def test_a_pod_with_a_deadline_fails_at_it(workloads: Workloads) -> None:
    workloads.pod("late", container("import signal; signal.pause()"), restartPolicy="Never", activeDeadlineSeconds=1)

    found = workloads.pod_shows(lambda pod: pod["status"]["phase"] == "Failed", "is too late", "late")

    assert found["status"]["reason"] == "DeadlineExceeded"
    assert first_container(found)["state"]["terminated"]["exitCode"] == 137


def test_what_is_not_played_is_refused(workloads: Workloads) -> None:
    """Else a test would lean on a probe that nobody asks."""
    probe = {"exec": {"command": ["true"]}}
    workloads.pod("odd", container("import signal; signal.pause()", readinessProbe=probe))

    found = workloads.pod_shows(lambda pod: _waits_for(pod) == "CreateContainerConfigError", "says why", "odd")

    assert "only httpGet and tcpSocket" in first_container(found)["state"]["waiting"]["message"]


def _waits_for(pod: Json) -> str | None:
    reason: str | None = first_container(pod).get("state", {}).get("waiting", {}).get("reason")
    return reason

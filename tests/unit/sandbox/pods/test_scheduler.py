"""Where pods go: taints, selectors, anti-affinity, spread."""

from typing import Any

import pytest

from tests.sandbox.pods.scheduler import choose, selects

Json = dict[str, Any]

ZONE = "topology.kubernetes.io/zone"
SELECTOR = {"matchLabels": {"app": "web"}}
SPREAD = {"maxSkew": 1, "topologyKey": ZONE, "labelSelector": SELECTOR}


def node(name: str, **spec: object) -> Json:
    return {"metadata": {"name": name, "labels": {ZONE: f"zone-{name}", "disk": name}}, "spec": spec}


def pod(on: str | None = None, app: str = "web", **spec: object) -> Json:
    where = {"nodeName": on} if on else {}
    return {"metadata": {"namespace": "a", "labels": {"app": app}}, "spec": {**where, **spec}}


A, B = node("a"), node("b")
TAINT = {"key": "only", "value": "them", "effect": "NoSchedule"}
HARD = {**SPREAD, "whenUnsatisfiable": "DoNotSchedule"}
SOFT = {**SPREAD, "whenUnsatisfiable": "ScheduleAnyway"}
APART = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": ZONE, "labelSelector": SELECTOR}]
    }
}


@pytest.mark.parametrize(
    ("wanted", "nodes", "there", "chosen"),
    [
        pytest.param(pod(), [A, B], [pod("a")], "b", id="the emptier node"),
        pytest.param(pod(), [node("a", unschedulable=True)], [], None, id="no node that is cordoned"),
        pytest.param(pod(), [node("a", taints=[TAINT])], [], None, id="no node with a taint"),
        pytest.param(
            pod(tolerations=[{"key": "only", "value": "them", "effect": "NoSchedule"}]),
            [node("a", taints=[TAINT])],
            [],
            "a",
            id="a taint that is tolerated by its value",
        ),
        pytest.param(
            pod(tolerations=[{"operator": "Exists"}]), [node("a", taints=[TAINT])], [], "a", id="every taint tolerated"
        ),
        pytest.param(
            pod(tolerations=[{"key": "only", "value": "us"}]),
            [node("a", taints=[TAINT])],
            [],
            None,
            id="another value tolerated",
        ),
        pytest.param(pod(nodeSelector={"disk": "b"}), [A, B], [pod("b")], "b", id="the node that is selected"),
        pytest.param(pod(affinity=APART), [A, B], [pod("a")], "b", id="away from its like"),
        pytest.param(pod(affinity=APART), [A], [pod("a")], None, id="nowhere away from its like"),
        pytest.param(pod(affinity=APART), [A], [pod("a", "other")], "a", id="beside one of another kind"),
        pytest.param(
            pod(topologySpreadConstraints=[SOFT]),
            [A, B],
            [pod("a"), pod("b", "other"), pod("b", "other")],
            "b",
            id="spread wins over emptiness",
        ),
        pytest.param(
            pod(topologySpreadConstraints=[HARD]),
            [A, node("b", unschedulable=True)],
            [pod("a")],
            None,
            id="rather not than out of balance",
        ),
        pytest.param(
            pod(topologySpreadConstraints=[SOFT]),
            [A, node("b", unschedulable=True)],
            [pod("a")],
            "a",
            id="rather out of balance than not",
        ),
    ],
)
def test_a_pod_goes_to(wanted: Json, nodes: list[Json], there: list[Json], chosen: str | None) -> None:
    assert choose(wanted, nodes, there) == chosen


@pytest.mark.parametrize(
    ("expression", "covered"),
    [
        ({"key": "app", "operator": "In", "values": ["web"]}, True),
        ({"key": "app", "operator": "NotIn", "values": ["web"]}, False),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "app", "operator": "DoesNotExist"}, False),
        ({"key": "tier", "operator": "DoesNotExist"}, True),
    ],
)
def test_expressions_of_selectors(expression: Json, covered: bool) -> None:
    assert selects({"matchExpressions": [expression]}, {"app": "web"}) is covered
    assert selects(None, {"app": "web"}) is False

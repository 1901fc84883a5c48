"""One object probes what stands in everybody's way; the others wait for it, and are woken when it is gone."""

from dataclasses import replace
from typing import Any

import pytest

from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.memory import Trouble
from emrjobs.runtime.aws.circuit_breakers import CircuitBreakers
from tests.support.builders import NOON, a_run, seconds

PROBE, OTHER = a_run().resource, replace(a_run().resource, uid="other")
DAY = 86_400


def trouble(at: float, lasts: float = 30, verdict: Verdict = Verdict.BUSY) -> Trouble:
    since = NOON + seconds(at)
    return Trouble(verdict, "Code", "words", 1, since, since + seconds(lasts))


def met(made: CircuitBreakers, at: float, resource: Any = PROBE, verdict: Verdict = Verdict.BUSY) -> None:
    made.met(resource, trouble(at, verdict=verdict), NOON + seconds(at))


def test_the_others_wait_and_are_woken_when_the_probe_gets_through() -> None:
    woken: list[str] = []
    made = CircuitBreakers(woken.append)
    met(made, 0)
    assert made.ahead(PROBE, NOON) is None
    assert made.ahead(OTHER, NOON) is not None
    made.passed(PROBE)
    assert made.ahead(OTHER, NOON) is None
    assert woken == ["other"]


def test_a_refusal_that_lasts_keeps_its_beginning_whoever_probes() -> None:
    made = CircuitBreakers(lambda _: None)
    met(made, 0)
    met(made, 20, OTHER)
    circuit = made.ahead(PROBE, NOON + seconds(20))
    assert circuit is not None
    assert circuit.since == NOON


def test_a_refusal_of_yesterday_says_nothing_about_today() -> None:
    made = CircuitBreakers(lambda _: None)
    met(made, 0)
    met(made, DAY)
    circuit = made.ahead(OTHER, NOON + seconds(DAY))
    assert circuit is not None
    assert circuit.since == NOON + seconds(DAY)


OTHERS = {
    "another namespace": {"namespace": "team-b"},
    "another role": {"executionRoleArn": "arn:aws:iam::123456789012:role/other"},
    "a template": {"jobTemplateId": "abc"},
    "tags": {"tags": {"a": "b"}},
    "another virtual cluster": {"virtualClusterId": "other"},
}


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS.keys())
def test_a_denial_stands_in_the_way_of_no_request_that_differs_in_what_it_may_depend_on(change: dict[str, Any]) -> None:
    made = CircuitBreakers(lambda _: None)
    met(made, 0, verdict=Verdict.DENIED)
    namespace = change.get("namespace", PROBE.namespace)
    members = {name: value for name, value in change.items() if name != "namespace"}
    other = a_run().with_members(**members).having(uid="other", namespace=namespace).resource
    assert made.ahead(OTHER, NOON) is not None
    assert made.ahead(other, NOON) is None


def test_a_full_virtual_cluster_stands_in_the_way_of_every_namespace() -> None:
    made = CircuitBreakers(lambda _: None)
    met(made, 0)
    assert made.ahead(replace(OTHER, namespace="team-b"), NOON) is not None


def test_what_is_past_its_time_is_forgotten_though_nobody_ever_got_through() -> None:
    woken: list[str] = []
    made = CircuitBreakers(woken.append)
    for number in range(1000):
        probe = a_run().with_members(virtualClusterId=f"vc{number}").having(uid=f"{number}").resource
        met(made, 60.0 * number, probe)
        made.ahead(replace(probe, uid=f"waits for {number}"), NOON + seconds(60.0 * number))
    assert len(made) <= 2
    assert len(woken) >= 998

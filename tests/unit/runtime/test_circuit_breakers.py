"""One object probes what stands in everybody's way; the others wait for it, and are woken when it is gone."""

from dataclasses import replace

from emrjobs.core.failures import Verdict
from emrjobs.core.job_run.memory import Trouble
from emrjobs.runtime.aws.circuit_breakers import CircuitBreakers
from tests.support.builders import NOON, a_run, seconds

PROBE, OTHER = a_run().resource, replace(a_run().resource, uid="other")


def busy(at: float, lasts: float = 30) -> Trouble:
    since = NOON + seconds(at)
    return Trouble(Verdict.BUSY, "Code", "words", 1, since, since + seconds(lasts))


def test_the_others_wait_and_are_woken_when_the_probe_gets_through() -> None:
    woken: list[str] = []
    circuit_breakers = CircuitBreakers(woken.append)
    circuit_breakers.met(PROBE, busy(0))
    assert circuit_breakers.ahead(PROBE, NOON) is None
    assert circuit_breakers.ahead(OTHER, NOON) is not None
    circuit_breakers.passed(PROBE)
    assert circuit_breakers.ahead(OTHER, NOON) is None
    assert woken == ["other"]


def test_an_obstacle_that_lasts_keeps_its_beginning_whoever_probes() -> None:
    circuit_breakers = CircuitBreakers(lambda _: None)
    circuit_breakers.met(PROBE, busy(0))
    circuit_breakers.met(OTHER, busy(20))
    open_circuit = circuit_breakers.ahead(PROBE, NOON + seconds(20))
    assert open_circuit is not None
    assert open_circuit.since == NOON


def test_an_obstacle_of_yesterday_says_nothing_about_today() -> None:
    circuit_breakers = CircuitBreakers(lambda _: None)
    circuit_breakers.met(PROBE, busy(0))
    circuit_breakers.met(PROBE, busy(86_400))
    open_circuit = circuit_breakers.ahead(OTHER, NOON + seconds(86_400))
    assert open_circuit is not None
    assert open_circuit.since == NOON + seconds(86_400)

"""One object probes what stands in everybody's way; the others wait for it, and are woken when it is gone."""

from dataclasses import replace

from emrjobs.core.failures import Verdict
from emrjobs.core.memory import Trouble
from emrjobs.runtime.blockades import Blockades
from tests.support.builders import NOON, a_run, seconds

PROBE, OTHER = a_run().resource, replace(a_run().resource, uid="other")


def busy(at: float, lasts: float = 30) -> Trouble:
    since = NOON + seconds(at)
    return Trouble(Verdict.BUSY, "Code", "words", 1, since, since + seconds(lasts))


def test_the_others_wait_and_are_woken_when_the_probe_gets_through() -> None:
    woken: list[str] = []
    blockades = Blockades(woken.append)
    blockades.met(PROBE, busy(0))
    assert blockades.ahead(PROBE, NOON) is None
    assert blockades.ahead(OTHER, NOON) is not None
    blockades.passed(PROBE)
    assert blockades.ahead(OTHER, NOON) is None
    assert woken == ["other"]


def test_an_obstacle_that_lasts_keeps_its_beginning_whoever_probes() -> None:
    blockades = Blockades(lambda _: None)
    blockades.met(PROBE, busy(0))
    blockades.met(OTHER, busy(20))
    obstacle = blockades.ahead(PROBE, NOON + seconds(20))
    assert obstacle is not None
    assert obstacle.since == NOON


def test_an_obstacle_of_yesterday_says_nothing_about_today() -> None:
    blockades = Blockades(lambda _: None)
    blockades.met(PROBE, busy(0))
    blockades.met(PROBE, busy(86_400))
    obstacle = blockades.ahead(OTHER, NOON + seconds(86_400))
    assert obstacle is not None
    assert obstacle.since == NOON + seconds(86_400)

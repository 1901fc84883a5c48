"""Every kind of answer to every effect; watches that end; an API server that is away; a Lease that changes hands."""

from collections.abc import Callable, Iterator

import pytest

from tests.chaos import faults, handover, lasting, outages
from tests.chaos.conftest import Tell
from tests.chaos.forgetting import forgotten
from tests.chaos.in_pod import Inside
from tests.chaos.outages import Outages
from tests.chaos.slowness import lives_with_slow_etcd
from tests.chaos.testbed import ChaosTestbed

AWAY_SECONDS = 120.0
"""How long the API server is away."""


def test_a_conflict_with_any_effect_is_outlived(testbed: ChaosTestbed, tell: Tell) -> None:
    tried = faults.Faults(testbed)
    cases = faults.fault_matrix(tried, kinds=(faults.TOUCHED,))
    tried.fork.kill()
    tell(faults.printed(cases))
    assert faults.wrong(cases) == []


@pytest.mark.long
@pytest.mark.timeout(300)
def test_any_answer_to_any_effect_is_outlived(testbed: ChaosTestbed, tell: Tell) -> None:
    tried = faults.Faults(testbed)
    cases = faults.fault_matrix(tried)
    tried.fork.kill()
    tell(faults.printed(cases))
    assert faults.wrong(cases) == []


@pytest.mark.long
@pytest.mark.timeout(300)
def test_an_answer_that_lasts_is_neither_given_up_on_nor_asked_for_without_a_pause(
    testbed: ChaosTestbed, tell: Tell
) -> None:
    cases = lasting.lasting_matrix(testbed)
    tell(lasting.printed(cases))
    assert lasting.wrong(cases) == []


@pytest.fixture(scope="module")
def hit(testbed: ChaosTestbed) -> Iterator[Outages]:
    hit = Outages(testbed)
    yield hit
    hit.fork.kill()


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "outage",
    [
        pytest.param(lambda o: o.watches_end(5, expired=False), id="watches end"),
        pytest.param(lambda o: o.watches_end(5, expired=True), id="watches expire"),
        pytest.param(lambda o: o.watches_refused(10.0), id="watches are refused"),
        pytest.param(lambda o: o.server_away(AWAY_SECONDS), id="the API server is away"),
    ],
)
def test_nothing_is_lost_while_the_api_server_does_not_tell(
    hit: Outages, outage: Callable[[Outages], outages.Report], tell: Tell
) -> None:
    report = outage(hit)
    tell(outages.printed([report]))
    assert report.wrong == []


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("usual_lease", [True, False], ids=["usual Lease", "short Lease"])
def test_nothing_is_lost_while_etcd_is_slow(testbed: ChaosTestbed, usual_lease: bool, tell: Tell) -> None:
    report = lives_with_slow_etcd(testbed, usual_lease=usual_lease)
    tell(outages.printed([report]))
    assert report.wrong == []


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("change", ["certificate_renewed", "token_replaced"])
def test_what_a_pod_is_given_may_change_below_it(testbed: ChaosTestbed, change: str, tell: Tell) -> None:
    inside = Inside(testbed)
    report = getattr(inside, change)()
    inside.fork.kill()
    tell(outages.printed([report]))
    assert report.wrong == []


@pytest.mark.parametrize(
    "killed",
    [
        pytest.param(True, id="another operator"),
        pytest.param(False, id="the same operator"),
    ],
)
def test_a_token_that_aws_has_forgotten_is_not_sent_again_blindly(
    testbed: ChaosTestbed, killed: bool, tell: Tell
) -> None:
    report = forgotten(testbed, killed=killed)
    tell(outages.printed([report]))
    assert report.wrong == []


QUICK = (handover.killed, handover.stopped_between_decision_and_send)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.__name__, marks=[] if case in QUICK else [pytest.mark.long])
        for case in handover.CASES
    ],
)
def test_a_leader_that_falls_is_followed_and_does_nothing_any_more(
    testbed: ChaosTestbed, case: Callable[[ChaosTestbed], handover.Report], tell: Tell
) -> None:
    report = case(testbed)
    tell(handover.printed([report]))
    assert report.wrong == []

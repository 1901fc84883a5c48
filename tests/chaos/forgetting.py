"""AWS forgets tokens soon: a request whose answer was lost must not be sent again blindly by the next operator."""

from tests.chaos import truth
from tests.chaos.effects import START, Ask
from tests.chaos.fault_injection import CUT_AFTER, CUT_BEFORE, PASS, Fault
from tests.chaos.life import Life, Scenario
from tests.chaos.outages import Report
from tests.chaos.testbed import ChaosTestbed
from tests.support.poll import TimedOut, until

LIFETIME = 3.0
"""Seconds that the endpoint remembers a token."""
TRUST = {"EMRJOBS_TOKEN_TRUST": "1"}
PATIENCE = 60.0
EACH = 4


class LostAnswers:
    """The first request under each token is carried out while its answer is lost; then, until the endpoint is `back`,
    none arrives."""

    def __init__(self) -> None:
        self.back = False
        self.sent: set[str] = set()

    def fault(self, ask: Ask) -> Fault:
        if ask.label != START or self.back:
            return PASS
        if ask.token in self.sent:
            return CUT_BEFORE
        self.sent.add(ask.token)
        return CUT_AFTER


def forgotten(testbed: ChaosTestbed, *, killed: bool) -> Report:
    """The answers are lost, and the endpoint is out of reach until it has forgotten the tokens. `killed`: by then
    another operator has taken over; else the same one goes on."""
    report = Report(f"tokens forgotten, {'another' if killed else 'the same'} operator goes on")
    plan = LostAnswers()
    proxy_state, namespace = testbed.proxy_state(plan), testbed.namespace("forgets")
    runs = testbed.world.kube.runs(namespace)
    testbed.sim.settings(token_lifetime=LIFETIME)
    fork = testbed.operator(proxy_state, namespace, namespace, **TRUST)
    lives = [Life(Scenario("kept"), testbed.name("t"), runs, testbed.sim) for _ in range(EACH)]
    try:
        until(lambda: len(plan.sent) == EACH, PATIENCE, "every request was sent once")
        if killed:
            fork.kill()
        began = testbed.sim.now()
        until(lambda: testbed.sim.now() - began > LIFETIME + 1, PATIENCE, "the endpoint has forgotten the tokens")
        plan.back = True
        if killed:
            fork = testbed.operator(proxy_state, namespace, namespace, **TRUST)

        def over() -> bool:
            items = {item["metadata"]["name"]: item for item in runs.list()}
            ended = [life.step(items.get(life.name)) for life in lives]
            return all(ended)

        until(over, PATIENCE, "all is over")
    except TimedOut as error:
        report.wrong.append(str(error)[:1000])
    finally:
        testbed.sim.settings(token_lifetime=None)
    items = {item["metadata"]["name"]: item for item in runs.list()}
    for life in lives:
        own = testbed.sim.runs(virtual_cluster_id=life.name)
        report.wrong += [f"{life.name}: {text}" for text in truth.of_life(life, items.get(life.name), own)]
    report.objects, report.asked = len(lives), proxy_state.counts()["emr write"]
    fork.kill()
    return report

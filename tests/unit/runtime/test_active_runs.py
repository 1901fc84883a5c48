"""Places for active runs: never more than the policy allows, in order, and none is lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from emrjobs.api.job_run.status import EmrJobRunStatus, PolicyReference, State
from emrjobs.core.job_policy.policies import Policies
from emrjobs.core.job_run.observation import Place
from emrjobs.core.job_run.resource import Resource
from emrjobs.runtime.job_run.active_runs import ActiveRuns
from tests.support.builders import World, a_run
from tests.unit.core.job_policy.policies import policy

POLICY = PolicyReference(name="team-a")
BEGAN = datetime(2026, 1, 31, 10, tzinfo=UTC)


def limits(runs: int | None = None, per_namespace: int | None = None) -> Policies:
    given = {"maxActiveRuns": runs, "maxActiveRunsPerNamespace": per_namespace}
    return Policies([policy(limits={name: value for name, value in given.items() if value is not None})])


def an_object(number: int, world: World | None = None, namespace: str = "a") -> Resource:
    """The one that was created as the number says."""
    made = (world or a_run().queued()).resource
    status = made.status.model_copy(update={"policy": POLICY if made.status.client_token else None})
    created = BEGAN + timedelta(seconds=number)
    return replace(made, uid=f"{number:03}", namespace=namespace, created_at=created, status=status)


RUNNING = a_run().intended().running()


class Line:
    """Limits that are open, and who was woken."""

    def __init__(self, *given: int | None) -> None:
        self.woken: list[str] = []
        self.limits = ActiveRuns(self.woken.append)
        self.limits.replace(limits(*given))
        self.limits.open()

    def ask(self, number: int, namespace: str = "a") -> Place:
        made = an_object(number, namespace=namespace)
        self.limits.insert(made)
        self.limits.ask(made, "team-a")
        return self.limits.place(made, "team-a")

    def now(self, number: int, world: World, namespace: str = "a") -> None:
        """The object is so from now on."""
        self.limits.insert(an_object(number, world, namespace))


def test_without_a_limit_nobody_gets_in_line() -> None:
    assert ActiveRuns(lambda _: None).place(an_object(1), "team-a") is Place.FREE


def test_a_limit_of_zero_starts_nothing() -> None:
    assert Line(0).ask(1) is Place.AWAITED


def test_each_end_wakes_exactly_one_the_oldest() -> None:
    line = Line(1)
    assert [line.ask(number) for number in (5, 4, 3, 2)] == [Place.HELD, *[Place.AWAITED] * 3]
    line.now(5, RUNNING)
    assert line.woken == []
    line.now(5, a_run().intended().ended())
    assert line.woken == ["002"]


GIVEN_BACK = {
    "suspended": a_run().suspended(),
    "being deleted": a_run().queued().deleting(),
    "rejected": a_run().rejected(),
    "ended": a_run().intended().ended(),
    "between two attempts": a_run().failed_once(),
}


@pytest.mark.parametrize("world", GIVEN_BACK.values(), ids=GIVEN_BACK)
def test_a_place_is_given_back_by_what_does_not_run(world: World) -> None:
    line = Line(1)
    line.ask(1)
    line.now(1, RUNNING)
    line.ask(2)
    line.now(1, world)
    assert line.woken == ["002"]


def test_a_granted_place_is_kept_while_the_object_waits_for_the_rate_limit() -> None:
    line = Line(1)
    line.ask(1)
    line.ask(2)
    line.now(1, a_run().queued())
    assert (line.woken, line.limits.counts("team-a")) == ([], (1, 1))


def test_what_waits_no_longer_is_left_out() -> None:
    line = Line(1)
    for number in (1, 2, 3):
        line.ask(number)
    line.now(2, a_run().suspended())
    line.now(1, a_run().intended().ended())
    assert line.woken == ["003"]


def test_an_object_that_is_gone_gives_its_place_back() -> None:
    line = Line(1)
    line.ask(1)
    line.ask(2)
    line.limits.remove(an_object(1).gone())
    assert line.woken == ["002"]


def test_namespaces_take_turns_each_in_its_own_order() -> None:
    line = Line(4, 2)
    for number in range(6):
        line.ask(number, "greedy")
    assert line.ask(10, "modest") is Place.HELD
    assert line.ask(11, "modest") is Place.HELD
    assert line.ask(12, "modest") is Place.AWAITED
    line.now(0, a_run().intended().ended(), "greedy")
    assert line.woken == ["002"]
    line.now(10, a_run().intended().ended(), "modest")
    assert line.woken == ["002", "012"]


def test_nothing_is_granted_before_all_that_runs_is_known() -> None:
    woken: list[str] = []
    active = ActiveRuns(woken.append)
    active.replace(limits(2))
    waiting = [an_object(number) for number in (3, 2, 1)]
    for resource in waiting:
        active.insert(resource)
        active.ask(resource, "team-a")
    assert {active.place(resource, "team-a") for resource in waiting} == {Place.AWAITED}
    active.insert(an_object(9, RUNNING))
    active.open()
    assert woken == ["001"]


def test_a_lower_limit_stops_nobody_and_a_higher_one_wakes_those_that_fit() -> None:
    line = Line(2)
    for number in range(5):
        line.ask(number)
    line.limits.replace(limits(1))
    assert line.limits.counts("team-a") == (2, 3)
    line.now(0, a_run().intended().ended())
    assert line.woken == []
    line.limits.replace(limits(3))
    assert line.woken == ["002", "003"]


class Lives(RuleBasedStateMachine):
    """Objects come, run, end, fail, are suspended and go, in any order; limits change."""

    objects = Bundle("objects")

    @initialize(most=st.integers(0, 3), per_namespace=st.one_of(st.none(), st.integers(0, 2)))
    def begin(self, most: int, per_namespace: int | None) -> None:
        self.woken: list[str] = []
        self.active = ActiveRuns(self.woken.append)
        self.active.replace(limits(most, per_namespace))
        self.active.open()
        self.most, self.per_namespace = most, per_namespace
        self.namespaces: dict[int, str] = {}
        self.running: set[int] = set()
        self.allowed = 0

    @rule(target=objects, number=st.integers(0, 8), namespace=st.sampled_from("ab"))
    def ask(self, number: int, namespace: str) -> int:
        made = an_object(number, namespace=self.namespaces.setdefault(number, namespace))
        if number not in self.running:
            self.active.insert(made)
            if self.active.place(made, "team-a") is Place.NEEDED:
                self.active.ask(made, "team-a")
        return number

    @rule(number=objects)
    def run(self, number: int) -> None:
        """Record the intent, as a pass does that holds a place."""
        if self.active.place(self._of(number), "team-a") is Place.HELD:
            self.active.insert(self._of(number, RUNNING))
            self.running.add(number)

    @rule(number=objects, world=st.sampled_from(list(GIVEN_BACK.values())))
    def stop(self, number: int, world: World) -> None:
        self.running.discard(number)
        self.active.insert(self._of(number, world))

    @rule(number=objects)
    def go(self, number: int) -> None:
        self.running.discard(number)
        self.active.remove(self._of(number).gone())

    @invariant()
    def never_more_than_allowed_and_no_place_lost(self) -> None:
        held, waiting = self.active.counts("team-a")
        assert held <= self.most
        holding = [n for n in self.namespaces if self.active.place(self._of(n), "team-a") is Place.HELD]
        assert self.running <= set(holding)
        assert len(holding) == held
        in_line = [n for n in self.namespaces if self.active.place(self._of(n), "team-a") is Place.AWAITED]
        assert len(in_line) == waiting
        for number in in_line:
            mine = [n for n in holding if self.namespaces[n] == self.namespaces[number]]
            assert held == self.most or (self.per_namespace is not None and len(mine) >= self.per_namespace)

    def _of(self, number: int, world: World | None = None) -> Resource:
        return an_object(number, world, self.namespaces.get(number, "a"))


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


def test_what_the_status_says_decides_who_is_active_after_a_restart() -> None:
    status = EmrJobRunStatus.model_validate(
        {"state": State.RUNNING, "clientToken": "t", "id": "0a", "policy": {"name": "team-a"}}
    )
    active = ActiveRuns(lambda _: None)
    active.insert(replace(an_object(1), status=status))
    assert active.counts("team-a") == (1, 0)

"""Lists, pages, descriptions and the admin's truth agree, whatever is done in whatever order."""

from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.sandbox.emr.ids import DEFAULT_VIRTUAL_CLUSTER
from tests.sandbox.emr.life import Run
from tests.sandbox.emr.samples import request
from tests.sandbox.emr.scripts import ACTIVE, TERMINAL
from tests.unit.sandbox.emr.local import REGION, Local

VC = DEFAULT_VIRTUAL_CLUSTER
EDGES = {
    "PENDING": {"SUBMITTED", "CANCEL_PENDING", "FAILED"},
    "SUBMITTED": {"RUNNING", "CANCEL_PENDING", "FAILED"},
    "RUNNING": {"RUNNING", "CANCEL_PENDING", "COMPLETED", "FAILED", "CANCELLED"},
    "CANCEL_PENDING": set(TERMINAL),
    "COMPLETED": set(),
    "FAILED": set(),
    "CANCELLED": set(),
}
SCRIPTS = (
    "",
    "race=lose",
    "race=race;cancel=0.5",
    "outcome=FAILED",
    "outcome=CANCELLED",
    "failure=internal",
    "failure=no-resources",
    "fails=1",
    "stuck=RUNNING",
    "stuck=SUBMITTED",
    "stuck=CANCEL_PENDING",
    "pending=0;submitted=0;run=0",
)


class Agreement(RuleBasedStateMachine):
    """Up to thirty steps; after each of them everything is compared."""

    @initialize(limit=st.sampled_from([None, 1, 3]))
    def world(self, limit: int | None) -> None:
        self.local = Local()
        self.limit = limit
        self.tokens: dict[str, str] = {}
        if limit is not None:
            change = {"schedulerConfiguration": {"maxConcurrentJobRuns": limit}}
            self.local.service.put_cluster(VC, change, None)

    @property
    def runs(self) -> list[Run]:
        return self.local.service.region("123456789012", REGION).runs.all()

    @rule(token=st.integers(0, 15), script=st.sampled_from(SCRIPTS), name=st.sampled_from("ab"))
    def start(self, token: int, script: str, name: str) -> None:
        policy = {"maxAttempts": 2} if "fails" in script else None
        sent = request(f"t{token}", script or None, name=name, retryPolicyConfiguration=policy)
        run_id = self.local.call("StartJobRun", **sent)["id"]
        assert self.tokens.setdefault(f"t{token}", run_id) == run_id

    @rule(seconds=st.sampled_from([0.05, 0.31, 1.0, 3.0, 1000.0]))
    def wait(self, seconds: float) -> None:
        self.local.advance(seconds)

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        run_id = data.draw(st.sampled_from(sorted(self.tokens.values())))
        (run,) = (run for run in self.runs if run.id == run_id)
        before, known = run.now.state, not run.forgotten
        answer = self.local.answer("CancelJobRun", virtualClusterId=VC, id=run_id)
        allowed = known and before in {"PENDING", "SUBMITTED", "RUNNING"}
        assert (answer.error is None) is allowed
        if allowed:
            assert "CANCEL_PENDING" in [moment.state for moment in run.history]

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        run_id = data.draw(st.sampled_from(sorted(self.tokens.values())))
        region = self.local.service.region("123456789012", REGION)
        region.runs.forget(next(run for run in self.runs if run.id == run_id))

    def listed(self, size: int, **filters: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        following: dict[str, Any] = {}
        while True:
            page = self.local.call("ListJobRuns", virtualClusterId=VC, maxResults=size, **filters, **following)
            assert len(page["jobRuns"]) <= size
            items += page["jobRuns"]
            assert len(items) <= len(self.runs), "pages repeat"
            if "nextToken" not in page:
                return items
            following = {"nextToken": page["nextToken"]}

    @invariant()
    def pages_of_any_size_show_every_known_run_once_newest_first(self) -> None:
        known = [run.id for run in reversed(self.runs) if not run.forgotten]
        for size in (1, 3, 100):
            assert [item["id"] for item in self.listed(size)] == known

    @invariant()
    def lists_and_descriptions_say_the_same(self) -> None:
        for item in self.listed(100):
            assert item == self.local.call("DescribeJobRun", virtualClusterId=VC, id=item["id"])["jobRun"]

    @invariant()
    def lists_by_state_and_name_pick_from_the_whole_list(self) -> None:
        everything = self.listed(100)
        for states in ([*ACTIVE], [*TERMINAL], ["RUNNING"], ["PENDING", "FAILED"]):
            assert self.listed(2, states=states) == [item for item in everything if item["state"] in states]
        assert self.listed(2, name="a") == [item for item in everything if item["name"] == "a"]

    @invariant()
    def histories_are_legal(self) -> None:
        for run in self.runs:
            assert run.history[0].state == "PENDING"
            for earlier, later in zip(run.history, run.history[1:], strict=False):
                assert later.at >= earlier.at
                assert later.state in EDGES[earlier.state]
            assert (run.finished_at is not None) is (run.now.state in TERMINAL)

    @invariant()
    def no_more_run_at_once_than_the_limit(self) -> None:
        running = [run for run in self.runs if run.now.state in {"SUBMITTED", "RUNNING"}]
        assert self.limit is None or len(running) <= self.limit


TestAgreement = Agreement.TestCase
TestAgreement.settings = hypothesis_settings(max_examples=25, stateful_step_count=30, deadline=None)

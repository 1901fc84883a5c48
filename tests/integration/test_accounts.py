"""Policies that name another account or Region: whose identity is used, and what one account's trouble touches."""

import json
from collections.abc import Callable, Iterator

import pytest

from tests.integration.test_policies import five_lines
from tests.integration.test_policies import other as other
from tests.integration.test_policy_kind import policies as policies
from tests.sandbox.emr.admin import Admin
from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.world import REGION, World
from tests.support.event_queue import message, sqs_server
from tests.support.fixtures import StartOperator
from tests.support.job_policies import Policies, policy_in, submit_role
from tests.support.jobs import FOR_EVER, Jobs
from tests.support.kube import Json
from tests.support.poll import until
from tests.support.shared_operator import ENVIRONMENT
from tests.support.sts import Sts, sts_server

A, B = "222222222222", "333333333333"
OTHER_REGION = "us-east-1"


@pytest.fixture
def sts(sim: Admin) -> Iterator[Sts]:
    with sts_server(sim) as server:
        yield server


@pytest.fixture
def start(start_operator: StartOperator, sts: Sts) -> Callable[..., OperatorProcess]:
    def begin(**environment: str) -> OperatorProcess:
        given = {**ENVIRONMENT, "EMRJOBS_POLICY": "required", **sts.environment}
        return start_operator(**{**given, **environment})

    return begin


def callers(jobs: Jobs, operation: str | None = None) -> set[tuple[str, str]]:
    """Account and Region of every such call about a team's virtual cluster."""
    return {(call["account"], call["region"]) for call in jobs.calls(operation)}


def test_each_team_runs_in_its_own_account_and_region(
    jobs: Jobs, other: Jobs, policies: Policies, sts: Sts, start: Callable[..., OperatorProcess]
) -> None:
    sts.external_ids[submit_role(A)] = "secret-of-a"
    policies.create("a", policy_in(jobs, A, externalId="secret-of-a"))
    policies.create("b", policy_in(other, B, region=OTHER_REGION))
    operator = start(EMRJOBS_INSTALLATION="main")
    for team, account, region in ((jobs, A, REGION), (other, B, OTHER_REGION)):
        made = team.runs.create("job", five_lines(team))
        status = team.reaches("COMPLETED")
        assert status["aws"] == {"account": account, "region": region}
        assert status["arn"].startswith(f"arn:aws:emr-containers:{region}:{account}:")
        cancelled = team.runs.create("stopped", five_lines(team, FOR_EVER))
        team.reaches("RUNNING", "stopped")
        team.runs.patch("stopped", {"spec": {"cancel": True}})
        team.reaches("CANCELLED", "stopped")
        team.one_run_each([made, cancelled])
        assert callers(team) == {(account, region)}
    tags = {key: value for key, value in sts.asked_for(A)[0].items() if key.startswith("Tags")}
    assert [value for key, value in tags.items() if key.endswith("Value")] == [
        jobs.runs.namespace,
        policies.name("a"),
        "main",
    ]
    names = {request["RoleSessionName"] for request in sts.asked_for(A)}
    assert names == {"emrjobs", f"emrjobs-{jobs.runs.namespace}"}
    assert {request["Region"] for request in sts.asked} == {REGION}, "STS is asked where the operator is"
    assert "secret-of-a" not in operator.logs()


def test_without_the_external_id_nothing_is_sent_under_any_identity(
    jobs: Jobs, other: Jobs, policies: Policies, sts: Sts, start: Callable[..., OperatorProcess]
) -> None:
    sts.external_ids[submit_role(A)] = "secret-of-a"
    policies.create("a", policy_in(jobs, A))
    policies.create("b", policy_in(other, B))
    start()
    made = jobs.runs.create("job", five_lines(jobs))
    waiting = jobs.explains("AccountUnreachable")
    assert waiting["state"] == "QUEUED"
    assert "AssumeRole answers AccessDenied" in str(waiting["conditions"])
    other.runs.create("job", five_lines(other))
    other.reaches("COMPLETED")
    assert jobs.calls() == []
    policies.patch("a", {"aws": {"externalId": "secret-of-a"}})
    jobs.reaches("COMPLETED")
    jobs.one_run_each([made])


def test_an_operator_that_begins_again_follows_each_run_in_its_account(
    jobs: Jobs, policies: Policies, start: Callable[..., OperatorProcess], world: World
) -> None:
    policies.create("a", policy_in(jobs, A))
    first = start()
    made = jobs.runs.create("job", five_lines(jobs, FOR_EVER))
    status = jobs.reaches("RUNNING")
    first.kill()
    world.forget_leases()
    jobs.sim.put_state(status["id"], "COMPLETED")
    start()
    jobs.reaches("COMPLETED")
    jobs.one_run_each([made])
    assert callers(jobs) == {(A, REGION)}


def test_trust_that_is_revoked_leaves_the_run_as_it_is_until_it_is_back(
    jobs: Jobs, other: Jobs, policies: Policies, sts: Sts, start: Callable[..., OperatorProcess], world: World
) -> None:
    for team, account in ((jobs, A), (other, B)):
        policies.create(account, policy_in(team, account))
    first = start()
    for team in (jobs, other):
        team.runs.create("job", five_lines(team, FOR_EVER))
        team.reaches("RUNNING")
    # What a session allows already, it allows until it ends: a process that begins has none.
    first.kill()
    world.forget_leases()
    sts.faults[A] = "AccessDenied"
    second = start()
    assert jobs.explains("LookFailed")["state"] == "RUNNING"
    jobs.runs.create("next", five_lines(jobs))
    jobs.explains("AccountUnreachable", "next")
    other.sim.put_state(other.status()["id"], "COMPLETED")
    other.reaches("COMPLETED")
    assert json.loads(second.readiness())["ok"]
    sts.faults.clear()
    jobs.reaches("COMPLETED", "next")
    assert jobs.shows(lambda seen: "LookFailed" not in str(seen), "is followed again")["state"] == "RUNNING"
    assert callers(jobs) == {(A, REGION)}


FORGED: dict[str, Json] = {
    "the other's account": {"aws": {"account": B, "region": REGION}},
    "no account": {"aws": None},
    "the other's policy": {"policy": {"name": "POLICY-B"}},
    "another region": {"aws": {"account": A, "region": OTHER_REGION}},
}


@pytest.mark.parametrize("members", FORGED.values(), ids=FORGED)
def test_a_forged_account_has_nothing_sent_and_nothing_cancelled_there(
    members: Json, jobs: Jobs, other: Jobs, policies: Policies, start: Callable[..., OperatorProcess], world: World
) -> None:
    policies.create("a", policy_in(jobs, A))
    policies.create("b", policy_in(other, B))
    first = start()
    made = jobs.runs.create("job", five_lines(jobs, FOR_EVER))
    jobs.reaches("RUNNING")
    first.kill()
    world.forget_leases()
    forged = {**members, "policy": {"name": policies.name("b")}} if "policy" in members else members
    jobs.runs.patch("job", {"status": forged}, subresource="status")
    start()
    jobs.runs.patch("job", {"spec": {"cancel": True}})
    jobs.shows(lambda seen: seen["state"] == "CANCELLED" or "LookFailed" in str(seen), "is judged")
    jobs.one_run_each([made])
    assert {call["operation"] for call in jobs.calls() if call["account"] != A} <= {"ListJobRuns", "DescribeJobRun"}


def test_a_policy_that_names_another_account_moves_no_run(
    jobs: Jobs, policies: Policies, start: Callable[..., OperatorProcess]
) -> None:
    policies.create("a", policy_in(jobs, A))
    start()
    made = jobs.runs.create("job", five_lines(jobs, FOR_EVER))
    jobs.reaches("RUNNING")
    policies.patch("a", {"aws": {"roleArn": submit_role(B)}})
    held = jobs.explains("LookFailed")
    assert held["state"] == "RUNNING"
    assert "no EmrJobPolicy names the AWS account" in str(held["conditions"])
    jobs.runs.create("next", five_lines(jobs, executionRoleArn=f"arn:aws:iam::{A}:role/team"))
    assert jobs.reaches("COMPLETED", "next")["aws"] == {"account": B, "region": REGION}
    policies.patch("a", {"aws": {"roleArn": submit_role(A)}})
    assert jobs.explains("Running")["state"] == "RUNNING"
    assert jobs.run_of(made)["state"] == "RUNNING"


def test_a_wish_waits_for_the_account_and_is_kept(
    jobs: Jobs, policies: Policies, start: Callable[..., OperatorProcess]
) -> None:
    policies.create("a", policy_in(jobs, A))
    start()
    jobs.runs.create("job", five_lines(jobs, FOR_EVER))
    jobs.reaches("RUNNING")
    policies.patch("a", {"aws": {"roleArn": submit_role(B)}})
    jobs.explains("LookFailed")
    jobs.runs.delete("job")
    until(lambda: "deletionPolicy to Retain" in str(jobs.status()), 30, lambda: f"says so: {jobs.status()}")
    policies.patch("a", {"aws": {"roleArn": submit_role(A)}})
    jobs.gone()
    assert [run["state"] for run in jobs.at_endpoint()] in (["CANCELLED"], ["CANCEL_PENDING"])


def test_a_policy_that_is_deleted_stays_until_its_runs_have_ended(
    jobs: Jobs, policies: Policies, start: Callable[..., OperatorProcess]
) -> None:
    policies.create("a", policy_in(jobs, A))
    start()
    jobs.runs.create("job", five_lines(jobs, FOR_EVER))
    jobs.reaches("RUNNING")
    policies.shows("a", "Accepted")
    assert (policies.status("a").get("account"), policies.status("a").get("region")) in ((None, None), (A, REGION))
    policies.delete("a")
    policies.shows("a", "Terminating")
    jobs.runs.create("late", five_lines(jobs))
    jobs.explains("PolicyNotReady", "late")
    jobs.sim.put_state(jobs.status()["id"], "COMPLETED")
    jobs.reaches("COMPLETED")
    policies.gone("a")
    jobs.explains("NoPolicy", "late")


def test_what_waits_in_line_at_one_account_starts_in_another_that_the_policy_names(
    jobs: Jobs, policies: Policies, start: Callable[..., OperatorProcess]
) -> None:
    policies.create("a", policy_in(jobs, A))
    start(EMRJOBS_QUOTAS='{"StartJobRun": [3, 0.01]}')
    for number in range(5):
        role = f"arn:aws:iam::{A}:role/team"
        jobs.runs.create(f"job-{number}", five_lines(jobs, FOR_EVER, executionRoleArn=role))
    until(lambda: jobs.states() == {"QUEUED": 3, "RUNNING": 2}, 30, lambda: f"three wait: {jobs.states()}")
    policies.patch("a", {"aws": {"roleArn": submit_role(B)}})
    until(lambda: len(callers(jobs, "StartJobRun")) == 2, 30, "one starts in the other account")
    assert callers(jobs, "StartJobRun") == {(A, REGION), (B, REGION)}


def test_an_event_queue_of_our_own_account_slows_no_look_at_another(
    jobs: Jobs, policies: Policies, start: Callable[..., OperatorProcess]
) -> None:
    policies.create("a", policy_in(jobs, A))
    with sqs_server() as sqs:
        queue = sqs.queue("events")
        queue.send(message("0000000foreign"))
        operator = start(**queue.environment, EMRJOBS_POLL_INTERVAL_HINTED="3600")
        until(lambda: operator.metrics().get('emrjobs_hints_total{result="foreign"}') == 1, 30, "the queue works")
        jobs.runs.create("job", five_lines(jobs, FOR_EVER))
        jobs.reaches("RUNNING")
        jobs.sim.put_state(jobs.status()["id"], "COMPLETED")
        jobs.reaches("COMPLETED")
    assert callers(jobs) == {(A, REGION)}

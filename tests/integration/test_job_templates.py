"""Requests that name a job template, under a policy: judged by what the template holds, which is read at AWS once."""

from collections.abc import Callable

from tests.integration.test_policies import ACCOUNT, PolicyFile, policy_of
from tests.integration.test_policies import policy_file as policy_file
from tests.integration.test_policies import start as start
from tests.sandbox.operator_process import OperatorProcess
from tests.support.jobs import Jobs
from tests.support.kube import Json

ADMIN = f"arn:aws:iam::{ACCOUNT}:role/admin"


def have_templates(jobs: Jobs, **members: Json) -> dict[str, str]:
    """Templates of those names that hold the job, with other members if given. Their ids."""
    spec = jobs.spec()
    data = {member: spec[member] for member in ("executionRoleArn", "releaseLabel", "jobDriver")}
    ids = {name: f"0000000{name}" for name in members}
    jobs.sim.reset(job_templates={ids[name]: {**data, **given} for name, given in members.items()})
    return ids


def listing(jobs: Jobs, *templates: str) -> Json:
    """A policy that lets the team use these, with the role that they name."""
    allow = {
        "jobTemplateIds": list(templates),
        "entryPoints": ["local:///usr/lib/spark/examples/"],
        "executionRoleArns": [f"arn:aws:iam::{ACCOUNT}:role/emr-on-eks-job"],
    }
    return policy_of(jobs, allow=allow)


def from_template(jobs: Jobs, template_id: str, **members: object) -> Json:
    return {"jobTemplateId": template_id, "tags": jobs.spec("run=0")["tags"], **members}


def reads(jobs: Jobs, since: int) -> int:
    return len(jobs.sim.calls("DescribeJobTemplate", since))


def test_a_template_is_read_once_and_its_content_decides(
    jobs: Jobs, policy_file: PolicyFile, start: Callable[..., OperatorProcess]
) -> None:
    good, evil = have_templates(jobs, good={}, evil={"executionRoleArn": ADMIN}).values()
    policy_file.write(("a", listing(jobs, good, evil)))
    since = max((call["n"] for call in jobs.sim.calls()), default=0)
    start()
    made = [jobs.runs.create(f"good-{number}", from_template(jobs, good)) for number in range(10)]
    jobs.runs.create("evil", from_template(jobs, evil))
    jobs.runs.create("unlisted", from_template(jobs, "0000000unlisted"))
    for number in range(10):
        jobs.reaches("COMPLETED", f"good-{number}")
    for name in ("evil", "unlisted"):
        jobs.explains("NotAllowed", name)
    jobs.one_run_each(made)
    assert "executionRoleArn" in str(jobs.status("evil")["conditions"])
    assert ADMIN not in str(jobs.status("evil"))
    assert {call["code"] for call in jobs.sim.calls("DescribeJobTemplate", since)} == {"OK"}
    later = reads(jobs, since)
    jobs.runs.create("later", from_template(jobs, good))
    jobs.reaches("COMPLETED", "later")
    assert reads(jobs, since) == later


def test_a_template_that_cannot_be_read_is_judged_when_it_can_be(
    jobs: Jobs, policy_file: PolicyFile, start: Callable[..., OperatorProcess]
) -> None:
    (template,) = have_templates(jobs, good={}).values()
    policy_file.write(("a", listing(jobs, template)))
    words = {"status": 403, "code": "AccessDeniedException", "message": "no"}
    jobs.sim.fault("error", "DescribeJobTemplate", **words)
    start()
    made = jobs.runs.create("job", from_template(jobs, template))
    told = jobs.explains("CannotBeJudged")
    assert told["state"] == "REJECTED"
    assert "AWS answers AccessDeniedException to DescribeJobTemplate" in str(told["conditions"])
    assert jobs.at_endpoint() == []
    jobs.sim.drop_faults()
    jobs.reaches("COMPLETED")
    jobs.one_run_each([made])

"""Requests that name a job template: both readings must be allowed, and parameters are judged in their places."""

import copy
from typing import Any

import pytest

from emrjobs.core.job_policy.decision import Allowed, Decision, RefusalReason, Refused, decide
from emrjobs.core.job_policy.templates import Template
from tests.unit.core.job_policy.policies import ACCOUNT, CLUSTER, NAMESPACE, ROLE, Json, policy

ID = "0000000template"
LISTED = policy(allow={"jobTemplateIds": [ID], "entryPoints": ["s3://team-a-code/"], "releaseLabels": ["emr-7.*"]})
DATA: Json = {
    "executionRoleArn": ROLE,
    "releaseLabel": "emr-7.9.0-latest",
    "jobDriver": {
        "sparkSubmitJobDriver": {
            "entryPoint": "s3://team-a-code/${job}.py",
            "sparkSubmitParameters": "--conf spark.executor.instances=${n}",
        }
    },
    "parameterConfiguration": {"job": {"type": "STRING"}, "n": {"type": "NUMBER", "defaultValue": "2"}},
    "jobTags": {"from": "template"},
}
ASKED: Json = {"jobTemplateId": ID, "jobTemplateParameters": {"job": "etl"}}
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/team-b"


def data(*path: str, value: Any) -> Json:
    """The template with one member in the place of ours."""
    made = copy.deepcopy(DATA)
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return made


def decided(spec: Json, content: Json | None = None, by: Any = LISTED) -> Decision:
    template = Template(ID, DATA if content is None else content)
    return decide(spec, NAMESPACE, [by], object_name="etl", templates=lambda _, __: template)


def parameters(**values: str) -> Json:
    return {"jobTemplateId": ID, "jobTemplateParameters": {"job": "etl", **values}}


def test_the_request_gets_what_neither_it_nor_the_template_has_and_nothing_of_the_template() -> None:
    decision = decided(ASKED)
    assert isinstance(decision, Allowed), decision
    assert decision.effective["virtualClusterId"] == CLUSTER
    assert {"executionRoleArn", "releaseLabel", "jobDriver"}.isdisjoint(decision.effective)
    assert decision.effective["tags"]["cost-center"] == "4711"
    assert "from" not in decision.effective["tags"]


SUBMIT = ("jobDriver", "sparkSubmitJobDriver")
ROLE_PARAMETER = data("executionRoleArn", value=f"arn:aws:iam::{ACCOUNT}:role/${{role}}")
REFUSED: dict[str, tuple[Json, Json | None, str]] = {
    "a parameter carries the role": (parameters(role="team-b"), ROLE_PARAMETER, "spec.executionRoleArn"),
    "a parameter carries a way up": (parameters(job="../../team-b-code/x"), None, "entryPoint"),
    "a parameter carries another bucket": (
        parameters(job="s3://team-b-code/x"),
        data(*SUBMIT, "entryPoint", value="${job}"),
        "entryPoint",
    ),
    "a parameter carries an option": (
        parameters(n="2 --conf spark.kubernetes.driver.podTemplateFile=s3://x/y"),
        None,
        "spark.kubernetes.driver.podTemplateFile",
    ),
    "a parameter carries a word": (parameters(n="2 s3://team-b-code/x.jar"), None, "sparkSubmitParameters"),
    "a parameter carries a parameter": (parameters(n="${role}"), None, "sparkSubmitParameters"),
    "a parameter is missing": ({"jobTemplateId": ID}, None, "spec.jobTemplateParameters must have job"),
    "the request has another role": (ASKED | {"executionRoleArn": OTHER_ROLE}, None, "spec.executionRoleArn"),
    "the request has another cluster": (ASKED | {"virtualClusterId": "0another"}, None, "spec.virtualClusterId"),
    "the template has another role, the request a good one": (
        ASKED | {"executionRoleArn": ROLE},
        data("executionRoleArn", value=OTHER_ROLE),
        "spec.executionRoleArn",
    ),
    "the template sets an environment": (
        ASKED,
        DATA | {"configurationOverrides": {"applicationConfiguration": [{"classification": "spark-env"}]}},
        "applicationConfiguration[0].classification is not allowed",
    ),
    "the template sets it, the request has overrides of its own": (
        ASKED | {"configurationOverrides": {"monitoringConfiguration": {"persistentAppUI": "ENABLED"}}},
        DATA | {"configurationOverrides": {"applicationConfiguration": [{"classification": "spark-env"}]}},
        "applicationConfiguration[0].classification is not allowed",
    ),
    "the template has a member that nobody knows": (ASKED, DATA | {"sessionPolicy": "x"}, "spec.sessionPolicy"),
    "the template has a tag that the policy enforces": (
        ASKED,
        DATA | {"jobTags": {"cost-center": "1"}},
        "spec.tags must have cost-center",
    ),
    "the template has a tag of ours": (ASKED, DATA | {"jobTags": {"emrjobs.dev/namespace": "b"}}, "spec.tags"),
    "the template lacks a driver": (
        ASKED,
        {name: value for name, value in DATA.items() if name != "jobDriver"},
        "spec.jobDriver is required",
    ),
}


@pytest.mark.parametrize(("spec", "content", "said"), REFUSED.values(), ids=REFUSED)
def test_a_request_is_refused_in_whichever_reading_is_not_allowed(spec: Json, content: Json | None, said: str) -> None:
    decision = decided(spec, content)
    assert isinstance(decision, Refused), decision.effective
    assert said in "; ".join(map(str, decision.problems))


def test_a_template_that_is_not_listed_is_refused_whatever_it_holds() -> None:
    decision = decided(ASKED, by=policy())
    assert isinstance(decision, Refused)
    assert decision.reason is RefusalReason.NOT_ALLOWED


@pytest.mark.parametrize("template", [None, Template("0000000another", DATA)], ids=["none", "another"])
def test_without_its_content_a_listed_template_cannot_be_judged(template: Template | None) -> None:
    decision = decide(ASKED, NAMESPACE, [LISTED], object_name="etl", templates=lambda _, __: template)
    assert isinstance(decision, Refused)
    assert decision.reason is RefusalReason.CANNOT_BE_JUDGED

"""Job templates and tags as unchanged boto3 sees them."""

from typing import Any

import pytest

from tests.contract.emr_simulator.client import VC, refusal
from tests.sandbox.emr.samples import ROLE, request

TEMPLATE: dict[str, Any] = {
    "executionRoleArn": "${Role}",
    "releaseLabel": "emr-7.5.0-latest",
    "jobDriver": {
        "sparkSubmitJobDriver": {
            "entryPoint": "s3://bucket/${Script}.py",
            "sparkSubmitParameters": "--conf spark.executor.instances=${Count}",
        }
    },
    "configurationOverrides": {
        "applicationConfiguration": [{"classification": "spark-defaults", "properties": {"a": "1", "b": "1"}}],
        "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": "s3://logs/"}},
    },
    "parameterConfiguration": {
        "Role": {"type": "STRING", "defaultValue": ROLE},
        "Script": {"type": "STRING"},
        "Count": {"type": "NUMBER", "defaultValue": "2"},
    },
    "jobTags": {"from": "template", "both": "template"},
}


def template(emr: Any, **data: Any) -> str:
    made = emr.create_job_template(name="template", clientToken="c", jobTemplateData={**TEMPLATE, **data})
    return str(made["id"])


def from_template(template_id: str, **members: Any) -> dict[str, Any]:
    bare = {"executionRoleArn": None, "releaseLabel": None, "jobDriver": None, "jobTemplateId": template_id}
    return request("t", **{**bare, **members})


def test_templates_are_merged_into_the_request(emr: Any) -> None:
    overrides = {
        "applicationConfiguration": [{"classification": "spark-defaults", "properties": {"b": "2"}}],
        "monitoringConfiguration": {"persistentAppUI": "DISABLED"},
    }
    sent = from_template(
        template(emr),
        jobTemplateParameters={"Script": "etl"},
        configurationOverrides=overrides,
        tags={"both": "run"},
    )
    run_id = emr.start_job_run(**sent)["id"]
    run = emr.describe_job_run(virtualClusterId=VC, id=run_id)["jobRun"]
    assert run["executionRoleArn"] == ROLE
    assert run["jobDriver"]["sparkSubmitJobDriver"] == {
        "entryPoint": "s3://bucket/etl.py",
        "sparkSubmitParameters": "--conf spark.executor.instances=2",
    }
    assert run["tags"] == {"from": "template", "both": "run"}
    assert run["configurationOverrides"] == {
        "applicationConfiguration": [{"classification": "spark-defaults", "properties": {"a": "1", "b": "2"}}],
        "monitoringConfiguration": {
            "s3MonitoringConfiguration": {"logUri": "s3://logs/"},
            "persistentAppUI": "DISABLED",
        },
    }


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({}, "['Script']"),
        ({"Script": "x", "Nope": "y"}, "['Nope']"),
        ({"Script": "x", "Count": "many"}, "not a NUMBER"),
        ({"Script": "x", "Role": "not a role"}, "at 'executionRoleArn' failed to satisfy constraint"),
    ],
)
def test_parameters_must_fit(emr: Any, parameters: dict[str, str], text: str) -> None:
    sent = from_template(template(emr), jobTemplateParameters=parameters)
    code, message = refusal(emr.start_job_run, **sent)
    assert code == "ValidationException"
    assert text in message


def test_templates_are_kept_listed_and_deleted(emr: Any) -> None:
    template_id = template(emr)
    assert template(emr) == template_id
    shown = emr.describe_job_template(id=template_id)["jobTemplate"]
    assert shown["jobTemplateData"] == TEMPLATE
    assert shown["arn"].endswith(f":/jobtemplates/{template_id}")
    assert [found["id"] for found in emr.list_job_templates()["templates"]] == [template_id]
    emr.delete_job_template(id=template_id)
    for call in (emr.describe_job_template, emr.delete_job_template):
        assert "doesn't exist" in refusal(call, id=template_id)[1]
    code, _ = refusal(emr.start_job_run, **from_template(template_id))
    assert code == "ResourceNotFoundException"


def test_placeholders_must_be_declared(emr: Any) -> None:
    code, message = refusal(lambda: template(emr, parameterConfiguration={}))
    assert (code, "['Count', 'Role', 'Script']" in message) == ("ValidationException", True)


def test_tags_of_runs_and_virtual_clusters(emr: Any) -> None:
    run_arn = emr.start_job_run(**request("t", tags={"a": "1"}))["arn"]
    cluster_arn = emr.describe_virtual_cluster(id=VC)["virtualCluster"]["arn"]
    for arn, before in ((run_arn, {"a": "1"}), (cluster_arn, {})):
        assert emr.list_tags_for_resource(resourceArn=arn)["tags"] == before
        emr.tag_resource(resourceArn=arn, tags={"b": "2", "c": ""})
        emr.untag_resource(resourceArn=arn, tagKeys=["a", "b", "never there"])
        assert emr.list_tags_for_resource(resourceArn=arn)["tags"] == {"c": ""}
    run_id = run_arn.rpartition("/")[2]
    assert emr.describe_job_run(virtualClusterId=VC, id=run_id)["jobRun"]["tags"] == {"c": ""}


def test_tags_need_something_to_hang_on(emr: Any) -> None:
    run_arn = emr.start_job_run(**request("t"))["arn"]
    gone = run_arn[:-19] + "0" * 19
    assert refusal(emr.list_tags_for_resource, resourceArn=gone)[0] == "ResourceNotFoundException"
    template_arn = emr.describe_job_template(id=template(emr))["jobTemplate"]["arn"]
    assert refusal(emr.tag_resource, resourceArn=template_arn, tags={"a": "b"})[0] == "ValidationException"
    many = {f"k{i}": "v" for i in range(50)}
    emr.tag_resource(resourceArn=run_arn, tags=many)
    assert refusal(emr.tag_resource, resourceArn=run_arn, tags={"one": "more"})[0] == "ValidationException"

"""The service's answers as JSON documents, as its model names their members. Pure."""

from typing import Any

from tests.sandbox.emr.clusters import Cluster
from tests.sandbox.emr.life import Moment, Run
from tests.sandbox.emr.runs import shown_state
from tests.sandbox.emr.templates import Template
from tests.sandbox.emr.wire import instant

Document = dict[str, Any]
SHOWN_OF_REQUEST = ("name", "executionRoleArn", "releaseLabel", "configurationOverrides", "jobDriver")


def _given(document: Document) -> Document:
    return {key: value for key, value in document.items() if value is not None}


def job_run(run: Run, moment: Moment, digits: int) -> Document:
    shown = shown_state(run, moment)
    ended = moment is run.now and not run.active
    policy = run.request.get("retryPolicyConfiguration")
    return _given(
        {
            "id": run.id,
            "virtualClusterId": run.cluster,
            "arn": run.arn,
            "state": shown.state,
            "clientToken": run.token,
            **{member: run.request.get(member) for member in SHOWN_OF_REQUEST},
            "createdAt": instant(run.created_at, digits),
            "createdBy": run.created_by,
            "finishedAt": instant(moment.at, digits) if ended else None,
            "stateDetails": shown.details,
            "failureReason": shown.reason,
            "tags": run.tags,
            "retryPolicyConfiguration": policy,
            "retryPolicyExecution": {"currentAttemptCount": moment.attempt} if policy else None,
        }
    )


def started(run: Run) -> Document:
    return _given({"id": run.id, "name": run.request.get("name"), "arn": run.arn, "virtualClusterId": run.cluster})


def virtual_cluster(cluster: Cluster, now: float, digits: int, counts: tuple[int, int] | None = None) -> Document:
    """`counts` of runs in queue and running are shown where a scheduler is configured."""
    scheduler = cluster.scheduler
    status = None
    if scheduler is not None and counts is not None:
        status = {"currentInQueueJobRuns": counts[0], "currentConcurrentJobRuns": counts[1]}
    return _given(
        {
            "id": cluster.id,
            "name": cluster.name,
            "arn": cluster.arn,
            "state": cluster.state_at(now),
            "containerProvider": cluster.provider,
            "createdAt": instant(cluster.created_at, digits),
            "tags": cluster.tags,
            **cluster.extras,
            "schedulerConfiguration": scheduler,
            "schedulerStatus": status,
        }
    )


def job_template(template: Template, digits: int) -> Document:
    return _given(
        {
            "name": template.name,
            "id": template.id,
            "arn": template.arn,
            "createdAt": instant(template.created_at, digits),
            "createdBy": template.created_by,
            "tags": template.tags,
            "jobTemplateData": template.data,
            "kmsKeyArn": template.kms_key,
        }
    )

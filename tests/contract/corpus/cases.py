"""A case of the corpus: a spec and what is special about it; and how one is made from a good spec. Pure."""

import copy
from dataclasses import dataclass
from typing import Any, Final

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """``kind`` is what is tried (``length``, ``pattern``, …), ``place`` where, ``what`` with which value."""

    kind: str
    place: Place
    what: str
    spec: Any

    def __str__(self) -> str:
        return f"{self.kind} {'.'.join(map(str, self.place)) or 'spec'}: {self.what}"


ROLE: Final = "arn:aws:iam::123456789012:role/emr-on-eks-job"
KEY_ARN: Final = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def _configuration(depth: int) -> dict[str, Any]:
    inner = {"configurations": [_configuration(depth - 1)]} if depth > 1 else {}
    return {"classification": "spark-env", "properties": {"setting": "value"}, **inner}


def full() -> dict[str, Any]:
    """A good spec of a Spark submit job with every member, configurations nested five deep."""
    return {
        "name": "job",
        "virtualClusterId": "0b0example0cluster0sandbx",
        "executionRoleArn": ROLE,
        "releaseLabel": "emr-7.9.0-latest",
        "jobDriver": {
            "sparkSubmitJobDriver": {
                "entryPoint": "s3://bucket/main.py",
                "entryPointArguments": ["one"],
                "sparkSubmitParameters": "--conf spark.executor.instances=2",
            }
        },
        "configurationOverrides": {
            "applicationConfiguration": [_configuration(5)],
            "monitoringConfiguration": {
                "managedLogs": {"allowAWSToRetainLogs": "ENABLED", "encryptionKeyArn": KEY_ARN},
                "persistentAppUI": "ENABLED",
                "cloudWatchMonitoringConfiguration": {
                    "logGroupName": "/emr/logs",
                    "logStreamNamePrefix": "nightly",
                },
                "s3MonitoringConfiguration": {"logUri": "s3://bucket/logs", "encryptionKeyArn": KEY_ARN},
                "containerLogRotationConfiguration": {"rotationSize": "10MB", "maxFilesToKeep": 5},
            },
        },
        "tags": {"team": "data"},
        "retryPolicyConfiguration": {"maxAttempts": 3},
        "deletionPolicy": "Cancel",
    }


def sql() -> dict[str, Any]:
    """As ``full``, with the SQL driver."""
    driver = {"sparkSqlJobDriver": {"entryPoint": "s3://bucket/query.sql", "sparkSqlParameters": "--hivevar a=b"}}
    return {**full(), "jobDriver": driver}


def templated() -> dict[str, Any]:
    """As ``full``, with a job template beside the rest."""
    template = {"jobTemplateId": "0nobody0made0this0template", "jobTemplateParameters": {"Input": "value"}}
    return {**full(), **template}


def at(spec: Any, place: Place) -> Any:
    """What stands at a place."""
    for step in place:
        spec = spec[step]
    return spec


def put(spec: Any, place: Place, value: Any) -> Any:
    """A copy of ``spec`` with ``value`` at ``place``."""
    if not place:
        return value
    changed = copy.deepcopy(spec)
    at(changed, place[:-1])[place[-1]] = value
    return changed


def without(spec: Any, place: Place) -> Any:
    """A copy of ``spec`` less what stands at ``place``."""
    changed = copy.deepcopy(spec)
    del at(changed, place[:-1])[place[-1]]
    return changed

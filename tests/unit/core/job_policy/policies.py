"""A policy as a platform team writes it, and a request as a team writes it."""

from typing import Any

from emrjobs.api.job_policy.spec import EmrJobPolicySpec
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.decision import Decision, Refused, decide
from emrjobs.core.job_policy.selector import Namespace

Json = dict[str, Any]

ACCOUNT = "222222222222"
CLUSTER = "0b0example0cluster0sandbx"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team-a-etl"
JARS = "local:///usr/lib/spark/examples/jars/spark-examples.jar"
REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
POLICY: Json = {
    "namespaces": {"names": ["team-a", "analytics-*"], "selector": {"matchLabels": {"example.com/team": "a"}}},
    "defaults": {"virtualClusterId": CLUSTER, "executionRoleArn": ROLE, "releaseLabel": "emr-7.9.0-latest"},
    "enforce": {"tags": {"cost-center": "4711"}},
    "allow": {
        "virtualClusterIds": [CLUSTER],
        "executionRoleArns": [f"arn:aws:iam::{ACCOUNT}:role/team-a-*"],
        "releaseLabels": ["emr-7.*"],
        "entryPoints": ["s3://team-a-code/", "local:///usr/lib/spark/examples/"],
        "logUris": ["s3://team-a-logs/"],
        "logGroups": ["/emr/team-a*"],
        "images": [f"{REGISTRY}/team-a/*"],
        "podTemplates": ["s3://platform-templates/small.yaml"],
        "deletionPolicies": ["Cancel"],
    },
    "limits": {"maxDriverAttempts": 3, "maxActiveDeadlineSeconds": 86400},
}
NAMESPACE = Namespace("team-a", {})


def policy(name: str = "team-a", /, *, ready: bool = True, **members: Any) -> CompiledPolicy:
    """The policy above, with other members."""
    return CompiledPolicy(name, EmrJobPolicySpec.model_validate(POLICY | members), ready=ready)


TEAM_A = policy()


def submit(parameters: str | None = None, entry_point: str = "s3://team-a-code/etl.py") -> Json:
    """A Spark submit driver."""
    given = {} if parameters is None else {"sparkSubmitParameters": parameters}
    return {"jobDriver": {"sparkSubmitJobDriver": {"entryPoint": entry_point, **given}}}


def sql(parameters: str) -> Json:
    """A Spark SQL driver."""
    return {
        "jobDriver": {"sparkSqlJobDriver": {"entryPoint": "s3://team-a-code/q.sql", "sparkSqlParameters": parameters}}
    }


def configured(classification: str, /, **members: Any) -> Json:
    """A request with one classification."""
    overrides = {"applicationConfiguration": [{"classification": classification, **members}]}
    return submit() | {"configurationOverrides": overrides}


def properties(classification: str, **properties: str) -> Json:
    """A request with properties in one classification; ``__`` in names stands for a dot."""
    return configured(classification, properties={name.replace("__", "."): value for name, value in properties.items()})


def monitored(**members: Any) -> Json:
    """A request with a monitoring configuration."""
    return submit() | {"configurationOverrides": {"monitoringConfiguration": members}}


def decided(spec: Json, by: CompiledPolicy = TEAM_A, namespace: Namespace = NAMESPACE) -> Decision:
    """What is decided under one policy."""
    return decide(spec, namespace, [by], object_name="etl")


def refused(spec: Json, by: CompiledPolicy = TEAM_A) -> Refused:
    """The refusal that must come."""
    decision = decided(spec, by)
    assert isinstance(decision, Refused), decision.effective
    return decision

"""``emrjobs iam-policy``: prints the IAM policy of the operator's role, with what the code can call and no more.

Resources and condition keys are those of the service authorization reference of EMR on EKS.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from emrjobs.api.yaml_documents import NotYaml
from emrjobs.core.failures import Operation
from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.manifests import PolicyProblem, read_policies

ACTIONS: Final[Mapping[str, str]] = {
    **{str(operation): f"emr-containers:{operation}" for operation in Operation},
    "ReceiveMessage": "sqs:ReceiveMessage",
    # One action covers deleting one message and deleting many.
    "DeleteMessageBatch": "sqs:DeleteMessage",
    "AssumeRole": "sts:AssumeRole",
}
"""Call -> the action that IAM knows it by."""

_ROLE: Final = re.compile(r"arn:(?P<partition>aws[a-zA-Z0-9-]*):iam::(?P<account>\d{12}):role/\S+")
_ID: Final = re.compile(r"[0-9a-zA-Z]{1,64}|\*")
_QUEUE: Final = re.compile(r"arn:aws[a-zA-Z0-9-]*:sqs:[a-z0-9-]+:\d{12}:\S+")
_PARTITIONS: Final[Mapping[str, str]] = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
"""By what the names of their Regions begin with."""
_KNOWN: Final = frozenset({"aws", *_PARTITIONS.values()})
_OPERATIONS_ON_CLUSTERS: Final = (Operation.LIST, Operation.INSPECT)
_OPERATIONS_ON_RUNS: Final = (Operation.DESCRIBE, Operation.CANCEL)
_OPERATIONS_ON_QUEUES: Final = ("ReceiveMessage", "DeleteMessageBatch")


OPERATOR: Final = "operator"
"""What the operator's own role is called among roles that have ARNs."""


class PolicyError(ValueError):
    """What was asked for makes no policy; the text says why."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the operator may use. Execution roles are ARNs and may hold ``*``; the ids may be ``*``."""

    region: str
    virtual_clusters: Sequence[str]
    execution_roles: Sequence[str]
    job_templates: Sequence[str] = ()
    event_queues: Sequence[str] = ()
    assumed_roles: Sequence[str] = ()
    """Roles of other accounts that EmrJobPolicies name."""
    tags: bool = True
    pod_identity: bool = False

    @property
    def home(self) -> str:
        """What the ARNs of this account and Region begin with. The roles must be of one account, as AWS asks."""
        found = {(m["partition"], m["account"]) for role in self.execution_roles if (m := _ROLE.fullmatch(role))}
        ((partition, account),) = found
        return f"arn:{partition}:emr-containers:{self.region}:{account}:"


def main(scope: Scope, policies: Sequence[str] = ()) -> int:
    """Print the policy, or those of all roles that EmrJobPolicies need. 0: done; 2: what was asked for makes none."""
    try:
        found = of_policies(scope, _read(policies)) if policies else policy(scope)
        print(json.dumps(found, indent=2))
    except PolicyError as error:
        print(f"emrjobs iam-policy: {error}", file=sys.stderr)
        return 2
    return 0


def policy(scope: Scope) -> dict[str, Any]:
    """The policy document. Raises ``PolicyError``."""
    _check(scope)
    clusters = [f"{scope.home}/virtualclusters/{name}" for name in scope.virtual_clusters]
    runs = [f"{cluster}/jobruns/*" for cluster in clusters]
    roles = list(scope.execution_roles)
    statements = [
        _statement("StartJobRuns", (Operation.START,), clusters)
        | {"Condition": {"ArnLike": {"emr-containers:ExecutionRoleArn": roles}}},
        _statement("ReadVirtualClusters", _OPERATIONS_ON_CLUSTERS, clusters),
        _statement("FollowAndCancelJobRuns", _OPERATIONS_ON_RUNS, runs),
    ]
    if scope.tags:
        statements.append(_granted("TagJobRunsAtTheirStart", ["emr-containers:TagResource"], runs))
    if scope.job_templates:
        templates = [f"{scope.home}/jobtemplates/{name}" for name in scope.job_templates]
        statements.append(_statement("UseJobTemplates", (Operation.READ_TEMPLATE,), templates))
    if scope.event_queues:
        statements.append(_statement("ReadEvents", _OPERATIONS_ON_QUEUES, list(scope.event_queues)))
    if scope.assumed_roles:
        statements.append(_assuming(scope.assumed_roles))
    if scope.pod_identity:
        passed = {"Condition": {"StringEquals": {"iam:PassedToService": "pods.eks.amazonaws.com"}}}
        statements.append(_granted("PassRolesToPodIdentity", ["iam:PassRole"], roles) | passed)
    return {"Version": "2012-10-17", "Statement": statements}


def of_policies(scope: Scope, policies: Sequence[CompiledPolicy]) -> dict[str, Any]:
    """The policy documents of the operator's own role and of each role that EmrJobPolicies name, by their ARNs.

    ``scope`` says what the EmrJobPolicies do not. Raises ``PolicyError``.
    """
    if scope.virtual_clusters or scope.execution_roles:
        raise PolicyError("virtual clusters and execution roles are those of the EmrJobPolicies")
    scopes: dict[tuple[str | None, str], Scope] = {}
    for each in policies:
        key = (each.spec.aws.role_arn, each.spec.aws.region or scope.region)
        scopes[key] = _with(scopes.get(key, replace(scope, region=key[1], event_queues=(), assumed_roles=())), each)
    assumed = sorted({role for role, _ in scopes if role is not None})
    documents: dict[str, Any] = {OPERATOR: _of_the_operator(replace(scope, assumed_roles=assumed))}
    for (role, region), found in scopes.items():
        document = documents.setdefault(role or OPERATOR, {"Version": "2012-10-17", "Statement": []})
        suffix = "" if sum(other == role for other, _ in scopes) == 1 else f"In{region.title().replace('-', '')}"
        for statement in policy(found)["Statement"]:
            document["Statement"].append(statement | {"Sid": statement["Sid"] + suffix})
    return documents


def _of_the_operator(scope: Scope) -> dict[str, Any]:
    """What it may beside the runs in its own account."""
    statements = []
    if scope.event_queues:
        statements.append(_statement("ReadEvents", _OPERATIONS_ON_QUEUES, list(scope.event_queues)))
    if scope.assumed_roles:
        statements.append(_assuming(scope.assumed_roles))
    return {"Version": "2012-10-17", "Statement": statements}


def _with(scope: Scope, given: CompiledPolicy) -> Scope:
    allow, defaults = given.spec.allow, given.spec.defaults
    clusters = {*scope.virtual_clusters, *(allow.virtual_cluster_ids or ()), defaults.virtual_cluster_id} - {None}
    roles = {*scope.execution_roles, *(allow.execution_role_arns or ()), defaults.execution_role_arn} - {None}
    return replace(
        scope,
        virtual_clusters=sorted(map(str, clusters)),
        execution_roles=sorted(map(str, roles)),
        job_templates=sorted({*scope.job_templates, *(allow.job_template_ids or ())}),
    )


def _read(files: Sequence[str]) -> list[CompiledPolicy]:
    found: list[CompiledPolicy] = []
    for file in files:
        try:
            found += read_policies(Path(file).read_text(encoding="utf-8"))
        except (PolicyProblem, NotYaml) as error:
            raise PolicyError(f"{file}: {error}") from None
        except (OSError, UnicodeDecodeError):
            raise PolicyError(f"{file}: cannot be read") from None
    return found


def _assuming(roles: Sequence[str]) -> dict[str, Any]:
    # The service asks for the second where the session has tags.
    return _granted("AssumeRolesOfPolicies", [ACTIONS["AssumeRole"], "sts:TagSession"], list(roles))


def _statement(sid: str, calls: Sequence[str], resources: Sequence[str]) -> dict[str, Any]:
    return _granted(sid, [ACTIONS[call] for call in calls], resources)


def _granted(sid: str, actions: Sequence[str], resources: Sequence[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _check(scope: Scope) -> None:
    if not scope.virtual_clusters or not scope.execution_roles:
        raise PolicyError("name at least one virtual cluster and one execution role")
    for values, form, what in (
        (scope.virtual_clusters, _ID, "id of a virtual cluster"),
        (scope.job_templates, _ID, "id of a job template"),
        (scope.execution_roles, _ROLE, "ARN of a role"),
        (scope.assumed_roles, _ROLE, "ARN of a role"),
        (scope.event_queues, _QUEUE, "ARN of an SQS queue"),
    ):
        if wrong := [value for value in values if not form.fullmatch(value)]:
            raise PolicyError(f"{wrong[0]!r} is no {what}")
    other = _PARTITIONS.get(scope.region.rpartition("-")[0].rpartition("-")[0], "aws")
    if wrong := [
        role for role in scope.execution_roles if role.split(":")[1] in _KNOWN and f"arn:{other}:" not in role
    ]:
        raise PolicyError(f"{wrong[0]!r} is of another partition than the Region {scope.region} ({other})")
    if len({role.split(":")[4] for role in scope.execution_roles}) > 1:
        raise PolicyError("the execution roles are of several accounts; AWS asks for that of the virtual clusters")

"""Judges each member of a request by what a policy allows: one table. Pure.

A member that the table does not name is refused: what AWS adds to StartJobRun must not pass unjudged.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.globs import Globs
from emrjobs.core.job_policy.problems import NOT_ALLOWED, Problem, Rule
from emrjobs.core.job_policy.spark_options import SQL, SUBMIT, judge_parameters
from emrjobs.core.job_policy.uris import FORM, UriPatterns, canonical

_ROLE: Final = re.compile(r"arn:aws[a-z0-9-]*:iam::[0-9]{12}:role(?:/[\x21-\x2E\x30-\x7E]+)+")
_RESERVED_TAG: Final = re.compile(r"(?:aws:|emrjobs\.dev/)", re.IGNORECASE)

Judge = Callable[[CompiledPolicy, str, Any], Iterator[Problem]]


def judge_members(policy: CompiledPolicy, spec: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with an effective spec, member by member."""
    for path, value in _leaves(spec, ""):
        judge = MEMBERS.get(path)
        if judge is None:
            yield Problem(f"spec.{path}", Rule.CANNOT_BE_JUDGED, "cannot be judged by this version of emrjobs")
        else:
            yield from judge(policy, f"spec.{path}", value)


def _leaves(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for member, inner in value.items():
        here = f"{path}.{member}" if path else member
        if here not in MEMBERS and isinstance(inner, Mapping):
            yield from _leaves(inner, here)
        else:
            yield here, inner


def _free(_: CompiledPolicy, __: str, ___: Any) -> Iterator[Problem]:
    yield from ()


def _listed(field: str, value: str, patterns: Globs | None, default: str | None = None) -> Iterator[Problem]:
    """No list: everything is allowed. The default always is."""
    if patterns is not None and value != default and not patterns.match(value):
        yield Problem(field, Rule.NOT_ALLOWED, NOT_ALLOWED, patterns.patterns, default)


def _virtual_cluster(policy: CompiledPolicy, field: str, value: str) -> Iterator[Problem]:
    yield from _listed(field, value, policy.virtual_clusters, policy.default("virtualClusterId"))


def _execution_role(policy: CompiledPolicy, field: str, value: str) -> Iterator[Problem]:
    default = policy.default("executionRoleArn")
    if not _ROLE.fullmatch(value) and value != default:
        text = "must be the ARN of a role with its account, to be compared with what is allowed"
        yield Problem(field, Rule.CANNOT_BE_JUDGED, text, policy.execution_roles.patterns, default)
    else:
        yield from _listed(field, value, policy.execution_roles, default)


def _release(policy: CompiledPolicy, field: str, value: str) -> Iterator[Problem]:
    if ".." in value:
        yield Problem(field, Rule.CANNOT_BE_JUDGED, "must not hold ..")
    yield from _listed(field, value, policy.release_labels, policy.default("releaseLabel"))


def _entry_point(policy: CompiledPolicy, field: str, value: str) -> Iterator[Problem]:
    for finding in policy.properties.code((value,)):
        yield finding.at(field)


def _submit_parameters(policy: CompiledPolicy, field: str, value: str) -> Iterator[Problem]:
    yield from judge_parameters(field, value, SUBMIT, policy.properties)


def _sql_parameters(policy: CompiledPolicy, field: str, value: str) -> Iterator[Problem]:
    yield from judge_parameters(field, value, SQL, policy.properties)


def _classifications(policy: CompiledPolicy, field: str, value: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    yield from policy.classifications.judge(field, value)


def _log_uri(policy: CompiledPolicy, field: str, value: str) -> Iterator[Problem]:
    patterns: UriPatterns | None = policy.log_uris
    if patterns is None or value == policy.default_log_uri:
        return
    uri = canonical(value)
    if uri is None:
        yield Problem(field, Rule.CANNOT_BE_JUDGED, FORM, patterns.patterns, policy.default_log_uri)
    elif not patterns.match(uri):
        yield Problem(field, Rule.NOT_ALLOWED, NOT_ALLOWED, patterns.patterns, policy.default_log_uri)


def _log_group(policy: CompiledPolicy, field: str, value: str) -> Iterator[Problem]:
    yield from _listed(field, value, policy.log_groups, policy.default_log_group)


def _key(policy: CompiledPolicy, field: str, value: str) -> Iterator[Problem]:
    if value not in policy.default_keys:
        yield from _listed(field, value, policy.kms_keys)


def _tags(policy: CompiledPolicy, field: str, value: Mapping[str, str]) -> Iterator[Problem]:
    if any(map(_RESERVED_TAG.match, value)):
        yield Problem(field, Rule.NOT_ALLOWED, "may not have keys that begin with aws: or emrjobs.dev/")
    for key, wanted in policy.enforced_tags.items():
        if value.get(key, wanted) != wanted:
            text = f"must have {key} as the policy has it, or leave it out"
            yield Problem(field, Rule.ENFORCED, text)


def _template(policy: CompiledPolicy, field: str, value: str) -> Iterator[Problem]:
    if policy.job_templates.match(value):
        yield Problem(field, Rule.CANNOT_BE_JUDGED, "cannot be judged without the template's content")
    else:
        yield Problem(field, Rule.NOT_ALLOWED, NOT_ALLOWED, policy.job_templates.patterns)


def _attempts(policy: CompiledPolicy, field: str, value: int) -> Iterator[Problem]:
    yield from _at_most(field, value, policy.spec.limits.max_driver_attempts)


def _deadline(policy: CompiledPolicy, field: str, value: int) -> Iterator[Problem]:
    yield from _at_most(field, value, policy.spec.limits.max_active_deadline_seconds)


def _at_most(field: str, value: int, limit: int | None) -> Iterator[Problem]:
    if limit is not None and value > limit:
        yield Problem(field, Rule.LIMIT, f"must be at most {limit} in this namespace")


def _deletion_policy(policy: CompiledPolicy, field: str, value: str) -> Iterator[Problem]:
    allowed = policy.spec.allow.deletion_policies
    if allowed is not None and value not in allowed and value != policy.default("deletionPolicy"):
        yield Problem(field, Rule.NOT_ALLOWED, NOT_ALLOWED, tuple(map(str, allowed)), policy.default("deletionPolicy"))


_OVERRIDES: Final = "configurationOverrides"
_MONITORING: Final = f"{_OVERRIDES}.monitoringConfiguration"
_SUBMIT: Final = "jobDriver.sparkSubmitJobDriver"
_SQL: Final = "jobDriver.sparkSqlJobDriver"

MEMBERS: Final[Mapping[str, Judge]] = {
    "name": _free,
    "virtualClusterId": _virtual_cluster,
    "executionRoleArn": _execution_role,
    "releaseLabel": _release,
    f"{_SUBMIT}.entryPoint": _entry_point,
    f"{_SUBMIT}.entryPointArguments": _free,
    f"{_SUBMIT}.sparkSubmitParameters": _submit_parameters,
    f"{_SQL}.entryPoint": _entry_point,
    f"{_SQL}.sparkSqlParameters": _sql_parameters,
    f"{_OVERRIDES}.applicationConfiguration": _classifications,
    f"{_MONITORING}.managedLogs.allowAWSToRetainLogs": _free,
    f"{_MONITORING}.managedLogs.encryptionKeyArn": _key,
    f"{_MONITORING}.persistentAppUI": _free,
    f"{_MONITORING}.cloudWatchMonitoringConfiguration.logGroupName": _log_group,
    f"{_MONITORING}.cloudWatchMonitoringConfiguration.logStreamNamePrefix": _free,
    f"{_MONITORING}.s3MonitoringConfiguration.logUri": _log_uri,
    f"{_MONITORING}.s3MonitoringConfiguration.encryptionKeyArn": _key,
    f"{_MONITORING}.containerLogRotationConfiguration.rotationSize": _free,
    f"{_MONITORING}.containerLogRotationConfiguration.maxFilesToKeep": _free,
    "tags": _tags,
    "jobTemplateId": _template,
    "jobTemplateParameters": _free,
    "retryPolicyConfiguration.maxAttempts": _attempts,
    "activeDeadlineSeconds": _deadline,
    "deletionPolicy": _deletion_policy,
    **dict.fromkeys(("startDeadlineSeconds", "ttlSecondsAfterFinished", "suspend", "cancel", "resubmitPolicy"), _free),
}
"""Member of the spec, by its names on the wire -> how it is judged."""

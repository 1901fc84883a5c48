"""The spec of an EmrJobPolicy: the example of its design, and words for each of its patterns."""

import re
from typing import Any

import yaml

from emrjobs.api.job_policy.spec import EmrJobPolicySpec, SparkBaseline
from emrjobs.api.job_policy.text import MEANING as MEANING_IN_POLICIES
from emrjobs.api.text import MEANING
from emrjobs.core.job_policy.parsing import parse_policy
from emrjobs.core.parsing import SpecProblem

EXAMPLE = """
namespaces:
  names: ["team-a", "analytics-*"]
  selector: {matchLabels: {emr.example.com/team: a}}
aws: {region: eu-west-1, roleArn: "arn:aws:iam::222222222222:role/emr-submit", externalId: 3f0c}
defaults:
  virtualClusterId: 0b0example0cluster0sandbx
  executionRoleArn: arn:aws:iam::222222222222:role/team-a-etl
  releaseLabel: emr-7.9.0-latest
  configurationOverrides: {monitoringConfiguration: {s3MonitoringConfiguration: {logUri: s3://team-a-logs/}}}
  retryPolicyConfiguration: {maxAttempts: 2}
  tags: {env: prod}
  activeDeadlineSeconds: 14400
  ttlSecondsAfterFinished: 86400
  deletionPolicy: Cancel
enforce: {tags: {cost-center: "4711"}}
allow:
  virtualClusterIds: [0b0example0cluster0sandbx]
  executionRoleArns: ["arn:aws:iam::222222222222:role/team-a-*"]
  jobTemplateIds: ["0000"]
  releaseLabels: ["emr-7.*"]
  entryPoints: ["s3://team-a-code/", "local:///usr/lib/spark/examples/"]
  logUris: ["s3://team-a-logs/"]
  logGroups: ["/emr/team-a*"]
  kmsKeyArns: ["arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
  images: ["222222222222.dkr.ecr.eu-west-1.amazonaws.com/team-a/*"]
  podTemplates: ["s3://platform-templates/small.yaml"]
  classifications: [spark-defaults, spark-log4j, core-site]
  deletionPolicies: [Cancel]
spark:
  baseline: Enforced
  deny: ["spark.dynamicAllocation.maxExecutors"]
  exempt: ["spark.kubernetes.node.selector.topology.kubernetes.io/zone"]
limits: {maxActiveRuns: 50, maxActiveRunsPerNamespace: 10, maxDriverAttempts: 3, maxActiveDeadlineSeconds: 86400}
tagRuns: true
"""


def test_every_member_of_the_example_is_read_and_comes_back() -> None:
    raw = yaml.safe_load(EXAMPLE)
    spec = parse_policy(raw)
    assert isinstance(spec, EmrJobPolicySpec), str(spec)
    assert spec.model_dump(by_alias=True, exclude_unset=True, mode="json") == raw


def test_what_is_absent_holds_the_baseline_and_tags_runs() -> None:
    spec = parse_policy({"namespaces": {"names": ["team-a"]}})
    assert not isinstance(spec, SpecProblem)
    assert (spec.spark.baseline, spec.tag_runs) == (SparkBaseline.ENFORCED, True)


def test_each_pattern_has_words() -> None:
    patterns = set(found(EmrJobPolicySpec.model_json_schema(), "pattern"))
    assert patterns - MEANING.keys() - MEANING_IN_POLICIES.keys() == set()
    assert all(re.fullmatch(r"[a-z].*[^.]", text) for text in MEANING_IN_POLICIES.values())


def found(value: Any, name: str) -> list[str]:
    """All values of a member, at any depth."""
    if isinstance(value, list):
        return [each for item in value for each in found(item, name)]
    if not isinstance(value, dict):
        return []
    own = [value[name]] if isinstance(value.get(name), str) else []
    return own + [each for item in value.values() for each in found(item, name)]

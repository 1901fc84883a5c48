"""Requests as AWS's own guides write them pass under a policy that names their code, logs and images."""

from typing import Any

import pytest

from emrjobs.core.job_policy.decision import Allowed
from tests.unit.core.job_policy.policies import (
    CLUSTER,
    POLICY,
    REGISTRY,
    ROLE,
    Json,
    configured,
    decided,
    monitored,
    policy,
    properties,
    sql,
    submit,
)

SIZES = "--conf spark.executor.instances=2 --conf spark.executor.memory=2G --conf spark.driver.cores=1"
LOGS = "-XX:+UseG1GC -XX:+PrintGCDetails -Dlog4j.configuration=file:///etc/log4j.properties"
METASTORE = {
    "hive.metastore.client.factory.class": "com.amazonaws.glue.catalog.metastore.AWSGlueDataCatalogHiveClientFactory"
}
REQUESTS: dict[str, Json] = {
    "nothing but the code": submit(),
    "an example of the image": submit(
        "--class org.apache.spark.examples.SparkPi", "local:///usr/lib/spark/examples/x.jar"
    ),
    "sizes": submit(f"--class org.apache.spark.examples.SparkPi {SIZES}"),
    "options for sizes": submit("--driver-memory 2g --executor-memory 4g --executor-cores 2 --num-executors 3"),
    "cluster mode": submit("--deploy-mode cluster --name nightly --verbose"),
    "jars and packages of one's own": submit(
        "--jars s3://team-a-code/a.jar,s3://team-a-code/b.jar --py-files s3a://team-a-code/x.zip"
    ),
    "an environment": submit(
        "--archives s3://team-a-code/env.tgz#environment --conf spark.pyspark.python=./environment/bin/python"
    ),
    "Java options": submit(
        f"--conf 'spark.driver.extraJavaOptions={LOGS}' --conf \"spark.executor.extraJavaOptions={LOGS}\""
    ),
    "dynamic allocation": submit(
        "--conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.shuffleTracking.enabled=true "
        "--conf spark.kubernetes.allocation.batch.size=10 --conf spark.kubernetes.executor.limit.cores=2"
    ),
    "requests of cores": submit(
        "--conf spark.kubernetes.driver.request.cores=0.5 --conf spark.sql.shuffle.partitions=200"
    ),
    "Iceberg": submit(
        "--conf spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions "
        "--conf spark.sql.catalog.glue=org.apache.iceberg.spark.SparkCatalog "
        "--conf spark.sql.catalog.glue.warehouse=s3://team-a-data/warehouse/"
    ),
    "an image of the team": submit(f"--conf spark.kubernetes.container.image={REGISTRY}/team-a/spark:1.2"),
    "a digest": submit(f"--conf spark.kubernetes.container.image={REGISTRY}/team-a/spark@sha256:0a1b"),
    "a pod template of the platform": submit(
        "--conf spark.kubernetes.driver.podTemplateFile=s3://platform-templates/small.yaml"
    ),
    "S3A, tuned": properties("core-site", **{"fs.s3a.connection.maximum": "200", "fs.s3a.fast.upload": "true"}),
    "defaults": properties("spark-defaults", **{"spark.sql.adaptive.enabled": "true", "spark.driver.memory": "2G"}),
    "log levels": properties("spark-log4j", **{"log4j.rootCategory": "WARN,console", "rootLogger.level": "error"}),
    "logs": monitored(
        persistentAppUI="ENABLED",
        s3MonitoringConfiguration={"logUri": "s3://team-a-logs/nightly/"},
        cloudWatchMonitoringConfiguration={"logGroupName": "/emr/team-a-nightly", "logStreamNamePrefix": "x"},
        containerLogRotationConfiguration={"rotationSize": "50MB", "maxFilesToKeep": 5},
    ),
    "SQL": sql("--database default --hivevar day=monday -d x=y --conf spark.executor.instances=2"),
    "the role and cluster by name": submit() | {"virtualClusterId": CLUSTER, "executionRoleArn": ROLE},
    "tags": submit() | {"tags": {"team": "a", "cost-center": "4711"}},
    "members of one's own": submit()
    | {
        "name": "nightly",
        "activeDeadlineSeconds": 3600,
        "ttlSecondsAfterFinished": 600,
        "startDeadlineSeconds": 60,
        "suspend": True,
        "resubmitPolicy": {"limit": 1},
        "deletionPolicy": "Cancel",
        "retryPolicyConfiguration": {"maxAttempts": 3},
    },
}


@pytest.mark.parametrize("spec", REQUESTS.values(), ids=REQUESTS)
def test_it_passes(spec: Json) -> None:
    decision = decided(spec)
    assert isinstance(decision, Allowed), decision.message
    assert decision.effective["tags"]["cost-center"] == "4711"
    assert decision.effective["activeDeadlineSeconds"] == spec.get("activeDeadlineSeconds", 86400)


def test_what_is_exempt_passes_and_a_list_of_ones_own_still_denies() -> None:
    spark = {
        "exempt": ["spark.kubernetes.driver.label.*", "spark.executorEnv.TZ"],
        "deny": ["spark.executor.instances"],
    }
    by = policy(spark=spark)
    assert isinstance(decided(submit("--conf spark.executorEnv.TZ=UTC"), by), Allowed)
    assert isinstance(decided(submit("--conf spark.kubernetes.driver.label.app=x"), by), Allowed)
    for text in ("--conf spark.executorEnv.PATH=x", "--conf spark.executor.instances=1"):
        assert not isinstance(decided(submit(text), by), Allowed)


def test_a_denial_for_one_classification_is_for_that_one() -> None:
    by = policy(spark={"deny": ["core-site:fs.s3a.connection.*"]})
    name = {"fs.s3a.connection.maximum": "1"}
    assert not isinstance(decided(properties("core-site", **name), by), Allowed)
    assert isinstance(decided(properties("hdfs-site", **name), by), Allowed)


def test_without_the_baseline_only_the_policys_own_list_holds() -> None:
    by = policy(spark={"baseline": "Off", "deny": ["spark.master"]})
    assert isinstance(decided(submit("--conf spark.kubernetes.node.selector.x=y"), by), Allowed)
    assert not isinstance(decided(submit("--conf spark.master=x"), by), Allowed)


def test_what_a_default_sets_may_stand_there_and_nothing_beside_it() -> None:
    """The platform gives a node selector and a metastore; the user may not change them."""
    given: list[dict[str, Any]] = [
        {"classification": "spark-defaults", "properties": {"spark.kubernetes.node.selector.pool": "a"}},
        {"classification": "spark-env", "configurations": [{"classification": "export", "properties": {"TZ": "UTC"}}]},
        {"classification": "spark-hive-site", "properties": METASTORE},
    ]
    defaults = {**POLICY["defaults"], "configurationOverrides": {"applicationConfiguration": given}}
    by = policy(defaults=defaults)
    assert isinstance(decided(submit(), by), Allowed)
    assert isinstance(decided(submit() | {"configurationOverrides": {"applicationConfiguration": given}}, by), Allowed)
    own = properties("spark-defaults", **{"spark.a": "b"})
    allowed = decided(own, by)
    assert isinstance(allowed, Allowed)
    (first, *_) = allowed.effective["configurationOverrides"]["applicationConfiguration"]
    assert first["properties"] == {"spark.a": "b", "spark.kubernetes.node.selector.pool": "a"}
    for other in (
        properties("spark-defaults", **{"spark.kubernetes.node.selector.pool": "b"}),
        configured("spark-env", configurations=[{"classification": "export", "properties": {"LD_PRELOAD": "x"}}]),
        configured("spark-env", properties={"a": "b"}),
    ):
        assert not isinstance(decided(other, by), Allowed)

"""Ways around a policy that were tried: each must be refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrjobs.core.job_policy.baseline import BASELINE
from emrjobs.core.job_policy.decision import Allowed, PolicyMode, RefusalReason, decide
from emrjobs.core.job_policy.selector import Namespace
from tests.unit.core.job_policy.policies import (
    ACCOUNT,
    CLUSTER,
    REGISTRY,
    TEAM_A,
    Json,
    configured,
    decided,
    monitored,
    policy,
    properties,
    refused,
    sql,
    submit,
)

ROLES = {
    "another role": f"arn:aws:iam::{ACCOUNT}:role/team-b-etl",
    "another case": f"arn:aws:iam::{ACCOUNT}:role/Team-a-etl",
    "a path after": f"arn:aws:iam::{ACCOUNT}:role/team-a-x/admin",
    "a path before": f"arn:aws:iam::{ACCOUNT}:role/x/team-a-etl",
    "another partition": f"arn:aws-cn:iam::{ACCOUNT}:role/team-a-etl",
    "another account": "arn:aws:iam::333333333333:role/team-a-etl",
    "no account": "arn:aws:iam:::role/team-a-etl",
    "a Cyrillic letter": f"arn:aws:iam::{ACCOUNT}:role/team-a-\u0435tl",
    "a line break at the end": f"arn:aws:iam::{ACCOUNT}:role/team-a-etl\n",
}
CODE = {
    "a bucket that begins alike": "s3://team-a-code.evil/x.py",
    "user information": "s3://user@team-a-code/x.py",
    "a port": "s3://team-a-code:443/x.py",
    "another case of the scheme": "S3://team-a-code/x.py",
    "the folder above": "s3://team-a-code/../evil/x.py",
    "the folder above, escaped": "s3://team-a-code/%2e%2e/x.py",
    "an empty folder": "s3://team-a-code//x.py",
    "the same folder": "s3://team-a-code/./x.py",
    "the folder above at the end": "s3://team-a-code/..",
    "a backslash": "s3://team-a-code/\\x.py",
    "a bucket beyond ASCII": "s3://team-\u0430-code/x.py",
    "http": "http://team-a-code/x.py",
    "a file": "file:///etc/passwd",
    "no scheme": "/etc/passwd",
    "s3a to another bucket": "s3a://team-b-code/x.py",
    "local, and out of it": "local:///usr/lib/spark/examples/../../../../tmp/x.jar",
    "a blank and a second URI": "s3://team-a-code/x.py s3://evil/x.py",
    "a comma and a second URI": "s3://team-a-code/x.py,s3://evil/x.py",
    "a query": "s3://team-a-code/x.py?versionId=1",
    "a command": "s3://team-a-code/$(id)",
    "a line break": "s3://team-a-code/x.py\n",
    "a glob": "s3://team-a-code/*",
}
WORDS = {
    "a jar in place of the entry point": "s3://evil/x.jar",
    "a jar after options": "--conf a=b s3://evil/x.jar",
    "jars": "--jars s3://evil/x.jar",
    "jars, the second": "--jars=s3://team-a-code/x.jar,s3://evil/x.jar",
    "Python files": "--py-files s3://evil/x.zip",
    "spark.jars": "--conf spark.jars=s3://evil/x.jar",
    "spark.submit.pyFiles": "--conf spark.submit.pyFiles=s3://evil/x.zip",
    "packages": "--packages com.evil:x:1",
    "repositories": "--repositories https://evil",
    "ivySettings": "--conf spark.jars.ivySettings=s3://evil/ivy.xml",
    "files": "--files s3://evil/x",
    "archives with an alias": "--archives s3://evil/x.tgz#env",
    "the driver's class path": "--driver-class-path /tmp/x.jar",
    "extraClassPath": "--conf spark.driver.extraClassPath=/tmp/x.jar",
    "a properties file": "--properties-file s3://evil/p",
    "a properties file, joined": "--properties-file=s3://evil/p",
    "Spark's defaults beside it": "--load-spark-defaults",
    "an unclosed quote": "--conf 'spark.a=b",
    "a command": "--conf spark.a=$(id)",
    "a second command": "--conf spark.a=b; id",
    "backquotes": "--conf spark.a=`id`",
    "a comment": "--conf spark.a=b #c",
    "a no-break space": "--conf\u00a0spark.master=x",
    "an em space": "--conf\u2003spark.master=x",
    "nothing, in an option": "--co\u200bnf spark.master=x",
    "two dashes": "-- spark.master=x",
    "no value": "--conf",
    "no equals sign": "--conf spark.master",
    "an unknown option": "--evil x",
    "an option as a value": "--name --conf spark.master=x",
    "master": "--master local[2]",
    "all of the local machine": "--master 'local[*]'",
    "remote": "--remote sc://evil",
    "client mode": "--deploy-mode client",
    "another user": "--proxy-user admin",
    "kill": "--kill x",
    "status": "--status x",
    "version": "--version",
    "a Kerberos principal": "--principal x",
    "an image": f"--conf spark.kubernetes.container.image={REGISTRY}/team-b/x",
    "an executor's image": "--conf spark.kubernetes.executor.container.image=evil/x",
    "the logging image": "--conf spark.a=b --conf jobsubmitter.logging.image=evil/x",
    "a pod template": "--conf spark.kubernetes.driver.podTemplateFile=s3://platform-templates/large.yaml",
    "a property of the JVM": "--conf spark.driver.extraJavaOptions=-Dspark.kubernetes.namespace=x",
    "a Java agent": "--conf spark.executor.extraJavaOptions=-javaagent:/tmp/x.jar",
    "a Java agent by its name": "--conf spark.driver.extraJavaOptions=-agentlib:x",
    "an option file": "--conf 'spark.driver.extraJavaOptions=-Xmx1g @/tmp/x'",
    "credentials of the SDK": "--conf spark.driver.extraJavaOptions=-Daws.accessKeyId=x",
    "Java options of the driver": "--driver-java-options -Dspark.master=x",
    "LD_PRELOAD": "--conf spark.executorEnv.LD_PRELOAD=/tmp/x.so",
    "a reference to a property": "--conf 'spark.a=${spark.kubernetes.authenticate.driver.serviceAccountName}'",
    "a value with a line break": "--conf 'spark.a=b\nspark.master=x'",
    "a value with a Unicode line break": "--conf 'spark.a=b\u2028spark.master=x'",
}
SQL_WORDS = {
    "a statement": "-e 'select 1'",
    "a file": "-f s3://evil/q.sql",
    "a file to begin with": "-i s3://evil/q.sql",
    "a property of Hive": "--hiveconf hive.metastore.uris=thrift://evil",
    "a property": "--conf spark.master=x",
    "jars": "--jars s3://evil/x.jar",
    "a word": "select",
}
DENIED = (
    "spark.kubernetes.namespace",
    "spark.kubernetes.authenticate.driver.serviceAccountName",
    "spark.kubernetes.authenticate.executor.serviceAccountName",
    "spark.kubernetes.authenticate.oauthToken",
    "spark.kubernetes.driver.secrets.x",
    "spark.kubernetes.executor.secretKeyRef.X",
    "spark.kubernetes.driver.volumes.hostPath.x.mount.path",
    "spark.kubernetes.executor.volumes.persistentVolumeClaim.x.options.claimName",
    "spark.kubernetes.node.selector.x",
    "spark.kubernetes.executor.node.selector.x",
    "spark.kubernetes.driver.annotation.iam.amazonaws.com/role",
    "spark.kubernetes.driver.label.x",
    "spark.kubernetes.driverEnv.AWS_ROLE_ARN",
    "spark.executorEnv.JAVA_TOOL_OPTIONS",
    "spark.hadoop.fs.s3a.aws.credentials.provider",
    "spark.hadoop.fs.s3.customAWSCredentialsProvider",
    "spark.hadoop.fs.s3a.bucket.team-a-code.access.key",
    "spark.hadoop.fs.s3a.endpoint",
    "spark.hadoop.hive.metastore.uris",
    "spark.kubernetes.driver.pod.featureSteps",
    "spark.kubernetes.driver.schedulerName",
    "spark.eventLog.dir",
    "spark.master",
    "spark.submit.deployMode",
)
CLASSIFICATIONS: dict[str, Json] = {
    "spark-defaults": properties("spark-defaults", spark__master="x"),
    "a line break in a value": properties("spark-defaults", spark__a="b\nspark.master x"),
    "a line break in a key": properties("spark-defaults", **{"spark.a\nspark.master": "x"}),
    "an escape in a key": properties("spark-defaults", **{"spark\\u002emaster": "x"}),
    "a blank before a key": properties("spark-defaults", **{" spark.master": "x"}),
    "a colon in a key": properties("spark-defaults", **{"spark.master:x": "y"}),
    "a backslash that joins the next line": properties("spark-defaults", spark__a="b\\"),
    "a credentials provider": properties("core-site", **{"fs.s3a.aws.credentials.provider": "x"}),
    "a mapping of roles": properties("emrfs-site", **{"fs.s3.authorization.roleMapping": "x"}),
    "another metastore": properties("hive-site", **{"hive.metastore.uris": "x"}),
    "another metastore for Spark": properties("spark-hive-site", **{"hive.metastore.glue.catalogid": "x"}),
    "the job submitter's image": properties("emr-job-submitter", **{"jobsubmitter.logging.image": "evil/x"}),
    "the job submitter's node": properties("emr-job-submitter", **{"jobsubmitter.node.selector.x": "y"}),
    "the containers' image": properties("emr-containers-defaults", **{"logging.image": "evil/x"}),
    "the environment": configured(
        "spark-env", configurations=[{"classification": "export", "properties": {"LD_PRELOAD": "x"}}]
    ),
    "one inside another": configured(
        "spark-defaults", configurations=[{"classification": "spark-defaults", "properties": {"spark.master": "x"}}]
    ),
    "another case": properties("Spark-Defaults", spark__a="b"),
    "unknown": properties("unknown", a="b"),
    "metrics": properties("spark-metrics", a="b"),
    "Jupyter": properties("jupyter-kernel-overrides", a="b"),
}
REQUESTS: dict[str, Json] = {
    "another cluster": submit() | {"virtualClusterId": "0b0other0cluster0sandbx0"},
    "another case of the cluster": submit() | {"virtualClusterId": CLUSTER.upper()},
    "another release": submit() | {"releaseLabel": "emr-6.15.0-latest"},
    "a release with a path": submit() | {"releaseLabel": "emr-7./../emr-5"},
    "logs elsewhere": monitored(s3MonitoringConfiguration={"logUri": "s3://evil/"}),
    "logs beside": monitored(s3MonitoringConfiguration={"logUri": "s3://team-a-logs.evil/"}),
    "logs without a slash": monitored(s3MonitoringConfiguration={"logUri": "s3://team-a-logs"}),
    "another log group": monitored(cloudWatchMonitoringConfiguration={"logGroupName": "/emr/team-b"}),
    "a key": monitored(managedLogs={"encryptionKeyArn": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"}),
    "a key of the bucket": monitored(
        s3MonitoringConfiguration={"logUri": "s3://team-a-logs/", "encryptionKeyArn": "${key}"}
    ),
    "a template": {"jobTemplateId": "0000000template"},
    "a template beside a request": submit() | {"jobTemplateId": "0000000template"},
    "an empty tag for an enforced one": submit() | {"tags": {"cost-center": ""}},
    "a tag of AWS": submit() | {"tags": {"AWS:x": "y"}},
    "a tag of another namespace": submit() | {"tags": {"emrjobs.dev/namespace": "team-b"}},
    "too long": submit() | {"activeDeadlineSeconds": 86401},
    "too many attempts": submit() | {"retryPolicyConfiguration": {"maxAttempts": 2147483647}},
    "run on without the object": submit() | {"deletionPolicy": "Retain"},
    "a member of tomorrow": submit() | {"securityConfigurationId": "x"},
    "a member of tomorrow inside": {"jobDriver": {"flinkJobDriver": {"entryPoint": "s3://team-a-code/x.jar"}}},
}


def cases() -> Iterator[tuple[str, Json]]:
    for why, role in ROLES.items():
        yield f"role: {why}", submit() | {"executionRoleArn": role}
    for why, uri in CODE.items():
        yield f"entry point: {why}", submit(entry_point=uri)
        if "\n" not in uri:
            yield f"jars: {why}", submit(f"--jars '{uri}'")
        yield f"spark.jars: {why}", properties("spark-defaults", spark__jars=uri)
    for why, words in WORDS.items():
        yield f"parameters: {why}", submit(words)
    for why, words in SQL_WORDS.items():
        yield f"SQL: {why}", sql(words)
    for why, spec in CLASSIFICATIONS.items():
        yield f"classification: {why}", spec
    yield from REQUESTS.items()


CASES = dict(cases())


@pytest.mark.parametrize("spec", CASES.values(), ids=CASES)
def test_it_is_refused(spec: Json) -> None:
    assert refused(spec).policy is TEAM_A


def spellings(name: str) -> Iterator[str]:
    """How a property can be written in a text of parameters."""
    value = "x"
    half = len(name) // 2
    for option in ("--conf ", "--conf=", "-c ", "--conf\t", "'--conf' ", '"--conf" ', "  --conf   "):
        yield f"{option}{name}={value}"
    yield f"--conf '{name}={value}'"
    yield f'--conf "{name}={value}"'
    yield f'"--conf={name}={value}"'
    yield f"--conf {name[:half]}''{name[half:]}={value}"
    yield f'--conf {name[:half]}"{name[half:]}"={value}'
    yield f"--conf {name[:half]}\\{name[half:]}={value}"
    yield f"--conf {name}={value} --conf {name}="
    yield f"--conf spark.a=b --conf {name}={value} --conf spark.c=d"
    yield f"--conf spark.driver.extraJavaOptions=-D{name}={value}"
    yield f"--conf 'spark.executor.extraJavaOptions=-Xss4m -D{name[:half]}\\{name[half:]}={value}'"
    yield f"--name '{name}={value}'"


def in_spark_defaults(name: str) -> Iterator[Json]:
    """How it can be written in a classification."""
    yield properties("spark-defaults", **{name: "x"})
    yield properties("spark-defaults", **{f" {name}": "x"})
    yield properties("spark-defaults", **{name.replace(".", "\\u002e", 1): "x"})
    yield properties("spark-defaults", **{"spark.a": f"b\n{name} x"})
    yield properties("spark-defaults", **{"spark.driver.extraJavaOptions": f"-D{name}=x"})


NAMES = sorted({pattern.replace("**", "x").replace("*", "a") for pattern in BASELINE} | set(DENIED))


@pytest.mark.parametrize("name", NAMES)
def test_no_spelling_sets_what_nobody_may_set(name: str) -> None:
    for text in spellings(name):
        assert refused(submit(text)).problems
        assert refused(sql(text)).problems
    for spec in in_spark_defaults(name):
        assert refused(spec).problems


@given(st.sampled_from(DENIED), st.data())
def test_no_quotes_and_blanks_hide_a_name(name: str, data: st.DataObject) -> None:
    noise = st.sampled_from(["", "", "''", '""', "\\", " ", "'", '"', "\t", "\u00a0", "\n", "${x}", "#"])
    text = "--conf " + "".join(data.draw(noise) + character for character in name) + "=x"
    assert refused(submit(text)).problems


NAMESPACES = {
    "a longer name": Namespace("xteam-a", {}),
    "one that begins alike": Namespace("team-a-x", {}),
    "upper case": Namespace("Team-a", {}),
    "another label": Namespace("other", {"example.com/team": "b"}),
    "labels that are not known": Namespace("other", None),
}


@pytest.mark.parametrize("namespace", NAMESPACES.values(), ids=NAMESPACES)
def test_another_namespace_gets_nothing(namespace: Namespace) -> None:
    decision = decided(submit(), namespace=namespace)
    assert not isinstance(decision, Allowed)
    assert decision.reason is RefusalReason.NO_POLICY


def test_a_policy_that_is_not_ready_opens_nothing_where_policies_are_optional() -> None:
    broken: Any = policy(ready=False)
    decision = decide(submit(), Namespace("team-a", {}), [broken], PolicyMode.OPTIONAL, object_name="etl")
    assert not isinstance(decision, Allowed)
    assert decision.reason is RefusalReason.POLICY_NOT_READY

"""Properties of Spark, Hadoop and EMR on EKS that decide who a job is and where it runs. Pure data.

Under a policy nobody may set them, unless the policy exempts a name. Sources: "Running Spark on Kubernetes" and the
configuration pages of Spark 3.1 to 4.0, Hadoop's "S3A" and "Hadoop in Secure Mode", EMR on EKS's job parameters.
"""

import re
from collections.abc import Iterator
from typing import Final

_LISTS: Final = {
    "another ServiceAccount, token or certificate": "spark.kubernetes.authenticate.**",
    "another place": """
        spark.kubernetes.namespace spark.kubernetes.context spark.master spark.kubernetes.driver.master spark.remote
        spark.submit.deployMode spark.submit.proxyUser** spark.api.mode spark.local.connect
        """,
    "secrets and volumes of others": """
        spark.kubernetes.{driver,executor}.secrets.** spark.kubernetes.{driver,executor}.secretKeyRef.**
        spark.kubernetes.{driver,executor}.volumes.** spark.kubernetes.container.image.pullSecrets
        """,
    "the shape of pods": """
        spark.kubernetes.{driver,executor}.podTemplateContainerName spark.kubernetes.{driver,executor}.pod.featureSteps
        spark.kubernetes.{driver,executor}.pod.name spark.kubernetes.{driver,executor}.podNamePrefix
        spark.kubernetes.{driver,executor}.scheduler** spark.kubernetes.scheduler.**
        spark.kubernetes.{driver,executor}.container.** spark.kubernetes.allocation.pods.allocator
        spark.kubernetes.file.upload.path spark.kubernetes.{driver,executor}.resizeDirs
        """,
    "nodes of others, and labels that others trust": """
        spark.kubernetes.node.selector.** spark.kubernetes.{driver,executor}.node.selector.**
        spark.kubernetes.{driver,executor}.label.** spark.kubernetes.{driver,executor}.annotation.**
        spark.kubernetes.{driver,executor}.service.label.** spark.kubernetes.{driver,executor}.service.annotation.**
        spark.kubernetes.{driver,executor}.tolerations** jobsubmitter.node.selector.** jobsubmitter.label.**
        jobsubmitter.annotation.** jobsubmitter.tolerations**
        """,
    "another identity by the environment": "spark.kubernetes.driverEnv.** spark.executorEnv.** spark.yarn.**",
    "code from elsewhere": """
        spark.{driver,executor}.extraClassPath spark.{driver,executor}.extraLibraryPath
        spark.{driver,executor}.defaultJavaOptions spark.{driver,executor}.userClassPathFirst
        spark.jars.packages spark.jars.repositories spark.jars.ivy spark.jars.ivySettings spark.jars.excludes
        spark.kubernetes.{driver,executor}.connectionTimeout
        """,
    "another identity or server for data": """
        spark.hadoop.fs.s3*.customAWSCredentialsProvider spark.hadoop.fs.s3*.aws.credentials.provider**
        spark.hadoop.fs.s3*.access.key spark.hadoop.fs.s3*.secret.key spark.hadoop.fs.s3*.session.token
        spark.hadoop.fs.s3*.awsAccessKeyId spark.hadoop.fs.s3*.awsSecretAccessKey spark.hadoop.fs.s3*.endpoint**
        spark.hadoop.fs.s3*.impl spark.hadoop.fs.AbstractFileSystem.s3*.impl spark.hadoop.fs.s3*.assumed.role.**
        spark.hadoop.fs.s3*.authorization.** spark.hadoop.fs.s3*.bucket.** spark.hadoop.fs.s3*.proxy.**
        spark.hadoop.hadoop.security.** spark.hadoop.hadoop.proxyuser.**
        """,
    "another team's catalogue": """
        spark.hadoop.hive.metastore.** spark.hadoop.aws.glue.** spark.hadoop.javax.jdo.** spark.hive.**
        spark.sql.hive.metastore.jars** spark.kerberos.** spark.kubernetes.kerberos.** spark.kubernetes.hadoop.**
        """,
    "data out, or the log-in off": """
        spark.eventLog.dir spark.metrics.conf** spark.ssl.** spark.authenticate** spark.acls.** spark.admin.**
        spark.modify.acls** spark.ui.acls.** spark.ui.view.acls** spark.user.groups.mapping
        spark.ui.reverseProxy** spark.ui.filters
        """,
}


def _spelt_out(patterns: str) -> Iterator[str]:
    """The patterns with each ``{a,b}`` once for a and once for b."""
    for pattern in patterns.split():
        found = re.search(r"\{([^}]*)\}", pattern)
        if found is None:
            yield pattern
        else:
            yield from (pattern.replace(found[0], option, 1) for option in found[1].split(","))


WHY: Final = {pattern: why for why, patterns in _LISTS.items() for pattern in _spelt_out(patterns)}
"""Pattern of a name -> what whoever sets it could reach."""
BASELINE: Final = tuple(WHY)


def table() -> str:
    """The list for readers: what it keeps, and the names."""
    rows = [f"| {why} | {' '.join(f'`{name}`' for name in names.split())} |" for why, names in _LISTS.items()]
    return "\n".join(["| reaches | names |", "|---|---|", *rows])

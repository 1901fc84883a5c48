"""Ids and ARNs of the service's shapes: runs have 19 characters, virtual clusters and templates 25. Pure."""

import random
import string

ALPHABET = string.digits + string.ascii_lowercase
DEFAULT_VIRTUAL_CLUSTER = "0b0example0cluster0sandbx"
RUN_LENGTH = 19
LONG_LENGTH = 25


def base36(number: int, width: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = ALPHABET[rest] + digits
    return digits.rjust(width, "0")


class Ids:
    """Seeded, unique: a counter in front, random characters behind, as AWS's own ids look."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._runs = 36**2 * 3 * 36 + 7 * 36

    def _tail(self, length: int) -> str:
        return "".join(self._random.choices(ALPHABET, k=length))

    def run(self) -> str:
        self._runs += 1
        return base36(self._runs, 10) + self._tail(RUN_LENGTH - 10)

    def long(self) -> str:
        return self._tail(LONG_LENGTH)


def aws_partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def cluster_arn(account: str, region: str, cluster: str) -> str:
    return f"arn:{aws_partition(region)}:emr-containers:{region}:{account}:/virtualclusters/{cluster}"


def run_arn(account: str, region: str, cluster: str, run: str) -> str:
    return f"{cluster_arn(account, region, cluster)}/jobruns/{run}"


def template_arn(account: str, region: str, template: str) -> str:
    return f"arn:{aws_partition(region)}:emr-containers:{region}:{account}:/jobtemplates/{template}"

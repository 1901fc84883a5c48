"""Members of a policy that would promise what is not kept. Pure."""

from collections.abc import Iterator

from emrjobs.api.job_policy.spec import EmrJobPolicySpec


def not_served(spec: EmrJobPolicySpec) -> Iterator[tuple[str, str]]:
    """Each such member, and why."""
    if spec.aws.role_arn is not None or spec.aws.region is not None:
        yield "aws", "other accounts and Regions are not served by this version"

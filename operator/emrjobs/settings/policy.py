"""Which policies hold."""

from pathlib import Path

from pydantic import Field

from emrjobs.core.job_policy.decision import PolicyMode
from emrjobs.settings.group import Group


class PolicySettings(Group):
    """Who may run what."""

    policy: PolicyMode = Field(
        default=PolicyMode.OPTIONAL,
        description=(
            "required or optional: whether anything may run in a namespace that no EmrJobPolicy is for. "
            "Policies are the EmrJobPolicies of the cluster, or those of policy_file; an operator of named "
            "namespaces reads no EmrJobPolicies, and so needs policy_file for required."
        ),
    )
    policy_file: Path | None = Field(
        default=None,
        description=(
            "File of EmrJobPolicies, which is read again when it changes; the EmrJobPolicies of the cluster are then "
            "not read."
        ),
    )
    policy_selectors: bool = Field(
        default=False,
        description=(
            "Whether policies may select namespaces by their labels. Needs list and watch of namespaces. "
            "Whoever may label a namespace then chooses its policy."
        ),
    )

"""Which policies hold."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from emrjobs.core.job_policy.decision import PolicyMode
from emrjobs.settings.group import Group


class PolicySettings(Group):
    """Who may run what."""

    policy: PolicyMode = Field(
        default=PolicyMode.OPTIONAL,
        description=(
            "required or optional: whether anything may run in a namespace that no EmrJobPolicy is for. "
            "required needs policy_file."
        ),
    )
    policy_file: Path | None = Field(
        default=None,
        description="File of EmrJobPolicies, which is read again when it changes. None: every request may run.",
    )

    @model_validator(mode="after")
    def _required_policies_come_from_a_file(self) -> Self:
        if self.policy is PolicyMode.REQUIRED and self.policy_file is None:
            raise ValueError("policy=required needs policy_file")
        return self

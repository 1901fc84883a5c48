"""Every setting of the operator, by group. Nothing else reads the environment."""

from typing import Self

from pydantic import model_validator

from emrjobs.core.job_policy.decision import PolicyMode
from emrjobs.settings.aws import AwsSettings
from emrjobs.settings.defaults import DefaultSettings
from emrjobs.settings.group import PREFIX as PREFIX
from emrjobs.settings.group import LogFormat as LogFormat
from emrjobs.settings.group import LogLevel as LogLevel
from emrjobs.settings.orphans import OrphanPolicy as OrphanPolicy
from emrjobs.settings.orphans import OrphanSettings
from emrjobs.settings.policy import PolicySettings
from emrjobs.settings.process import (
    ConcurrencySettings,
    HttpSettings,
    LeaderElectionSettings,
    LogSettings,
    UpkeepSettings,
)
from emrjobs.settings.timing import TimingSettings


class Settings(
    # The help lists the last first.
    OrphanSettings,
    DefaultSettings,
    PolicySettings,
    UpkeepSettings,
    TimingSettings,
    ConcurrencySettings,
    LogSettings,
    LeaderElectionSettings,
    HttpSettings,
    AwsSettings,
):
    """Set by environment (``EMRJOBS_…``) or by flags of ``emrjobs run``; flags win."""

    @model_validator(mode="after")
    def _required_policies_can_be_read(self) -> Self:
        if self.policy is PolicyMode.REQUIRED and self.policy_file is None and self.namespace:
            raise ValueError("policy=required needs policy_file where namespaces are named")
        return self

"""Every setting of the operator, by group. Nothing else reads the environment."""

from emrjobs.settings.aws import AwsSettings
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

"""What holds for objects that say nothing, and whose policy says nothing."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from emrjobs.core.job_run.lifecycle import Lifecycle
from emrjobs.settings.group import Group, Seconds

AtLeastAMinute = Annotated[Seconds, Field(ge=timedelta(minutes=1))]


class DefaultSettings(Group):
    """Durations of a run's life."""

    default_ttl: AtLeastAMinute | None = Field(
        default=None,
        description=(
            "ttlSecondsAfterFinished of objects that have none, nor a policy that gives one; also of those that have "
            "finished already. None: they stay."
        ),
    )
    default_active_deadline: AtLeastAMinute | None = Field(
        default=None, description="activeDeadlineSeconds of objects that have none, nor a policy that gives one."
    )
    default_start_deadline: AtLeastAMinute | None = Field(
        default=None, description="startDeadlineSeconds of objects that have none, nor a policy that gives one."
    )

    def lifecycle_defaults(self) -> Lifecycle:
        """All of them."""
        return Lifecycle(
            active_deadline=self.default_active_deadline,
            start_deadline=self.default_start_deadline,
            ttl=self.default_ttl,
        )

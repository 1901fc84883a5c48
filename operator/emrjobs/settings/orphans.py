"""What is done about job runs of ours whose object is gone."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from emrjobs.settings.group import Group, Seconds, names


class OrphanPolicy(StrEnum):
    """What follows when such a run is found."""

    REPORT = "Report"
    CANCEL = "Cancel"


class OrphanSettings(Group):
    """The search for them."""

    installation: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_.:/=+@-]{1,128}$",
        description=(
            "Name of this installation, unique among all that use these virtual clusters. Every job run gets it as the "
            "tag emrjobs.dev/installation, and is known as ours when its object is gone. Needs TagResource. None: no "
            "tags, and no search."
        ),
    )
    orphan_interval: Seconds = Field(
        default=timedelta(hours=1),
        description="Seconds between two searches for active job runs of ours whose object is gone; 0 for none.",
    )
    orphan_policy: OrphanPolicy = Field(
        default=OrphanPolicy.REPORT,
        description="Report or Cancel: what follows when such a run is found. Each is reported once, and counted.",
    )
    orphan_virtual_clusters: Annotated[tuple[str, ...], NoDecode, BeforeValidator(names)] = Field(
        default=(),
        description="Virtual clusters to search beside those that objects name (repeatable, or separated by commas).",
    )

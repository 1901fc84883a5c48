"""What is kept in memory of a large spec while its object waits: thousands of them may. Pure."""

from dataclasses import dataclass
from typing import Final

from emrjobs.api.job_run.spec import PartialSpec
from emrjobs.core.job_run.request import job_name

LARGE: Final = 8192
"""Bytes as JSON. Ordinary specs have one or two thousand, and are kept whole."""


@dataclass(frozen=True, slots=True)
class LargeSpec:
    """The members that are asked for before the object's turn. The whole is read again then."""

    virtual_cluster_id: str | None
    execution_role_arn: str | None
    job_template_id: str | None
    tagged: bool
    job_name: str
    """The name that the job run will have at AWS."""


def outline(spec: PartialSpec, object_name: str) -> LargeSpec:
    """What is kept of a spec."""
    return LargeSpec(
        virtual_cluster_id=spec.virtual_cluster_id,
        execution_role_arn=spec.execution_role_arn,
        job_template_id=spec.job_template_id,
        tagged=bool(spec.tags),
        job_name=job_name(spec, object_name),
    )

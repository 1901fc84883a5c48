"""What came of an effect. Pure values; the adapters make them."""

from dataclasses import dataclass

from emrjobs.core.failures import Failure
from emrjobs.core.job_policy.templates import Template
from emrjobs.core.job_run.runs import JobRun


@dataclass(frozen=True, slots=True)
class Started:
    """StartJobRun's answer."""

    id: str
    arn: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """DescribeJobRun's answer."""

    run: JobRun


@dataclass(frozen=True, slots=True)
class CancelTaken:
    """CancelJobRun's answer: the cancellation has begun."""


@dataclass(frozen=True, slots=True)
class Found:
    """The run that carries the token, or none after a complete look."""

    run: JobRun | None


@dataclass(frozen=True, slots=True)
class ClusterView:
    """What DescribeVirtualCluster says about taking more runs."""

    state: str
    queue_full: bool

    @property
    def busy(self) -> bool:
        """Whether it takes no run now."""
        return self.state != "RUNNING" or self.queue_full


@dataclass(frozen=True, slots=True)
class ActivePage:
    """A page of the runs of one virtual cluster that have not ended."""

    runs: tuple[JobRun, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class LossChecked:
    """Whether the endpoint that denies knowing a run is the one that the run was started at."""

    right_endpoint: bool


Outcome = Started | Seen | CancelTaken | Found | ClusterView | LossChecked | Template | Failure
"""Of an effect on AWS. A ``Failure`` may come of any of them."""

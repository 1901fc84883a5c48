"""The process itself: its port, its Lease, its logs, how much it does at a time, and how it ends."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import CliImplicitFlag

from emrjobs.settings.group import Group, LogFormat, LogLevel, Seconds, upper


class HttpSettings(Group):
    """The port of probes and metrics."""

    http_port: int = Field(
        default=8080,
        ge=0,
        le=65535,
        description="Port of /healthz, /readyz and /metrics; 0 takes any free one, which is logged.",
    )
    http_host: str = Field(default="0.0.0.0", description="Address that the port is opened on.")  # noqa: S104


class LeaderElectionSettings(Group):
    """The Lease."""

    leader_election: CliImplicitFlag[bool] = Field(
        default=True, description="Act only while holding a Lease, so that several replicas can run."
    )
    lease_name: str = Field(default="emrjobs", description="Name of the Lease.")
    lease_namespace: str | None = Field(
        default=None, description="Namespace of the Lease; without it the pod's own, or the kubeconfig's."
    )
    lease_duration: Seconds = Field(
        default=timedelta(seconds=15), description="Whole seconds after which a Lease that nobody renews has run out."
    )
    lease_renew_deadline: Seconds = Field(
        default=timedelta(seconds=10), description="Seconds without a renewal after which the leader stops acting."
    )
    lease_retry: Seconds = Field(default=timedelta(seconds=2), description="Seconds between two looks at the Lease.")

    @model_validator(mode="after")
    def _lease_times_fit(self) -> Self:
        if not self.lease_retry < self.lease_renew_deadline < self.lease_duration:
            raise ValueError("lease_retry < lease_renew_deadline < lease_duration must hold")
        return self


class LogSettings(Group):
    """What is logged, and how."""

    log_format: LogFormat = Field(default=LogFormat.JSON, description="json or console.")
    log_level: Annotated[LogLevel, BeforeValidator(upper)] = Field(
        default=LogLevel.INFO, description="DEBUG, INFO, WARNING or ERROR."
    )


class ConcurrencySettings(Group):
    """How much is done at the same time."""

    workers: int = Field(default=32, ge=1, description="Objects worked on at the same time.")
    aws_connections: int = Field(default=32, ge=1, description="Calls to AWS at the same time.")
    kube_connections: int = Field(default=50, ge=1, description="Connections to the API server.")


class UpkeepSettings(Group):
    """Repair, readiness, and the end."""

    resync_interval: Seconds = Field(
        default=timedelta(minutes=7),
        description="Seconds between two comparisons of the store with the API server.",
    )
    not_ready_after: Seconds = Field(
        default=timedelta(minutes=1),
        description="Seconds of trouble with AWS or the API server after which /readyz fails.",
    )
    stop_limit: Seconds = Field(
        default=timedelta(seconds=20), description="Seconds after SIGTERM at which the process ends hard."
    )

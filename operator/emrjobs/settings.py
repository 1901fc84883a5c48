"""Every knob of the operator, in one frozen place. Nothing else reads the environment."""

import json
import math
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, CliImplicitFlag, CliSuppress, NoDecode, SettingsConfigDict

from emrjobs.core.backoff import Backoff
from emrjobs.core.job_run.timing import Timing
from emrjobs.core.quota import AWS_DEFAULTS, Rate

PREFIX: Final = "EMRJOBS_"


class LogFormat(StrEnum):
    """How log lines look."""

    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """How much is told."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _seconds(value: object) -> object:
    """Durations are plain seconds, in the environment and on the command line."""
    try:
        return timedelta(seconds=float(value)) if isinstance(value, str | int | float) else value
    except (ValueError, OverflowError):
        raise ValueError("must be a number of seconds") from None


Seconds = Annotated[timedelta, BeforeValidator(_seconds), Field(ge=timedelta(0))]


def _moves(rate: Rate) -> bool:
    burst, per_second = rate
    return 1 <= burst < math.inf and 0 < per_second < math.inf


def _names(value: object) -> object:
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    return value


class Settings(BaseSettings):
    """Set by environment (``EMRJOBS_…``) or by flags of ``emrjobs run``; flags win."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", cli_kebab_case=True, env_ignore_empty=True
    )

    namespace: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = Field(
        default=(), description="Namespaces to watch (repeatable, or separated by commas). None: all of them."
    )
    quotas: Annotated[dict[str, Rate] | None, NoDecode] = Field(
        default_factory=lambda: dict(AWS_DEFAULTS),
        description=(
            'AWS\'s rates as JSON, {"StartJobRun": [burst, per second], …, "total": …}; those not named keep '
            "AWS's default; 'off' for none."
        ),
    )
    quota_share: float = Field(
        default=0.95,
        gt=0,
        le=1,
        description="The share of AWS's refill rates that is used. Of each burst one call is left.",
    )
    aws_region: CliSuppress[str | None] = Field(
        default=None,
        validation_alias="AWS_REGION",
        description="The Region. boto3 reads AWS_DEFAULT_REGION and its configuration by itself, but not AWS_REGION.",
    )
    event_queue_url: str | None = Field(default=None, description="URL of an SQS queue that EventBridge feeds.")
    http_port: int = Field(
        default=8080,
        ge=0,
        le=65535,
        description="Port of /healthz, /readyz and /metrics; 0 takes any free one, which is logged.",
    )
    http_host: str = Field(default="0.0.0.0", description="Address that the port is opened on.")  # noqa: S104
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
    log_format: LogFormat = Field(default=LogFormat.JSON, description="json or console.")
    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = Field(
        default=LogLevel.INFO, description="DEBUG, INFO, WARNING or ERROR."
    )
    workers: int = Field(default=32, ge=1, description="Objects worked on at the same time.")
    aws_connections: int = Field(default=32, ge=1, description="Calls to AWS at the same time.")
    kube_connections: int = Field(default=50, ge=1, description="Connections to the API server.")
    poll_interval: Seconds = Field(
        default=timedelta(seconds=2),
        gt=timedelta(0),
        description="Seconds between two lists of a virtual cluster, where quotas allow.",
    )
    poll_interval_longest: Seconds = Field(
        default=timedelta(seconds=15), description="Longest seconds between two lists of a virtual cluster."
    )
    poll_interval_hinted: Seconds = Field(
        default=timedelta(minutes=1), description="Seconds between two lists while the event queue works."
    )
    unlisted: Seconds = Field(
        default=timedelta(seconds=10),
        description="Seconds until an accepted run that no list shows is described.",
    )
    retry_first: Seconds = Field(default=timedelta(seconds=1), description="Seconds of the first back-off.")
    retry_longest: Seconds = Field(default=timedelta(minutes=2), description="Seconds of the longest back-off.")
    kube_retry_first: Seconds = Field(
        default=timedelta(seconds=1), description="Seconds of the first back-off after a write that failed."
    )
    kube_retry_longest: Seconds = Field(
        default=timedelta(seconds=30), description="Longest seconds between two tries of a write to the API server."
    )
    denied_patience: Seconds = Field(
        default=timedelta(minutes=2),
        description="Seconds that a denial may last before the object is REJECTED.",
    )
    denied_retry: Seconds = Field(
        default=timedelta(minutes=10),
        description="Longest seconds between two tries of a denied request (half of it at least).",
    )
    unclear_retry_longest: Seconds = Field(
        default=timedelta(minutes=10),
        description="Longest seconds between two tries after an unclear refusal.",
    )
    grace: Seconds = Field(
        default=timedelta(seconds=330),
        description="Seconds after which a request that was perhaps sent can have started nothing that no list shows.",
    )
    clock_margin: Seconds = Field(
        default=timedelta(minutes=15),
        description="Seconds before the recorded intent at which a search for its run begins.",
    )
    search_first: Seconds = Field(
        default=timedelta(seconds=2),
        description="Seconds between the first searches for a run that was perhaps started.",
    )
    search_longest: Seconds = Field(
        default=timedelta(minutes=1), description="Longest seconds between two such searches."
    )
    queued_after: Seconds = Field(
        default=timedelta(seconds=3), description="Seconds of waiting after which an object shows QUEUED."
    )
    turn_kept: Seconds = Field(
        default=timedelta(seconds=30), description="Seconds that a place in the rate limit is kept for an object."
    )
    token_trust: Seconds = Field(
        default=timedelta(hours=1), description="Seconds that AWS is trusted to remember a client token."
    )
    cancel_again: Seconds = Field(
        default=timedelta(seconds=30),
        description="Seconds before a cancellation that did nothing is sent again.",
    )
    gone_again: Seconds = Field(
        default=timedelta(minutes=1), description="Seconds between the two answers that make a run LOST."
    )
    effect_limit: Seconds = Field(
        default=timedelta(seconds=15),
        description="A write to AWS is not sent later than this after it was decided.",
    )
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

    @field_validator("quotas", mode="before")
    @classmethod
    def _read_quotas(cls, value: object) -> object:
        if isinstance(value, str) and value.strip().lower() == "off":
            return None
        given: Any = json.loads(value) if isinstance(value, str) else value
        if given is None or not isinstance(given, dict):
            return given
        unknown = sorted(set(given) - set(AWS_DEFAULTS))
        if unknown:
            raise ValueError(f"unknown operations: {', '.join(unknown)}; known: {', '.join(AWS_DEFAULTS)}")
        return {**AWS_DEFAULTS, **given}

    @field_validator("quotas")
    @classmethod
    def _rates_move(cls, value: dict[str, Rate] | None) -> dict[str, Rate] | None:
        stuck = sorted(name for name, rate in (value or {}).items() if not _moves(rate))
        if stuck:
            raise ValueError(f"a burst of at least 1 and a rate above 0 are needed: {', '.join(stuck)}")
        return value

    @model_validator(mode="after")
    def _lease_times_fit(self) -> Self:
        if not self.lease_retry < self.lease_renew_deadline < self.lease_duration:
            raise ValueError("lease_retry < lease_renew_deadline < lease_duration must hold")
        return self

    def timing(self) -> Timing:
        """The durations that the rules use."""
        retry = Backoff(self.retry_first, self.retry_longest)
        return Timing(
            grace=self.grace,
            clock_margin=self.clock_margin,
            search=Backoff(self.search_first, self.search_longest),
            patience=self.queued_after,
            permit=self.turn_kept,
            token_trust=self.token_trust,
            retry=retry,
            kube_retry=Backoff(self.kube_retry_first, self.kube_retry_longest),
            unclear_retry=Backoff(self.retry_first * 15, self.unclear_retry_longest),
            denied_retry=Backoff(self.denied_retry, self.denied_retry),
            denied_patience=self.denied_patience,
            cancel_again=self.cancel_again,
            poll=Backoff(self.poll_interval, self.poll_interval_longest),
            unlisted=self.unlisted,
            listing=max(self.poll_interval_longest, self.poll_interval_hinted) * 2,
            gone_again=self.gone_again,
        )

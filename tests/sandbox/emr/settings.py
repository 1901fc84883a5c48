"""Every knob of the simulator: set by flags, changed by the admin interface. Seconds throughout. Pure."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Seconds = float | tuple[float, float]  # one length, or an even spread between two

SUPPORTED_CLASSIFICATIONS = (
    "core-site",
    "emr-containers-defaults",
    "emr-job-submitter",
    "emrfs-site",
    "flink-conf",
    "hive-site",
    "livy-conf",
    "spark-defaults",
    "spark-env",
    "spark-hive-site",
    "spark-kubernetes-operator",
    "spark-log4j",
    "spark-log4j2",
    "spark-metrics",
)


class Knobs(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Durations(Knobs):
    """How long a run stays in each state when its script does not say."""

    pending: Seconds = 0.3
    submitted: Seconds = 0.3
    running: Seconds = 1.0
    cancel: Seconds = 0.3
    retry_backoff: float = 0.3  # before the second driver attempt; doubles up to the next line
    retry_backoff_max: float = 10.0
    job_start_timeout: float = 900.0
    slot_timeout: float = 1800.0
    cluster_termination: float = 0.3


class Quota(Knobs):
    burst: float
    rate: float


def _aws_quotas() -> dict[str, Quota]:
    slow = ["StartJobRun", "CancelJobRun", "CreateVirtualCluster", "DeleteVirtualCluster"]
    slow += ["CreateJobTemplate", "DeleteJobTemplate", "DescribeJobTemplate", "ListJobTemplates"]
    lists = ["ListJobRuns", "ListVirtualClusters", "DescribeVirtualCluster"]
    return {
        **{name: Quota(burst=25, rate=1) for name in slow},
        **{name: Quota(burst=100, rate=5) for name in lists},
        "DescribeJobRun": Quota(burst=100, rate=20),
        "total": Quota(burst=200, rate=20),
    }


class Quotas(Knobs):
    """Token buckets per account and region, refilled in real time."""

    enabled: bool = False
    buckets: dict[str, Quota] = Field(default_factory=_aws_quotas)


class Latency(Knobs):
    """Log-normal: half of the answers take longer than the median, one in a hundred longer than p99."""

    median: float
    p99: float


class Events(Knobs):
    """Messages of EventBridge's shape into an SQS queue; off without a queue."""

    queue_url: str | None = None
    endpoint_url: str | None = None
    loss: float = 0.0
    double: float = 0.0
    delay: Seconds = 0.0  # a spread longer than the pauses between states reorders them
    detail_type: str = "EMR Job Run State Change"


class Settings(Knobs):
    seed: int = 1
    account: str = "123456789012"
    accounts: dict[str, str] = Field(default_factory=dict)  # access key id -> account
    principal: str = "assumed-role/sandbox/session"
    any_virtual_cluster: bool = True
    timestamp_digits: int = Field(default=0, ge=0, le=6)
    page_limit: int = 100
    max_body: int = 1024 * 1024

    verify_signature_date: bool = True
    signature_tolerance: float = 300.0

    durations: Durations = Durations()
    script: str = ""  # for runs that no tag and no rule scripts
    classifications: tuple[str, ...] | None = SUPPORTED_CLASSIFICATIONS

    token_lifetime: float | None = None
    token_mismatch: Literal["old-run", "error"] = "old-run"
    retention: float | None = None  # seconds after its end that a run is still known
    list_lag: float = 0.0
    list_omits: tuple[str, ...] = ()
    same_account_role: bool = False
    job_templates: dict[str, dict[str, Any]] = Field(default_factory=dict)  # id -> jobTemplateData, in all regions
    cancel_unknown: Literal["ResourceNotFoundException", "ValidationException"] = "ResourceNotFoundException"
    queue_full: str = "The maximum number of in-queue job runs for virtual cluster {id} has been reached: {limit}"
    default_concurrency: int | None = None  # where a scheduler configuration names no maxConcurrentJobRuns

    quotas: Quotas = Quotas()
    latency: dict[str, Latency] = Field(default_factory=dict)  # by operation; "*" for the others
    events: Events = Events()


def merged(old: Any, new: Any) -> Any:
    """A JSON merge patch, except that null is a value and not a deletion."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}
    return new


def changed(settings: Settings, change: dict[str, Any]) -> Settings:
    return Settings.model_validate(merged(settings.model_dump(mode="json"), change))

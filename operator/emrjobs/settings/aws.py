"""What is watched, and how AWS is called."""

import json
import math
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator
from pydantic_settings import CliSuppress, NoDecode

from emrjobs.core.quota import AWS_DEFAULTS, Rate
from emrjobs.settings.group import Group, names


def _moves(rate: Rate) -> bool:
    burst, per_second = rate
    return 1 <= burst < math.inf and 0 < per_second < math.inf


class AwsSettings(Group):
    """Namespaces, Region, rates and the event queue."""

    namespace: Annotated[tuple[str, ...], NoDecode, BeforeValidator(names)] = Field(
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
    tag_sessions: bool = Field(
        default=True,
        description=(
            "Whether sessions with the role of an EmrJobPolicy carry namespace, policy and installation as session "
            "tags, by which that account can restrict them. Needs sts:TagSession in both accounts."
        ),
    )
    event_queue_url: str | None = Field(default=None, description="URL of an SQS queue that EventBridge feeds.")

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

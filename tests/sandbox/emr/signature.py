"""Who signed a request, when, and for which region. The signature itself is not verified. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.sandbox.emr.errors import ServiceError
from tests.sandbox.emr.settings import Settings

CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256 +Credential=([^/,\s]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")
STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Caller:
    access_key: str
    account: str
    region: str
    principal: str


UNKNOWN = Caller("", "", "", "")


def caller(authorization: str | None, settings: Settings) -> Caller:
    if not authorization:
        raise ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
    hit = CREDENTIAL.match(authorization)
    if hit is None:
        raise ServiceError("IncompleteSignatureException", "Authorization header is not complete.", 403)
    key, _, region, service = hit.groups()
    if service != "emr-containers":
        said = f"Credential should be scoped to correct service: 'emr-containers'. Got '{service}'."
        raise ServiceError("InvalidSignatureException", said, 403)
    account = settings.accounts.get(key, settings.account)
    kind = "sts" if settings.principal.startswith("assumed-role/") else "iam"
    return Caller(key, account, region, f"arn:aws:{kind}::{account}:{settings.principal}")


def _stamp(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime(STAMP)


def check_date(stamp: str | None, now: float, tolerance: float) -> None:
    """Requests signed more than five minutes ago, or ahead, are refused. `now` is real time."""
    try:
        signed = datetime.strptime(stamp or "", STAMP).replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        said = "Date in X-Amz-Date must be in the form YYYYMMDD'T'HHMMSS'Z'."
        raise ServiceError("IncompleteSignatureException", said, 403) from error
    minutes = f"{tolerance / 60:g} min."
    if signed < now - tolerance:
        limit = _stamp(now - tolerance)
        said = f"Signature expired: {stamp} is now earlier than {limit} ({_stamp(now)} - {minutes})"
        raise ServiceError("InvalidSignatureException", said, 403)
    if signed > now + tolerance:
        limit = _stamp(now + tolerance)
        said = f"Signature not yet current: {stamp} is still later than {limit} ({_stamp(now)} + {minutes})"
        raise ServiceError("InvalidSignatureException", said, 403)

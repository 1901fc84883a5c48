"""What the service demands of StartJobRun beyond its model. Pure."""

import re
from typing import Any

from tests.sandbox.emr.errors import ServiceError, denied, validation

RELEASE = re.compile(r"emr-(\d+)\.(\d+)\.")
SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMG])", re.IGNORECASE)
UNITS = {"K": 1024.0, "M": 1024.0**2, "G": 1024.0**3}
LOG_URI = "configurationOverrides.monitoringConfiguration.s3MonitoringConfiguration.logUri"
ROTATION = "configurationOverrides.monitoringConfiguration.containerLogRotationConfiguration.rotationSize"
MOST_ATTEMPTS = 2147483647
ACCOUNT_IN_ROLE = re.compile(r"arn:[^:]*:iam::(\d{12}):")


def _complete(request: dict[str, Any]) -> None:
    missing = [m for m in ("executionRoleArn", "releaseLabel", "jobDriver") if m not in request]
    if missing and "jobTemplateId" not in request:
        raise validation(f"{', '.join(missing)} must be provided when jobTemplateId is not provided.")


def _one_driver(request: dict[str, Any]) -> None:
    if "jobDriver" in request and len(request["jobDriver"]) != 1:
        raise validation("Exactly one job driver must be specified at jobDriver.")


def _monitoring(request: dict[str, Any]) -> None:
    monitoring = request.get("configurationOverrides", {}).get("monitoringConfiguration", {})
    uri = monitoring.get("s3MonitoringConfiguration", {}).get("logUri", "s3://")
    if not uri.startswith("s3://"):
        raise validation(f"{LOG_URI} failed to satisfy constraint : logUri should be in the format of s3://...")
    size = monitoring.get("containerLogRotationConfiguration", {}).get("rotationSize", "1M")
    number, unit = SIZE.match(size).groups()  # type: ignore[union-attr]  # the model's pattern holds
    if not 2 * UNITS["K"] <= float(number) * UNITS[unit.upper()] <= 2 * UNITS["G"]:
        raise validation(f"{ROTATION} failed to satisfy constraint : must be between 2KB and 2GB")


def _retries(request: dict[str, Any]) -> None:
    policy = request.get("retryPolicyConfiguration")
    if policy is None:
        return
    if not 1 <= policy["maxAttempts"] <= MOST_ATTEMPTS:
        where = "retryPolicyConfiguration.maxAttempts"
        raise validation(f"{where} must be between 1 and {MOST_ATTEMPTS}.")
    release = RELEASE.match(request.get("releaseLabel", ""))
    if release and (int(release[1]), int(release[2])) < (6, 9):
        raise validation("retryPolicyConfiguration is supported from release emr-6.9.0 on.")


def check(request: dict[str, Any]) -> None:
    """The request as it came in."""
    _complete(request)
    _one_driver(request)
    _monitoring(request)
    _retries(request)


def foreign_role(request: dict[str, Any], account: str, principal: str, resource: str) -> ServiceError | None:
    """Submitter and execution role must belong to the same account."""
    role = ACCOUNT_IN_ROLE.match(request.get("executionRoleArn", ""))
    if role and role[1] != account:
        return denied(principal, "StartJobRun", resource)
    return None


def unsupported_classification(request: dict[str, Any], known: tuple[str, ...] | None) -> str | None:
    """Told only after the run was accepted: it then fails with VALIDATION_ERROR."""
    listed = request.get("configurationOverrides", {}).get("applicationConfiguration", [])
    names = [item["classification"] for item in listed]
    return next((name for name in names if known is not None and name not in known), None)


def start_timeout(request: dict[str, Any], default: float) -> float:
    """Seconds in SUBMITTED, from classification emr-containers-defaults, property job-start-timeout."""
    for item in request.get("configurationOverrides", {}).get("applicationConfiguration", []):
        value = item.get("properties", {}).get("job-start-timeout", "")
        if item["classification"] == "emr-containers-defaults" and value.isdecimal():
            return float(value)
    return default

"""From a spec to the arguments of StartJobRun, and to what follows from them. Pure: no I/O, no clock."""

import hashlib
import json
import re
from typing import Any, Final

from emrjobs.api.job_run.spec import EmrJobRunSpec, PartialSpec
from emrjobs.api.job_run.status import LogLocations

NAME_LIMIT: Final = 64
"""The service's limit for the name of a job run."""

_FOREIGN: Final = re.compile(r"[^._/#A-Za-z0-9-]")
_DIGEST: Final = 8


def start_job_run(spec: EmrJobRunSpec, *, object_name: str, client_token: str) -> dict[str, Any]:
    """The arguments of StartJobRun. The token is always set: without one boto3 would send a random one."""
    return {**request(spec, object_name=object_name), "clientToken": client_token}


def request(spec: EmrJobRunSpec, *, object_name: str) -> dict[str, Any]:
    """The request without its token: the name, and those members of the spec that AWS is sent, as written."""
    sent = spec.model_dump(by_alias=True, exclude_none=True, exclude=_own_attributes())
    return {"name": job_name(spec, object_name), **sent}


def digest(spec: EmrJobRunSpec, object_name: str) -> str:
    """SHA-256 of the request without its token, in hexadecimal digits. The order of keys has no part in it."""
    text = json.dumps(request(spec, object_name=object_name), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def job_name(spec: PartialSpec, object_name: str) -> str:
    """The name of the job run: the spec's own, or the object's, fitted to what the service takes."""
    return spec.name if spec.name is not None else _fitted(object_name)


def log_locations(spec: EmrJobRunSpec, virtual_cluster_id: str, run_id: str) -> LogLocations:
    """Where the logs of this run go, as far as the request says it; a template may say more.

    The layout below the prefix is AWS's own: <virtual cluster>/jobs/<run>/containers/….
    """
    overrides = spec.configuration_overrides
    monitoring = overrides.monitoring_configuration if overrides else None
    if monitoring is None:
        return LogLocations()
    folder = f"{virtual_cluster_id}/jobs/{run_id}/"
    s3, cloud_watch = monitoring.s3_monitoring_configuration, monitoring.cloud_watch_monitoring_configuration
    return LogLocations.model_validate(
        {
            "s3Uri": s3 and _joined(s3.log_uri, folder),
            "cloudWatchLogGroup": cloud_watch and cloud_watch.log_group_name,
            "cloudWatchLogStreamPrefix": cloud_watch and _joined(cloud_watch.log_stream_name_prefix or "", folder),
        }
    )


def _own_attributes() -> set[str]:
    own = EmrJobRunSpec.own_members()
    return {name for name, field in EmrJobRunSpec.model_fields.items() if field.alias in own}


def _fitted(object_name: str) -> str:
    """Deterministic, and still told apart when two long names begin alike."""
    clean = _FOREIGN.sub("-", object_name)
    if clean == object_name and 0 < len(object_name) <= NAME_LIMIT:
        return object_name
    digest = hashlib.sha256(object_name.encode()).hexdigest()[:_DIGEST]
    return f"{clean[: NAME_LIMIT - _DIGEST - 1]}-{digest}"


def _joined(prefix: str, rest: str) -> str:
    return f"{prefix.rstrip('/')}/{rest}" if prefix else rest

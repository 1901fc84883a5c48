"""Tags by ARN: of virtual clusters and job runs, which is all that the model lets through. Pure."""

import re
from typing import Any

from tests.sandbox.emr.errors import not_found, validation
from tests.sandbox.emr.region import Region

RESOURCE = re.compile(r"arn:[^:]*:emr-containers:[^:]*:\d{12}:/virtualclusters/([^/]+)(?:/jobruns/([^/]+))?")
MOST_TAGS = 50


def _tags_of(region: Region, arn: str) -> dict[str, str]:
    hit = RESOURCE.fullmatch(arn)
    cluster = region.clusters.get(hit[1]) if hit else None
    if hit and hit[2] is None and cluster is not None and cluster.arn == arn:
        return cluster.tags
    run = region.runs.get(hit[2]) if hit and hit[2] else None
    if run is not None and run.arn == arn and not run.forgotten:
        return run.tags
    raise not_found(f"Resource {arn} doesn't exist.")


def tag(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    tags = _tags_of(region, request["resourceArn"])
    if len({**tags, **request["tags"]}) > MOST_TAGS:
        raise validation(f"A resource can have at most {MOST_TAGS} tags.")
    tags.update(request["tags"])
    return {}


def untag(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    tags = _tags_of(region, request["resourceArn"])
    for key in request["tagKeys"]:
        tags.pop(key, None)
    return {}


def listed(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    return {"tags": _tags_of(region, request["resourceArn"])}

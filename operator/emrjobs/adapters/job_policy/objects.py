"""EmrJobPolicies and namespaces between the API server's JSON and values. Never raises on what an object holds."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from emrjobs.api.job_policy.status import EmrJobPolicyStatus
from emrjobs.core.job_policy.namespaces import NamespaceResource
from emrjobs.core.job_policy.resource import PolicyResource, read_policy


def policy_of(raw: Mapping[str, Any], known: PolicyResource | None = None, *, selectors: bool) -> PolicyResource:
    """The policy. A spec of the same generation as the ``known`` one is the same, and is not compiled again."""
    metadata = raw["metadata"]
    uid, name, generation = metadata["uid"], metadata["name"], metadata.get("generation", 1)
    deleting = "deletionTimestamp" in metadata
    if known is not None and (known.uid, known.generation, known.deleting) == (uid, generation, deleting):
        reading = known.reading
    else:
        reading = read_policy(name, generation, raw.get("spec"), selectors=selectors, deleting=deleting)
    return PolicyResource(
        uid=uid,
        name=name,
        resource_version=metadata["resourceVersion"],
        generation=generation,
        reading=reading,
        status=_status(raw.get("status")),
        finalizers=tuple(metadata.get("finalizers", ())),
        deleting=deleting,
    )


def _status(raw: object) -> EmrJobPolicyStatus:
    """One that cannot be read is written anew."""
    try:
        return EmrJobPolicyStatus.model_validate(raw if isinstance(raw, Mapping) else {})
    except ValidationError:
        return EmrJobPolicyStatus()


def namespace_of(raw: Mapping[str, Any], _: NamespaceResource | None = None) -> NamespaceResource:
    """The namespace, of which nothing but its labels counts."""
    metadata = raw["metadata"]
    return NamespaceResource(
        uid=metadata["uid"],
        name=metadata["name"],
        resource_version=metadata["resourceVersion"],
        labels=dict(metadata.get("labels") or {}),
    )

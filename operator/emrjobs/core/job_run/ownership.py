"""Which job runs are an installation's own: by the tags that it put on them, and by their client tokens. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from emrjobs.api import tags
from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.job_run.spec import DeletionPolicy
from emrjobs.api.kind import Kind
from emrjobs.core.job_run.resource import Resource

_TOKEN: Final = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-[0-9]{1,10})?")
_NAMESPACE: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NAME: Final = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


@dataclass(frozen=True, slots=True)
class Owner:
    """The object that a run was started for."""

    kind: ClassVar[Kind] = EMR_JOB_RUN
    resource_version: ClassVar[str] = ""
    namespace: str
    name: str
    uid: str

    def log_fields(self) -> dict[str, str]:
        """What log lines call it."""
        return {"object": f"{self.namespace}/{self.name}", "uid": self.uid}


def tagged(request: Mapping[str, Any], resource: Resource, installation: str | None) -> dict[str, Any]:
    """The request with the tags by which its run is known when the object is gone.

    Without them where the run is meant to outlive its object, and where the spec's own leave no room. A tenant's own
    tags never claim to be this installation's.
    """
    if installation is None:
        return dict(request)
    given = request.get("tags") or {}
    own = {key: value for key, value in given.items() if (key, value) != (tags.INSTALLATION, installation)}
    marked = own | {tags.INSTALLATION: installation, tags.NAMESPACE: resource.namespace, tags.NAME: resource.name}
    if resource.lifecycle.deletion_policy is DeletionPolicy.RETAIN or len(marked) > tags.MOST:
        marked = own
    return {**request, "tags": marked} if marked != given else dict(request)


def without_marks(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A spec without the tags that only the operator gives."""
    given = spec.get("tags")
    if not given:
        return dict(spec)
    own = {key: value for key, value in given.items() if not key.startswith(tags.PREFIX)}
    rest = {member: value for member, value in spec.items() if member != "tags"}
    return {**rest, "tags": own} if own else rest


def tagged_owner(token: str | None, given: Mapping[str, str], installation: str | None) -> Owner | None:
    """The owner that the tags name, if they are those of that installation and well-formed."""
    uid = uid_of(token)
    namespace, name = given.get(tags.NAMESPACE, ""), given.get(tags.NAME, "")
    ours = installation is not None and given.get(tags.INSTALLATION) == installation
    if not ours or uid is None or not _NAMESPACE.fullmatch(namespace) or not _NAME.fullmatch(name):
        return None
    return Owner(namespace, name, uid)


def uid_of(token: str | None) -> str | None:
    """The uid that a client token of ours begins with, whatever the attempt."""
    match = _TOKEN.fullmatch(token or "")
    return match[1] if match else None

"""What a container's security context asks for, laid over its pod's and its image's. Pure."""

from dataclasses import dataclass
from typing import Any

from tests.sandbox.pods.environment import Unusable
from tests.sandbox.pods.images import Image

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the container is. Seccomp profiles and limits of resources are not played."""

    user: int
    group: int
    groups: tuple[int, ...]
    read_only: bool
    drop_capabilities: bool
    may_gain_privileges: bool


def identity(pod: Json, container: Json, image: Image) -> Identity:
    """Raises `Unusable` where root is refused and asked for."""
    of_pod = pod["spec"].get("securityContext") or {}
    given = {**of_pod, **(container.get("securityContext") or {})}
    user = given.get("runAsUser", image.user)
    if given.get("runAsNonRoot") and user == 0:
        raise Unusable("container has runAsNonRoot and image will run as root")
    groups = [*of_pod.get("supplementalGroups", [])]
    groups += [of_pod["fsGroup"]] if "fsGroup" in of_pod else []
    return Identity(
        user=user,
        group=given.get("runAsGroup", image.group if user == image.user else 0),
        groups=tuple(groups),
        read_only=given.get("readOnlyRootFilesystem", False),
        drop_capabilities="ALL" in given.get("capabilities", {}).get("drop", []),
        may_gain_privileges=given.get("allowPrivilegeEscalation", True),
    )

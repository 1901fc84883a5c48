"""A namespace as the API server last showed it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final, Self

from emrjobs.api.kind import Kind
from emrjobs.api.model import StatusModel

NAMESPACE: Final = Kind("Namespace", "namespaces", "namespace", "ns", "", namespaced=False, group="", version="v1")
"""Read only."""


@dataclass(frozen=True, slots=True)
class NamespaceResource:
    """Its labels, which policies may select by."""

    kind: ClassVar[Kind] = NAMESPACE
    namespace: ClassVar[str] = ""
    generation: ClassVar[int] = 1
    finalizers: ClassVar[tuple[str, ...]] = ()
    deleting: ClassVar[bool] = False
    finished: ClassVar[bool] = False
    status: ClassVar[StatusModel] = StatusModel()
    uid: str
    name: str
    resource_version: str
    labels: Mapping[str, str] = field(default_factory=dict)
    exists: bool = True

    def gone(self) -> Self:
        """The same namespace, deleted."""
        return replace(self, exists=False)

    def log_fields(self) -> dict[str, str]:
        """Its name."""
        return {"namespace": self.name, "uid": self.uid}

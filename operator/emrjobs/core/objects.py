"""What every kind's objects have in common, as the shared parts see them. Pure."""

from typing import Protocol, Self

from emrjobs.api.kind import Kind
from emrjobs.api.model import StatusModel


class ObjectReference(Protocol):
    """Names one object of one of our kinds, whether it still exists or not."""

    @property
    def kind(self) -> Kind:
        """What it is."""

    @property
    def uid(self) -> str: ...

    @property
    def namespace(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def resource_version(self) -> str:
        """Guards every write. Empty where no version is known."""

    def log_fields(self) -> dict[str, str]:
        """What log lines call it. Never anything that its spec holds."""


class KubernetesObject(ObjectReference, Protocol):
    """An object of one of our kinds, as the API server last showed it."""

    @property
    def generation(self) -> int: ...

    @property
    def finalizers(self) -> tuple[str, ...]: ...

    @property
    def status(self) -> StatusModel: ...

    @property
    def deleting(self) -> bool:
        """Whether it waits for its finalizers to go."""

    @property
    def exists(self) -> bool:
        """False once the API server no longer has it."""

    @property
    def finished(self) -> bool:
        """Whether it has reached its end, so that nothing more needs to be remembered of it."""

    def gone(self) -> Self:
        """The same object, deleted."""

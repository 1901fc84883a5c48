"""What a pass over an object of any kind can decide to do at the API server. Pure.

A kind adds effects of its own. At most one effect is carried out per pass, and each is safe to repeat.
"""

from dataclasses import dataclass
from datetime import datetime

from emrjobs.api.model import StatusModel


@dataclass(frozen=True, slots=True)
class Event:
    """A Kubernetes Event that goes with a transition. It never holds values of the spec."""

    reason: str
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class PatchStatus:
    """Write the status, guarded by uid and resourceVersion."""

    status: StatusModel
    event: Event | None = None
    intent: bool = False
    """Whether it records something that is about to be done, rather than something that has happened."""


@dataclass(frozen=True, slots=True)
class AddFinalizer:
    """Add the finalizer of the object's kind."""


@dataclass(frozen=True, slots=True)
class RemoveFinalizer:
    """Remove the finalizer of the object's kind."""


@dataclass(frozen=True, slots=True)
class DeleteObject:
    """Delete this very version of the object."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do until the object changes, or that time comes."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Forget:
    """The object is gone, and nothing is owed."""


ObjectEffect = PatchStatus | AddFinalizer | RemoveFinalizer | DeleteObject
"""Effects on the object itself."""

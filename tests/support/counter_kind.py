"""A kind of two rules, which knows nothing of EMR: what a second kind needs to be served by the shared parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import Field

from emrjobs.api.conditions import Condition
from emrjobs.api.crd import Column, CustomResource
from emrjobs.api.kind import GROUP, Kind
from emrjobs.api.model import StatusModel
from emrjobs.api.request_model import RequestModel
from emrjobs.api.structural import lower
from emrjobs.core.effects import AddFinalizer, Event, Forget, ObjectEffect, PatchStatus, RemoveFinalizer, Wait
from emrjobs.runtime.object_writer import ObjectWriter
from emrjobs.runtime.store import Entry

COUNTER = Kind("Counter", "counters", "counter", "ctr", f"{GROUP}/counter")
CounterEntry = Entry["Counter", int]
"""The memory is how many passes acted."""


class CounterSpec(RequestModel):
    target: int = Field(description="The number to count to.")


class CounterStatus(StatusModel):
    observed_generation: int | None = Field(default=None, description="The newest generation acted on.")
    count: int = Field(default=0, description="The number reached.")
    conditions: tuple[Condition, ...] = Field(default=(), description="None so far.")


@dataclass(frozen=True, slots=True)
class Counter:
    """An object of the kind."""

    kind: ClassVar[Kind] = COUNTER
    uid: str
    namespace: str
    name: str
    resource_version: str
    generation: int
    target: int
    status: CounterStatus
    finalizers: tuple[str, ...]
    deleting: bool
    exists: bool = True

    @property
    def finished(self) -> bool:
        return False

    def gone(self) -> Self:
        return replace(self, exists=False)

    def log_fields(self) -> dict[str, str]:
        return {"object": f"{self.namespace}/{self.name}"}


def parse(raw: Mapping[str, Any], _: Counter | None) -> Counter:
    metadata = raw["metadata"]
    return Counter(
        uid=metadata["uid"],
        namespace=metadata["namespace"],
        name=metadata["name"],
        resource_version=metadata["resourceVersion"],
        generation=metadata.get("generation", 1),
        target=raw.get("spec", {}).get("target", 0),
        status=CounterStatus.model_validate(raw.get("status", {})),
        finalizers=tuple(metadata.get("finalizers", ())),
        deleting="deletionTimestamp" in metadata,
    )


def ending(counter: Counter) -> ObjectEffect | Wait | Forget | None:
    """It is gone, or going."""
    if not counter.exists:
        return Forget()
    if counter.deleting:
        return RemoveFinalizer() if COUNTER.finalizer in counter.finalizers else Wait()
    return None if COUNTER.finalizer in counter.finalizers else AddFinalizer()


def counting(counter: Counter) -> ObjectEffect | Wait | Forget | None:
    """One step at a time."""
    if counter.status.count >= counter.target:
        return Wait()
    status = CounterStatus(observed_generation=counter.generation, count=counter.status.count + 1)
    event = Event("Counted", "The target was reached") if status.count == counter.target else None
    return PatchStatus(status, event)


RULES: tuple[Callable[[Counter], ObjectEffect | Wait | Forget | None], ...] = (ending, counting)


@dataclass(frozen=True, slots=True)
class CounterReconciler:
    """See ``controller.Reconciler``."""

    writer: ObjectWriter[Counter, int]

    def decide(self, entry: CounterEntry, _: datetime) -> tuple[str, ObjectEffect | Wait | Forget]:
        found = ((rule.__name__, decision) for rule in RULES if (decision := rule(entry.resource)) is not None)
        return next(found)

    async def act(self, entry: CounterEntry, effect: ObjectEffect) -> bool:
        entry.memory += 1
        await self.writer.write(entry, effect)
        return True

    def tolerated_delay(self, entry: CounterEntry, _: datetime) -> float:
        return 0.0 if entry.resource.deleting else 1.0

    def unwritten(self, _: CounterEntry) -> bool:
        return False

    def resting(self, resource: Counter) -> None: ...

    def status_refused(self, resource: Counter) -> None: ...

    def forgotten(self, uid: str) -> None: ...


def custom_resource() -> CustomResource:
    columns = (Column("Count", "integer", ".status.count", "The number reached."),)
    return CustomResource(COUNTER, "Counts.", lower(CounterSpec), lower(CounterStatus, enums=False), columns)

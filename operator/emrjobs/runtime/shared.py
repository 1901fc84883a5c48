"""What the parts of every kind use of one process."""

from dataclasses import dataclass

from emrjobs.adapters.kube import Kube
from emrjobs.runtime.event_recorder import EventRecorder
from emrjobs.runtime.gate import Gate
from emrjobs.runtime.health import FailureStreak
from emrjobs.settings import Settings


@dataclass(frozen=True, slots=True)
class Shared:
    """One of each."""

    settings: Settings
    kube: Kube
    gate: Gate
    event_recorder: EventRecorder
    kube_health: FailureStreak

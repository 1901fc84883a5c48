"""What is known of one call besides its outcome. Pure."""

from dataclasses import dataclass
from datetime import datetime

from emrjobs.core.backoff import Backoff
from emrjobs.core.job_run.timing import Timing


@dataclass(frozen=True, slots=True)
class Moment:
    """When the request was sent, when the answer came, and a random sample in [0, 1) for back-offs."""

    asked_at: datetime
    now: datetime
    sample: float
    timing: Timing
    generation: int
    token: str = ""
    """The token that the object's run carries."""

    def after(self, backoff: Backoff, failures: int) -> datetime:
        """When to try again."""
        return self.now + backoff.delay(failures, self.sample)

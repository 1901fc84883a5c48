"""Every duration that the rules use, in one value. Pure; the settings fill it."""

from dataclasses import dataclass
from datetime import timedelta

from emrjobs.core.backoff import Backoff


@dataclass(frozen=True, slots=True)
class Timing:
    """Defaults are the product's; tests shorten them through the settings."""

    grace: timedelta = timedelta(seconds=330)
    """A request of ours can be accepted no later than this after it was signed, and be seen in lists.

    AWS refuses signatures older than 5 minutes; 30 seconds more are for lists that lag."""
    clock_margin: timedelta = timedelta(minutes=15)
    """How far before the recorded intent a search for the run begins."""
    token_trust: timedelta = timedelta(hours=1)
    """How long AWS is trusted to remember a token. Past it, look before sending again."""
    search: Backoff = Backoff(timedelta(seconds=2), timedelta(seconds=60))
    """Between two searches for a run that was perhaps started."""
    permit: timedelta = timedelta(seconds=30)
    """How long a place in the rate limit is kept for an object."""
    patience: timedelta = timedelta(seconds=3)
    """A wait longer than this is shown as QUEUED."""
    retry: Backoff = Backoff(timedelta(seconds=1), timedelta(minutes=2))
    """After answers that pass by themselves, and while a virtual cluster is busy."""
    kube_retry: Backoff = Backoff(timedelta(seconds=1), timedelta(seconds=30))
    """Between passes that the API server, or an error of our own, cut short."""
    unclear_retry: Backoff = Backoff(timedelta(seconds=15), timedelta(minutes=10))
    """After a refusal in unknown words."""
    denied_retry: Backoff = Backoff(timedelta(minutes=10), timedelta(minutes=10))
    """After a refusal for lack of rights: every 5 to 10 minutes."""
    denied_patience: timedelta = timedelta(minutes=2)
    """How long a denial may be IAM that has not spread yet."""
    cancel_again: timedelta = timedelta(seconds=30)
    """No second CancelJobRun for an attempt before this."""
    poll: Backoff = Backoff(timedelta(seconds=2), timedelta(seconds=15))
    """Between two describes of a run that lists do not show though it goes on."""
    unlisted: timedelta = timedelta(seconds=10)
    """A run that no list has shown so long after its acceptance is described."""
    listing: timedelta = timedelta(minutes=2)
    """A run that was seen needs no describe before that: lists show what becomes of it."""
    gone_again: timedelta = timedelta(minutes=1)
    """AWS must deny knowing a run twice, this far apart."""

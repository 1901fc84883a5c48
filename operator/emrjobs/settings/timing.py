"""The durations of a run's life: how often it is looked at, when something is tried again, what is waited for."""

from datetime import timedelta

from pydantic import Field

from emrjobs.core.backoff import Backoff
from emrjobs.core.job_run.timing import Timing
from emrjobs.settings.group import Group, Seconds


class PollingSettings(Group):
    """How often AWS is asked about runs."""

    poll_interval: Seconds = Field(
        default=timedelta(seconds=2),
        gt=timedelta(0),
        description="Seconds between two lists of a virtual cluster, where quotas allow.",
    )
    poll_interval_longest: Seconds = Field(
        default=timedelta(seconds=15), description="Longest seconds between two lists of a virtual cluster."
    )
    poll_interval_hinted: Seconds = Field(
        default=timedelta(minutes=1), description="Seconds between two lists while the event queue works."
    )
    unlisted: Seconds = Field(
        default=timedelta(seconds=10),
        description="Seconds until an accepted run that no list shows is described.",
    )


class RetrySettings(Group):
    """When something that failed is tried again."""

    retry_first: Seconds = Field(default=timedelta(seconds=1), description="Seconds of the first back-off.")
    retry_longest: Seconds = Field(default=timedelta(minutes=2), description="Seconds of the longest back-off.")
    kube_retry_first: Seconds = Field(
        default=timedelta(seconds=1), description="Seconds of the first back-off after a write that failed."
    )
    kube_retry_longest: Seconds = Field(
        default=timedelta(seconds=30), description="Longest seconds between two tries of a write to the API server."
    )
    denied_patience: Seconds = Field(
        default=timedelta(minutes=2),
        description="Seconds that a denial may last before the object is REJECTED.",
    )
    denied_retry: Seconds = Field(
        default=timedelta(minutes=10),
        description="Longest seconds between two tries of a denied request (half of it at least).",
    )
    unclear_retry_longest: Seconds = Field(
        default=timedelta(minutes=10),
        description="Longest seconds between two tries after an unclear refusal.",
    )


class SubmissionSettings(Group):
    """What makes a submission exactly one."""

    grace: Seconds = Field(
        default=timedelta(seconds=330),
        description="Seconds after which a request that was perhaps sent can have started nothing that no list shows.",
    )
    clock_margin: Seconds = Field(
        default=timedelta(minutes=15),
        description="Seconds before the recorded intent at which a search for its run begins.",
    )
    search_first: Seconds = Field(
        default=timedelta(seconds=2),
        description="Seconds between the first searches for a run that was perhaps started.",
    )
    search_longest: Seconds = Field(
        default=timedelta(minutes=1), description="Longest seconds between two such searches."
    )
    queued_after: Seconds = Field(
        default=timedelta(seconds=3), description="Seconds of waiting after which an object shows QUEUED."
    )
    turn_kept: Seconds = Field(
        default=timedelta(seconds=30), description="Seconds that a place in the rate limit is kept for an object."
    )
    token_trust: Seconds = Field(
        default=timedelta(hours=1), description="Seconds that AWS is trusted to remember a client token."
    )
    cancel_again: Seconds = Field(
        default=timedelta(seconds=30),
        description="Seconds before a cancellation that did nothing is sent again.",
    )
    gone_again: Seconds = Field(
        default=timedelta(minutes=1), description="Seconds between the two answers that make a run LOST."
    )
    effect_limit: Seconds = Field(
        default=timedelta(seconds=15),
        description="A write to AWS is not sent later than this after it was decided.",
    )


class TimingSettings(SubmissionSettings, RetrySettings, PollingSettings):
    """All of them."""

    def timing(self) -> Timing:
        """The durations that the rules use."""
        retry = Backoff(self.retry_first, self.retry_longest)
        return Timing(
            grace=self.grace,
            clock_margin=self.clock_margin,
            search=Backoff(self.search_first, self.search_longest),
            patience=self.queued_after,
            permit=self.turn_kept,
            token_trust=self.token_trust,
            retry=retry,
            kube_retry=Backoff(self.kube_retry_first, self.kube_retry_longest),
            unclear_retry=Backoff(self.retry_first * 15, self.unclear_retry_longest),
            denied_retry=Backoff(self.denied_retry, self.denied_retry),
            denied_patience=self.denied_patience,
            cancel_again=self.cancel_again,
            poll=Backoff(self.poll_interval, self.poll_interval_longest),
            unlisted=self.unlisted,
            listing=max(self.poll_interval_longest, self.poll_interval_hinted) * 2,
            gone_again=self.gone_again,
        )

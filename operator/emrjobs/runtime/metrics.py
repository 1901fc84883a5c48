"""Every metric: name, labels and meaning."""

from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

_WAITS: Final = (0.1, 1, 3, 10, 30, 60, 120, 300, 600, 1800)


def _waits(registry: CollectorRegistry) -> Histogram:
    meaning = "Seconds that calls waited for the rate limit."
    return Histogram("emrjobs_line_seconds", meaning, ["operation"], registry=registry, buckets=_WAITS)


class Metrics:
    """One set per registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.passes = Counter("emrjobs_passes", "Passes, by the rule that decided.", ["rule"], registry=registry)
        self.pass_errors = Counter("emrjobs_pass_errors", "Passes that failed by a bug.", ["error"], registry=registry)
        self.kube_writes = Counter(
            "emrjobs_kube_writes", "Writes to the API server, by kind.", ["kind"], registry=registry
        )
        self.kube_errors = Counter(
            "emrjobs_kube_errors", "Writes that the API server did not take.", ["status"], registry=registry
        )
        self.conflicts = Counter("emrjobs_kube_conflicts", "Writes answered with 409.", registry=registry)
        self.aws_calls = Counter(
            "emrjobs_aws_calls", "Calls to EMR on EKS, by result.", ["operation", "result"], registry=registry
        )
        self.aws_seconds = Histogram(
            "emrjobs_aws_call_seconds", "How long calls to EMR on EKS took.", ["operation"], registry=registry
        )
        self.line_seconds = _waits(registry)
        self.policy_file_errors = Counter(
            "emrjobs_policy_file_errors", "Contents of the policy file that could not be used.", registry=registry
        )
        self.orphans = Counter(
            "emrjobs_orphaned_runs", "Job runs that were cancelled because their object was gone.", registry=registry
        )
        self.policy_refusals = Counter(
            "emrjobs_policy_refusals", "Requests that policies refused.", ["reason", "field"], registry=registry
        )
        misfits = "Objects whose status the API server refuses: they do not fit the CRD."
        self.refused_objects = Counter("emrjobs_refused_objects", misfits, registry=registry)
        self.list_passes = Counter(
            "emrjobs_list_passes", "Complete lists of the active runs of a virtual cluster.", registry=registry
        )
        self.hints = Counter("emrjobs_hints", "Messages of the event queue, by use.", ["result"], registry=registry)
        self.unknown_codes = Counter(
            "emrjobs_aws_unknown_codes",
            "Error codes without a row of their own.",
            ["operation", "code"],
            registry=registry,
        )
        self.events_dropped = Counter("emrjobs_events_dropped", "Kubernetes Events not posted.", registry=registry)
        self.resyncs = Counter("emrjobs_resyncs", "Comparisons with the API server.", ["result"], registry=registry)


METRICS: Final = Metrics(REGISTRY)

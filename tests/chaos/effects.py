"""What an operator asks of the API server and of the endpoint, told apart from outside. Pure.

Its effects are the writes to objects, StartJobRun and CancelJobRun. Events, the Lease and all reads are not.
"""

import json
import re
from dataclasses import dataclass

from emrjobs.api.job_run.kind import EMR_JOB_RUN, FINALIZER
from emrjobs.api.kind import GROUP, VERSION

_OBJECT = re.compile(rf"^/apis/{GROUP}/{VERSION}/namespaces/([^/]+)/{EMR_JOB_RUN.plural}/([^/]+?)(/status)?$")
_RUNS = re.compile(r"^/virtualclusters/([^/]+)/jobruns(?:/([^/]+))?$")
_LEASE = re.compile(r"^/apis/coordination\.k8s\.io/")
START, CANCEL = "StartJobRun", "CancelJobRun"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `key` is the object's name or the virtual cluster's id; tests make them one and the same."""

    front: str  # "kube" or "emr"
    kind: str  # "write", "read", "watch", "event", "lease"
    key: str
    label: str
    namespace: str = ""
    token: str = ""  # of StartJobRun


def at_kube(method: str, path: str, watching: bool, body: bytes) -> Ask:
    """A request to the API server."""
    found = _OBJECT.match(path)
    if found and method == "PATCH":
        label = _status_label(body) if found[3] else _main_label(body)
        return Ask("kube", "write", found[2], label, found[1])
    if found:
        return Ask("kube", "read", found[2], "get", found[1])
    if watching:
        return Ask("kube", "watch", "", "watch")
    if path.endswith("/events") and method == "POST":
        return Ask("kube", "event", "", "event")
    if _LEASE.match(path):
        return Ask("kube", "lease", "", f"lease {method}")
    return Ask("kube", "read", "", f"{method} {path}")


def at_emr(method: str, path: str, body: bytes) -> Ask:
    """A request to EMR on EKS."""
    found = _RUNS.match(path)
    key = found[1] if found else ""
    if found and method == "POST":
        return Ask("emr", "write", key, START, token=str(json.loads(body).get("clientToken", "")))
    if found and method == "DELETE":
        return Ask("emr", "write", key, CANCEL)
    return Ask("emr", "read", key, "describe" if found and found[2] else "list")


def _main_label(body: bytes) -> str:
    finalizers = json.loads(body).get("metadata", {}).get("finalizers") or []
    return "hold" if FINALIZER in finalizers else "release"


def _status_label(body: bytes) -> str:
    """By what the patch is for: the intent, the run's id, a cancellation, a state."""
    status = json.loads(body).get("status", {})
    for member, label in (("clientToken", "intent"), ("cancellation", "cancellation"), ("id", "accepted")):
        if status.get(member):
            return label
    return str(status.get("state") or "status")

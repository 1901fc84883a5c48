"""Finds the EmrJobRuns with an active run by target and virtual cluster, or by the run's id. No I/O."""

from collections.abc import Callable, Mapping

from emrjobs.core.job_run.resource import Resource
from emrjobs.runtime.aws.target import TargetKey


class RunIndex:
    """The runs of ours that have not ended. An index of the store."""

    def __init__(self, key_of: Callable[[Resource], TargetKey]) -> None:
        self._key_of = key_of
        self._active: dict[TargetKey, dict[str, dict[str, tuple[str, ...]]]] = {}

    def targets(self) -> tuple[TargetKey, ...]:
        """The targets with active runs."""
        return tuple(self._active)

    def clusters(self, target: TargetKey) -> tuple[str, ...]:
        """The virtual clusters of a target with active runs."""
        return tuple(self._active.get(target, ()))

    def active(self, target: TargetKey, cluster: str) -> Mapping[str, tuple[str, ...]]:
        """The active runs of that virtual cluster: by run id, the uids of the objects whose status names it.

        More than one where somebody wrote the id of another's run: whose it is, its token tells.
        """
        return self._active.get(target, {}).get(cluster, {})

    def uids_of(self, run_id: str) -> tuple[str, ...]:
        """The objects that name an active run."""
        clusters = (runs for target in self._active.values() for runs in target.values())
        return next((runs[run_id] for runs in clusters if run_id in runs), ())

    def insert(self, resource: Resource) -> None:
        """A version of an object is known from now on."""
        status = resource.status
        if status.id and status.virtual_cluster_id and not status.finished and not status.between_attempts:
            clusters = self._active.setdefault(self._key_of(resource), {})
            runs = clusters.setdefault(status.virtual_cluster_id, {})
            runs[status.id] = (*runs.get(status.id, ()), resource.uid)

    def remove(self, resource: Resource) -> None:
        """A version of an object is known no more."""
        status, key = resource.status, self._key_of(resource)
        clusters = self._active.get(key, {})
        runs = clusters.get(status.virtual_cluster_id or "")
        if runs is None or status.id is None:
            return
        left = tuple(uid for uid in runs.get(status.id, ()) if uid != resource.uid)
        if left:
            runs[status.id] = left
        else:
            runs.pop(status.id, None)
        if not runs:
            del clusters[status.virtual_cluster_id or ""]
        if not clusters:
            self._active.pop(key, None)

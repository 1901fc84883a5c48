"""Finds the EmrJobRuns with an active run by target and virtual cluster, or by the run's id. No I/O."""

from collections.abc import Mapping

from emrjobs.core.job_run.resource import Resource
from emrjobs.core.job_run.target import Target, TargetKey
from emrjobs.runtime.aws.target import Locate


class RunIndex:
    """The runs of ours that have not ended. An index of the store."""

    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self._active: dict[TargetKey | None, dict[str, dict[str, tuple[str, ...]]]] = {}
        """Under None those that AWS cannot be asked about."""
        self._keys: dict[str, TargetKey | None] = {}
        """Of the active runs, by the uids of their objects: where a run belongs can change."""

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
            key = self._keys[resource.uid] = self._key_of(resource)
            runs = self._active.setdefault(key, {}).setdefault(status.virtual_cluster_id, {})
            runs[status.id] = (*runs.get(status.id, ()), resource.uid)

    def remove(self, resource: Resource) -> None:
        """A version of an object is known no more."""
        status, key = resource.status, self._keys.pop(resource.uid, None)
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

    def relocate(self, resource: Resource) -> bool:
        """The policies have changed; whether the active run of an object belongs to another target now."""
        if resource.uid not in self._keys or self._keys[resource.uid] == self._key_of(resource):
            return False
        self.remove(resource)
        self.insert(resource)
        return True

    def _key_of(self, resource: Resource) -> TargetKey | None:
        target = self._locate(resource)
        return target.key if isinstance(target, Target) else None
